//! The way from a text to its syntax tree, on a stack that is known beforehand to do.
//!
//! The parser and all that walks its tree recurse, and a text from outside may be nested as deep as it is long. [`Parsable`] is
//! a text whose nesting was bounded by a look at its tokens (`nesting`); only such a text is parsed, on a thread whose stack
//! is as large as that bound asks for.

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use super::nesting::{Language, levels};
use super::syntax::Syntax;

/// Longer files are not read: bundles end well before.
const LONGEST: usize = 32 << 20;
/// Deeper nesting than this is nobody's program, but could be somebody's attack on a recursive parser.
const MOST_LEVELS: usize = 100_000;
/// What a level takes of the stack, at most. Measured with oxc 0.95 on x86-64 over some seventy kinds of nesting: 2,067
/// bytes a token unoptimised (`${`), 1,426 optimised; most kinds take a tenth of that.
const STACK_PER_LEVEL: usize = 4 << 10;
/// What it takes apart from that.
const STACK: usize = 4 << 20;

/// A text of which it is known that it can be parsed on a stack that there is.
pub(super) struct Parsable {
    kind: SourceType,
    levels: usize,
}

impl Parsable {
    /// `None` for a text that could lead a recursive parser too deep.
    pub(super) fn of(path: &str, text: &str) -> Option<Self> {
        let kind = match SourceType::from_path(path) {
            Ok(kind) if kind.is_typescript() => kind,
            _ if path.ends_with(".mjs") => SourceType::mjs(),
            _ => SourceType::unambiguous(),
        };
        if text.len() > LONGEST {
            return None;
        }
        let language = match (kind.is_jsx(), kind.is_typescript()) {
            (true, _) => Language::Tags,
            (false, true) => Language::TypeScript,
            (false, false) => Language::JavaScript,
        };
        let levels = levels(text, language, MOST_LEVELS)?;
        Some(Self { kind, levels })
    }

    /// Runs `ask` on the parsed text, if it parses.
    pub(super) fn ask<R: Send>(&self, text: &str, ask: impl FnOnce(&Syntax<'_>) -> R + Send) -> Option<R> {
        let (kind, levels) = (self.kind, self.levels);
        let run = move || {
            let allocator = Allocator::default();
            let parsed = Parser::new(&allocator, text, kind).parse();
            if parsed.panicked {
                return None;
            }
            let built = SemanticBuilder::new().build(&parsed.program);
            let syntax = Syntax {
                semantic: &built.semantic,
                text,
                #[cfg(any(test, fuzzing))]
                levels,
            };
            Some(ask(&syntax))
        };
        let stack = STACK + levels * STACK_PER_LEVEL;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, run).ok()?;
            thread.join().ok()?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way found so far to nest without an end, and more: what is repeated, what it ends with, and what each needs to
    /// be closed.
    const NESTINGS: [(&str, &str, &str); 58] = [
        ("[", "", "]"),
        ("(", "1", ")"),
        ("{", "", "}"),
        ("x={a:", "1", "}"),
        ("({a:", "1", "})"),
        ("`${", "a", "}`"),
        ("[...", "a", "]"),
        ("([a=", "1", "])"),
        ("(a=", "1", ")=>1"),
        ("import(", "a", ")"),
        ("f(", "", ")"),
        ("a=>", "a", ""),
        ("()=>", "a", ""),
        ("async a=>", "a", ""),
        ("a=>{", "", "}"),
        ("a=>({b:", "1", "})"),
        ("if(a);else ", ";", ""),
        ("if(a)b,c\nelse l:", ";", ""),
        ("if(a)", ";", ""),
        ("new ", "a", ""),
        ("for(;;)", ";", ""),
        ("for(a in b)", ";", ""),
        ("for(a of b)", ";", ""),
        ("while(a)", ";", ""),
        ("with(a)", ";", ""),
        ("do ", ";", "while(a);"),
        ("a:", ";", ""),
        ("try{", "", "}finally{}"),
        ("switch(a){case 1:", "", "}"),
        ("!", "a", ""),
        ("- ", "a", ""),
        ("~", "a", ""),
        ("typeof ", "a", ""),
        ("void ", "a", ""),
        ("delete ", "a", ""),
        ("await ", "a", ""),
        ("yield ", "a", ""),
        ("++", "a", ""),
        ("a?b:", "c", ""),
        ("a?", "b", ":c"),
        ("a**", "b", ""),
        ("x=", "y", ""),
        ("a+", "b", ""),
        ("a||", "b", ""),
        ("a??", "b", ""),
        ("a.", "b", ""),
        ("", "a", "()"),
        ("", "a", "[0]"),
        ("", "a", "?.b"),
        ("", "a", "``"),
        ("function a(){", "", "}"),
        ("class extends ", "a{}", "{}"),
        ("(class{[", "1", "]})"),
        ("class A{a=", "1", "}"),
        ("class A{static{", "", "}}"),
        ("({get a(){return ", "1", "}})"),
        ("@", "class A{}", ""),
        ("@(", "a", ")"),
    ];

    /// The same for TypeScript: before, what is repeated, its end, and what closes each.
    const TYPED: [(&str, &str, &str, &str); 9] = [
        ("", "<a>", "b", ""),
        ("", "", "a", " as b"),
        ("", "", "a", "!"),
        ("let x:", "A<", "b", ">"),
        ("type A=", "keyof ", "b", ""),
        ("type A=", "a extends b?c:", "d", ""),
        ("type A=", "()=>", "a", ""),
        ("type A=", "", "b", "[]"),
        ("", "namespace A{", "", "}"),
    ];

    fn nested(times: usize) -> impl Iterator<Item = (&'static str, String)> {
        let nest = move |before: &str, open: &str, end: &str, close: &str| {
            [before, &open.repeat(times), end, &close.repeat(times)].concat()
        };
        let plain = NESTINGS.iter().flat_map(move |(open, end, close)| {
            let text = nest("", open, end, close);
            ["a.js", "a.ts"].map(|path| (path, text.clone()))
        });
        let typed = TYPED.iter().flat_map(move |(before, open, end, close)| {
            let text = nest(before, open, end, close);
            std::iter::once(("a.ts", text))
        });
        let jsx = [("<a>", "", "</a>"), ("<a>{", "1", "}</a>"), ("<a b=", "1", "")];
        plain
            .chain(typed)
            .chain(jsx.into_iter().map(move |(open, end, close)| ("a.tsx", nest("", open, end, close))))
    }

    /// A text may be beyond the bound; if it is not, the stack must do, and the tree be as deep as was told.
    fn survives(path: &str, text: &str) {
        if let Some(parsable) = Parsable::of(path, text) {
            parsable.ask(text, |syntax| syntax.ask_everything());
        }
    }

    #[test]
    fn no_nesting_overflows_the_stack() {
        for times in [1_000_000, MOST_LEVELS / 4, 1_000] {
            for (path, text) in nested(times) {
                survives(path, &text);
            }
        }
    }

    /// The bound of a long text leaves out what has ended; such a text is put before each.
    #[test]
    fn no_nesting_behind_much_else_overflows_the_stack() {
        let before = "f(a, b);\n".repeat(10_000);
        for times in [MOST_LEVELS, MOST_LEVELS / 8] {
            for (_, text) in nested(times) {
                survives("a.js", &(before.clone() + &text));
            }
        }
    }

    #[test]
    fn a_long_program_is_parsed_however_long_it_is() {
        let text = "function f(a) { if (a) { return g(a, [1, 2]) } return `${a}` / 2; }\n".repeat(60_000);
        assert!(Parsable::of("a.js", &text).unwrap().ask(&text, |syntax| syntax.named("f")).is_some());
    }
}
