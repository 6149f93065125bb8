//! The Rust files of the workspace as the rules see them: each parsed once, without what only a test compiles.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// One file of a crate's `src`, or of its tests.
pub(super) struct File {
    /// From the top of the repository, with `/`.
    pub(super) path: String,
    /// How many lines it has, those of its tests included.
    pub(super) lines: usize,
    /// What it says outside its tests; empty for a file that only a test compiles.
    pub(super) code: Code,
}

/// What the code of a file says that a rule asks for.
#[derive(Default)]
pub(super) struct Code {
    /// Modules declared in files of their own.
    pub(super) modules: Vec<String>,
    /// Names that the file defines.
    pub(super) defined: Vec<String>,
    pub(super) imports: Vec<Import>,
    /// Paths as they are written, those in the arguments of macros included.
    pub(super) paths: Vec<Path>,
    pub(super) methods: Vec<(String, usize)>,
    pub(super) functions: Vec<Function>,
    /// What a person may come to read, and the line where it stands.
    pub(super) texts: Vec<(String, usize)>,
}

/// A name that `use` brings into the file.
pub(super) struct Import {
    pub(super) path: Path,
    /// `None` for `*`.
    pub(super) name: Option<String>,
    /// `pub use`, in whatever degree.
    pub(super) passed_on: bool,
}

pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    /// From `fn` to the closing brace, both included.
    pub(super) lines: usize,
}

impl File {
    /// # Errors
    /// Where the text is not Rust.
    pub(super) fn parse(path: &str, text: &str) -> syn::Result<Self> {
        let syntax = syn::parse_file(text)?;
        let mut reader = Reader::default();
        if compiled(&syntax.attrs) {
            reader.visit_file(&syntax);
        }
        Ok(Self { path: path.to_owned(), lines: text.lines().count(), code: reader.code })
    }

    /// The folder of the crate, for a file that is compiled into it.
    pub(super) fn product(&self) -> Option<(&str, &str)> {
        let (name, inside) = self.path.strip_prefix("crates/")?.split_once('/')?;
        Some((name, inside.strip_prefix("src/")?))
    }
}

#[derive(Default)]
struct Reader {
    code: Code,
    /// How many modules with a body of their own the reader is in.
    depth: usize,
    /// Within an item whose doc comments clap prints as help.
    help: bool,
}

impl Reader {
    /// A path that stands in a module with a body of its own counts as one of the file's.
    fn path(&mut self, mut segments: Vec<String>, span: Span) -> Path {
        for _ in 0..self.depth {
            if segments.first().is_some_and(|first| first == "super") {
                segments.remove(0);
            }
        }
        if self.depth > 0 && segments.first().is_some_and(|first| first == "self") {
            segments.remove(0);
        }
        Path { segments, line: span.start().line }
    }

    fn import(&mut self, tree: &syn::UseTree, before: &[String], passed_on: bool) {
        let mut path = before.to_vec();
        let (name, span) = match tree {
            syn::UseTree::Path(step) => {
                path.push(step.ident.to_string());
                return self.import(&step.tree, &path, passed_on);
            }
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, &path, passed_on));
            }
            syn::UseTree::Glob(glob) => (None, glob.star_token.spans[0]),
            syn::UseTree::Name(name) => {
                path.push(name.ident.to_string());
                (Some(name.ident.to_string()), name.ident.span())
            }
            syn::UseTree::Rename(rename) => {
                path.push(rename.ident.to_string());
                (Some(rename.rename.to_string()), rename.ident.span())
            }
        };
        // `use a::b::{self}` names b.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = match name {
            Some(name) if name == "self" => path.last().cloned(),
            name => name,
        };
        let path = self.path(path, span);
        self.code.imports.push(Import { path, name, passed_on });
    }

    /// Paths and texts among the arguments of a macro or an attribute, which are not parsed but are read by token.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = Span::call_site();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.token_path(&mut path, line);
                        line = ident.span();
                    }
                    path.push(ident.to_string());
                }
                TokenTree::Group(group) => {
                    self.token_path(&mut path, line);
                    self.tokens(group.stream());
                }
                TokenTree::Literal(literal) => {
                    self.token_path(&mut path, line);
                    let line = literal.span().start().line;
                    if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                        self.code.texts.push((text.value(), line));
                    }
                }
                TokenTree::Punct(_) => self.token_path(&mut path, line),
            }
            colons = 0;
        }
        self.token_path(&mut path, line);
    }

    fn token_path(&mut self, path: &mut Vec<String>, span: Span) {
        if !path.is_empty() {
            let path = self.path(std::mem::take(path), span);
            self.code.paths.push(path);
        }
    }

    fn function(&mut self, name: &syn::Ident, from: Span, block: &syn::Block) {
        let line = from.start().line;
        let lines = block.brace_token.span.close().end().line + 1 - line;
        self.code.functions.push(Function { name: name.to_string(), line, lines });
    }

    fn define(&mut self, name: &syn::Ident) {
        self.code.defined.push(name.to_string());
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !compiled(attributes(item)) {
            return;
        }
        let help = std::mem::replace(&mut self.help, clap_prints(attributes(item)));
        match item {
            syn::Item::Const(item) => self.define(&item.ident),
            syn::Item::Enum(item) => self.define(&item.ident),
            syn::Item::Fn(item) => {
                self.define(&item.sig.ident);
                self.function(&item.sig.ident, item.sig.fn_token.span, &item.block);
            }
            syn::Item::Macro(item) => item.ident.iter().for_each(|name| self.define(name)),
            syn::Item::Static(item) => self.define(&item.ident),
            syn::Item::Struct(item) => self.define(&item.ident),
            syn::Item::Trait(item) => self.define(&item.ident),
            syn::Item::Type(item) => self.define(&item.ident),
            syn::Item::Union(item) => self.define(&item.ident),
            syn::Item::Mod(item) if item.content.is_none() => self.code.modules.push(item.ident.to_string()),
            syn::Item::Mod(item) => self.define(&item.ident),
            syn::Item::Use(item) => {
                let passed_on = !matches!(item.vis, syn::Visibility::Inherited);
                self.import(&item.tree, &[], passed_on);
            }
            _ => {}
        }
        let inside = usize::from(matches!(item, syn::Item::Mod(module) if module.content.is_some()));
        self.depth += inside;
        visit::visit_item(self, item);
        self.depth -= inside;
        self.help = help;
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        if let syn::ImplItem::Fn(function) = item {
            if !compiled(&function.attrs) {
                return;
            }
            self.function(&function.sig.ident, function.sig.fn_token.span, &function.block);
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        if let syn::TraitItem::Fn(function) = item
            && let Some(block) = &function.default
        {
            self.function(&function.sig.ident, function.sig.fn_token.span, block);
        }
        visit::visit_trait_item(self, item);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if compiled(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if compiled(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if compiled(&field.attrs) {
            visit::visit_field_value(self, field);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if compiled(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if compiled(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        let attributes: &[syn::Attribute] = match expression {
            syn::Expr::Block(block) => &block.attrs,
            syn::Expr::Call(call) => &call.attrs,
            syn::Expr::MethodCall(call) => &call.attrs,
            syn::Expr::If(condition) => &condition.attrs,
            _ => &[],
        };
        if compiled(attributes) {
            visit::visit_expr(self, expression);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        // A lint's reason is for who reads the code.
        if ["expect", "allow", "cfg"].iter().any(|name| attribute.path().is_ident(name)) {
            return;
        }
        match &attribute.meta {
            syn::Meta::List(list) => self.tokens(list.tokens.clone()),
            syn::Meta::NameValue(pair) if !attribute.path().is_ident("doc") || self.help => {
                self.visit_expr(&pair.value);
            }
            _ => {}
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let span = path.segments.first().map_or_else(Span::call_site, |segment| segment.ident.span());
        let found = self.path(segments, span);
        self.code.paths.push(found);
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.code.methods.push((call.method.to_string(), call.method.span().start().line));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.code.texts.push((text.value(), text.span().start().line));
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// Whether the product has what these attributes stand before: not a test, and nothing that only tests or fuzzing compile.
fn compiled(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().all(|attribute| match attribute.path().get_ident() {
        Some(name) if name == "test" => false,
        Some(name) if name == "cfg" => {
            let condition = attribute.parse_args::<syn::Meta>();
            condition.map_or(true, |condition| holds(&condition) != Some(false))
        }
        _ => true,
    })
}

/// What a condition is in the product; `None` where it depends on the machine.
fn holds(condition: &syn::Meta) -> Option<bool> {
    let list = match condition {
        syn::Meta::List(list) => list,
        meta => return (meta.path().is_ident("test") || meta.path().is_ident("fuzzing")).then_some(false),
    };
    let within = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
    let values: Vec<Option<bool>> = list.parse_args_with(within).ok()?.iter().map(holds).collect();
    // `all` is settled by one that does not hold, `any` by one that does.
    let settled_by = |decides| {
        let all_known = values.iter().all(Option::is_some);
        values.contains(&Some(decides)).then_some(decides).or(all_known.then_some(!decides))
    };
    match list.path.get_ident()?.to_string().as_str() {
        "not" => values.first().copied().flatten().map(|value| !value),
        "all" => settled_by(false),
        "any" => settled_by(true),
        _ => None,
    }
}

fn clap_prints(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut prints = false;
        if attribute.path().is_ident("derive") {
            // What cannot be parsed derives nothing that clap prints.
            let _ = attribute.parse_nested_meta(|derived| {
                let name =
                    derived.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                prints |= ["Parser", "Args", "Subcommand", "ValueEnum"].contains(&name.as_str());
                Ok(())
            });
        }
        prints
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::ExternCrate(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::ForeignMod(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::TraitAlias(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Union(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        File::parse("crates/a/src/lib.rs", text).expect("it is Rust").code
    }

    fn paths(text: &str) -> Vec<String> {
        code(text).paths.iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn a_test_among_the_code_hides_nothing_behind_it() {
        let code =
            code("#[cfg(test)] mod browser; fn a() { b::c() } #[cfg(test)] mod tests { fn t() { d::e() } }");
        assert!(code.modules.is_empty());
        assert_eq!(code.functions.len(), 1);
        assert_eq!(code.paths.len(), 1, "b::c alone");
    }

    #[test]
    fn what_only_tests_compile_is_left_out() {
        assert!(paths("#[cfg(all(test, unix))] fn a() { b::c() }").is_empty());
        assert!(paths("#[cfg(any(test, fuzzing))] fn a() { b::c() }").is_empty());
        assert!(paths("#[test] fn a() { b::c() }").is_empty());
        assert!(paths("impl X { #[cfg(test)] fn a() { b::c() } }").iter().all(|path| path == "X"));
        assert_eq!(paths("#[cfg(not(test))] fn a() { b::c() }"), ["b::c"]);
        assert_eq!(paths("#[cfg(any(test, unix))] fn a() { b::c() }"), ["b::c"]);
    }

    #[test]
    fn paths_are_found_in_macros_and_attributes_too() {
        assert_eq!(paths("fn a() { println!(\"{}\", crate::b::c(x)) }"), ["crate::b::c", "x", "println"]);
        assert!(paths("#[error(\"{}\", crate::b::c(.0))] struct E;").contains(&"crate::b::c".to_owned()));
    }

    #[test]
    fn a_module_with_a_body_is_part_of_its_file() {
        assert_eq!(paths("mod inner { fn a() { super::super::b::c() } }"), ["super::b::c"]);
    }

    #[test]
    fn texts_are_what_a_person_may_read() {
        let texts =
            |text| code(text).texts.into_iter().map(|(text, _)| text.trim().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            texts("/// For us.\nfn a() { b(\"two\\\n   lines\"); println!(\"seen\") }"),
            ["twolines", "seen"]
        );
        assert_eq!(texts("#[derive(clap::Args)] struct A { /// Help\n a: u8 }"), ["Help"]);
        assert_eq!(texts("#[error(\"why\")] #[expect(dead_code, reason = \"ours\")] struct E;"), ["why"]);
    }

    #[test]
    fn a_function_is_counted_from_fn_to_its_brace() {
        let code = code("/// Doc.\n#[inline]\npub fn a(\n  b: u8,\n) {\n}\n");
        assert_eq!((code.functions[0].line, code.functions[0].lines), (3, 4));
    }
}
