//! The way from a text to the facts of its syntax tree, on a stack that is known beforehand to do.
//!
//! The parser and all that walks its tree recurse, and a text from outside may be nested as deep as it is long. So its
//! nesting is bounded by a look at its tokens (`nesting`), and only a text with a bound is parsed, on a thread whose stack
//! is as large as that bound asks for. The facts are taken there as well, and are all that comes back.

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use super::index::Index;
use super::nesting::{Language, levels};

/// Longer files are not read: bundles end well before.
const LONGEST: usize = 32 << 20;
/// Deeper nesting than this is nobody's program, but could be somebody's attack on a recursive parser.
const MOST_LEVELS: usize = 100_000;
/// What a level takes of the stack, at most. Measured with oxc 0.95 on x86-64 over some seventy kinds of nesting: 2,067
/// bytes a token unoptimised (`${`), 1,426 optimised; most kinds take a tenth of that.
const STACK_PER_LEVEL: usize = 4 << 10;
/// What it takes apart from that.
const STACK: usize = 4 << 20;

/// Why nothing is known of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It could lead a recursive parser too deep, or is too large.
    TooDeep,
    /// It does not parse.
    NoProgram,
}

/// What the syntax tree of a text says. The path tells its language.
pub(super) fn index(path: &str, text: &str) -> Result<Index, Unread> {
    let (kind, levels) = bound(path, text).ok_or(Unread::TooDeep)?;
    let stack = STACK + levels * STACK_PER_LEVEL;
    let index = std::thread::scope(|scope| {
        let run = || parse(text, kind);
        let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, run).ok()?;
        thread.join().ok()?
    });
    index.ok_or(Unread::NoProgram)
}

/// As what a text is read, and how many levels it has at most; `None` if that could be too many.
fn bound(path: &str, text: &str) -> Option<(SourceType, usize)> {
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
    Some((kind, levels(text, language, MOST_LEVELS)?))
}

/// Must run on a stack that does for the text.
fn parse(text: &str, kind: SourceType) -> Option<Index> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    if parsed.panicked {
        return None;
    }
    let built = SemanticBuilder::new().build(&parsed.program);
    Some(Index::of(&built.semantic, text))
}

/// A text may be beyond the bound; if it is not, the stack must do, and the tree be as deep as was told.
#[cfg(any(test, fuzzing))]
pub(super) fn survives(path: &str, text: &str) {
    let Some((_, levels)) = bound(path, text) else { return };
    if let Ok(index) = index(path, text) {
        // Two nodes a token are the most that any syntax makes.
        assert!(index.depth <= 2 * levels + 20, "{} deep, {levels} told", index.depth);
        index.ask_everything(text);
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
        assert!(index("a.js", &text).is_ok_and(|index| index.named("f").is_some()));
    }
}
