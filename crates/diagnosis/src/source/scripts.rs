//! Which script a number stands for, and where the code of a context is, from the snapshot alone.
//!
//! A closure has a location (script, line, column) and leads over `shared` to its script, whose node is named by the
//! path or URL. A context has neither; the closures that share it do.

use leakhunt_heap::{EdgeType, Location as Spot, NodeType};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::findings::Location;
use crate::graph::{Graph, Node};

/// V8 writes so many characters of a string.
const WRITTEN: usize = 1024;
/// So many characters tell whether two texts are the same.
const COMPARED: usize = 1000;

/// So many closures tell where the code of a context is.
const MOST_CLOSURES: usize = 64;
/// So far out from a closure its contexts are looked at.
const MOST_CONTEXTS: u8 = 8;

/// What packages lie in.
const MODULES: &str = "node_modules/";

/// Whose code a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Author {
    /// Node's own, or V8's.
    Node,
    /// A package under `node_modules`.
    Library,
    /// The program itself.
    User,
}

/// Scripts by number, and the functions written in them.
#[derive(Default)]
pub(crate) struct Scripts {
    names: FxHashMap<u32, String>,
    /// The files of CommonJS modules: of one that has run and left no function there is no script.
    modules: Vec<(String, Node)>,
    functions: FxHashMap<Spot, String>,
    beginnings: Beginnings,
    /// The closures of each context, by place in the source, those that see it as their innermost first.
    of_context: FxHashMap<Node, Vec<Spot>>,
    /// Where, in the program's own files, a bundler has put code of packages.
    bundled: FxHashSet<Spot>,
}

impl Scripts {
    pub(crate) fn of(graph: Graph<'_>) -> Self {
        let mut scripts = Self { modules: modules(graph), ..Self::default() };
        let mut of_context: FxHashMap<Node, Closures> = FxHashMap::default();
        for closure in graph.nodes().filter(|node| graph.kind(*node) == NodeType::Closure) {
            let Some(spot) = graph.spot(closure) else { continue };
            if !scripts.names.contains_key(&spot.script_id) {
                let name = script_name(graph, closure).unwrap_or_default();
                if author_of(&name) != Author::Node
                    && let Some(text) = beginning(graph, closure)
                {
                    scripts.beginnings.0.insert(display_path(&name), text);
                }
                scripts.names.insert(spot.script_id, name);
            }
            let name = graph.name(closure);
            if !name.is_empty() {
                scripts.functions.entry(spot).or_insert_with(|| name.into_owned());
            }
            let mut context = graph.internal(closure, "context");
            for between in 0..MOST_CONTEXTS {
                let Some(at) = context.filter(|at| graph.name(*at) == "system / Context") else { break };
                of_context.entry(at).or_default().add(between, spot);
                context = graph.internal(at, "previous");
            }
        }
        scripts.of_context = of_context.into_iter().map(|(at, closures)| (at, closures.spots())).collect();
        scripts
    }

    pub(crate) fn name(&self, script: u32) -> Option<&str> {
        self.names.get(&script).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// Whose the code at a spot is.
    pub(crate) fn author(&self, spot: Spot) -> Author {
        match self.author_of_script(spot.script_id) {
            Author::User if self.bundled.contains(&spot) => Author::Library,
            author => author,
        }
    }

    pub(crate) fn author_of_script(&self, script: u32) -> Author {
        self.name(script).map_or(Author::Node, author_of)
    }

    /// Whether a script is one of Node's own. Code that was evaluated has no name, and may be anybody's.
    pub(crate) fn is_nodes(&self, script: u32) -> bool {
        self.name(script).is_some_and(|name| name.starts_with("node:") || name.starts_with("internal/"))
    }

    /// Tells the spots that are a library's, though they are in a file of the program: bundled.
    pub(crate) fn set_bundled(&mut self, bundled: FxHashSet<Spot>) {
        self.bundled = bundled;
    }

    /// The name of the function written at a spot.
    pub(crate) fn function(&self, spot: Spot) -> Option<&str> {
        self.functions.get(&spot).map(String::as_str)
    }

    /// What the snapshot has of the scripts' texts, for who looks for those.
    pub(crate) fn take_beginnings(&mut self) -> Beginnings {
        std::mem::take(&mut self.beginnings)
    }

    /// The program's own scripts, by name.
    pub(crate) fn of_user(&self) -> impl Iterator<Item = &str> {
        self.those(|name| author_of(name) == Author::User)
    }

    /// The CommonJS modules, by file.
    pub(crate) fn modules(&self) -> &[(String, Node)] {
        &self.modules
    }

    /// The scripts of the package that a file of `node_modules` belongs to, by name.
    pub(crate) fn of_package(&self, file: &str) -> impl Iterator<Item = &str> {
        let folder = package_folder(file);
        let is_there = |folder: &str, name: &str| {
            name.contains(folder) && package_folder(&display_path(name)) == Some(folder)
        };
        self.those(|name| folder.is_some_and(|folder| is_there(folder, name)))
    }

    /// The scripts of packages of these names, by name.
    pub(crate) fn of_packages(&self, packages: &[&str]) -> impl Iterator<Item = &str> {
        self.those(|name| package_name(name).is_some_and(|package| packages.contains(&package)))
    }

    fn those(&self, are: impl Fn(&str) -> bool) -> std::vec::IntoIter<&str> {
        let modules = self.modules.iter().map(|(file, _)| file);
        let mut names: Vec<&str> = self.names.values().chain(modules).map(String::as_str).collect();
        names.retain(|name| are(name));
        names.sort_unstable();
        names.dedup();
        names.into_iter()
    }

    /// Where closures that share a context are written, one script's only.
    pub(crate) fn of_context(&self, context: Node) -> &[Spot] {
        self.of_context.get(&context).map_or(&[], Vec::as_slice)
    }

    /// The place as people write it: a path, counted from 1.
    pub(crate) fn location(&self, spot: Spot, function: Option<String>) -> Option<Location> {
        let file = display_path(self.name(spot.script_id)?);
        let (line, column) = spot.from_one()?;
        Some(Location { file, line, column, function, from: None })
    }
}

/// Some of the closures of a context. What is written in inner functions says less exactly where a context is: a bundle's
/// package has functions enough to hide the few of the program.
#[derive(Default)]
struct Closures {
    /// With so many contexts between.
    found: Vec<(u8, Spot)>,
    /// The most that lie between, once there are enough of them.
    farthest: u8,
}

impl Closures {
    fn add(&mut self, between: u8, spot: Spot) {
        if self.found.len() < MOST_CLOSURES {
            self.farthest = self.farthest.max(between);
            self.found.push((between, spot));
        } else if between < self.farthest
            && let Some(farthest) = self.found.iter_mut().max_by_key(|(between, _)| *between)
        {
            *farthest = (between, spot);
            self.farthest = self.found.iter().map(|(between, _)| *between).max().unwrap_or(0);
        }
    }

    fn spots(mut self) -> Vec<Spot> {
        self.found.sort_by_key(|(between, _)| *between);
        self.found.into_iter().map(|(_, spot)| spot).collect()
    }
}

/// Of each script's text as much as the snapshot has, by the script's path.
#[derive(Default)]
pub(crate) struct Beginnings(FxHashMap<String, String>);

impl Beginnings {
    /// As much of a script's text as there is and can be parsed.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(|text| whole_statements(text))
    }

    /// Whether that is all of it.
    pub(crate) fn is_whole(&self, path: &str) -> bool {
        self.0.get(path).is_some_and(|text| text.chars().count() < WRITTEN)
    }

    /// Whether a text is that of the script which ran under this path, as far as the snapshot can tell; if not, it was made
    /// into another one while it was loaded, and no position says anything about it.
    pub(crate) fn is_of(&self, path: &str, text: &str) -> bool {
        let Some(ran) = self.0.get(path) else { return true };
        // Where Node itself strips types it leaves blanks, and what V8 cannot write down is no difference.
        let same =
            |(ran, text): (char, char)| ran == text || matches!(ran, ' ' | ';' | char::REPLACEMENT_CHARACTER);
        ran.chars().take(COMPARED).zip(text.trim_start_matches('\u{feff}').chars()).all(same)
    }
}

/// Whose code a script of this name is.
pub(crate) fn author_of(name: &str) -> Author {
    // A page's script is run by a package, and no line of the program.
    let is_of_page = name.starts_with("http://") || name.starts_with("https://");
    if is_of_page || name.contains("/node_modules/") || name.contains("\\node_modules\\") {
        Author::Library
    } else if is_path(name) {
        Author::User
    } else {
        Author::Node
    }
}

/// The package under `node_modules` that a script belongs to, the innermost one; a bundler's map leads to it by `..`.
pub(crate) fn package_name(script: &str) -> Option<&str> {
    let folder = package_folder(script)?;
    Some(&folder[folder.rfind(MODULES)? + MODULES.len()..])
}

/// The folder of that package.
pub(crate) fn package_folder(script: &str) -> Option<&str> {
    let start = script.rfind(MODULES)? + MODULES.len();
    let inside = &script[start..];
    let parts = if inside.starts_with('@') { 2 } else { 1 };
    let end = inside.match_indices('/').nth(parts - 1).map_or(inside.len(), |(end, _)| end);
    Some(&script[..start + end])
}

/// `file:` URLs as paths, everything else as it is.
pub(crate) fn display_path(name: &str) -> String {
    let Some(path) = name.strip_prefix("file://") else { return name.to_owned() };
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = (byte == b'%').then(|| tail.get(..2)).flatten();
        let code = code
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Node's own scripts are called `node:fs` or `internal/timers`; evaluated ones have no name.
fn is_path(name: &str) -> bool {
    let internal = name.starts_with("node:") || name.starts_with("internal/");
    !internal && (name.contains(['/', '\\']) || name.ends_with(".js"))
}

fn modules(graph: Graph<'_>) -> Vec<(String, Node)> {
    // Names are compared once each.
    let mut names: FxHashMap<u32, bool> = FxHashMap::default();
    let mut is_module = |node: &Node| {
        graph.kind(*node) == NodeType::Object
            && *names
                .entry(graph.snapshot().name_index(*node))
                .or_insert_with(|| graph.name(*node) == "Module")
    };
    let modules = graph.nodes().filter(|node| is_module(node));
    let files = modules.filter_map(|module| Some((graph.property(module, "filename")?, module)));
    files
        .filter(|(file, _)| graph.kind(*file).is_string())
        .map(|(file, module)| (graph.name(file).into_owned(), module))
        .collect()
}

fn script(graph: Graph<'_>, closure: Node) -> Option<Node> {
    let shared = graph.internal(closure, "shared")?;
    graph.internal(shared, "script").or_else(|| graph.internal(shared, "script_or_debug_info"))
}

/// The text of a closure's script, of which V8 writes the first 1,024 characters.
fn beginning(graph: Graph<'_>, closure: Node) -> Option<String> {
    let source =
        graph.internal(script(graph, closure)?, "source").filter(|node| graph.kind(*node).is_string())?;
    Some(graph.name(source).into_owned())
}

/// A text up to the last line that ends outside of all brackets, so that it parses, if V8 has cut it.
fn whole_statements(text: &str) -> &str {
    if text.chars().count() < WRITTEN {
        return text;
    }
    let (mut depth, mut end) = (0_i32, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'\n' if depth == 0 => end = at + 1,
            _ => {}
        }
    }
    &text[..end]
}

fn script_name(graph: Graph<'_>, closure: Node) -> Option<String> {
    let script = script(graph, closure)?;
    let name = graph.name(script);
    if !name.is_empty() && !name.starts_with("system /") {
        return Some(name.into_owned());
    }
    graph
        .internal(script, "name")
        .filter(|name| graph.kind(*name).is_string())
        .map(|name| graph.name(name).into_owned())
        .or_else(|| source_url(graph, script))
}

/// What `//# sourceURL=` calls a script that was evaluated, as bundlers do while a program is developed: of the strings to
/// which V8 gives no name the one that is not its source map.
fn source_url(graph: Graph<'_>, script: Node) -> Option<String> {
    graph
        .edges(script)
        .filter(|edge| edge.kind == EdgeType::Hidden && graph.kind(edge.to).is_string())
        .map(|edge| graph.name(edge.to).into_owned())
        .find(|url| !url.starts_with("data:") && !url.ends_with(".map"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_package_of_a_script_counts() {
        for (script, expected) in [
            ("/app/node_modules/lru-cache/dist/index.js", Some(("lru-cache", "/app/node_modules/lru-cache"))),
            ("/app/node_modules/@scope/cache/a.js", Some(("@scope/cache", "/app/node_modules/@scope/cache"))),
            (
                "/app/node_modules/express/node_modules/qs/lib/parse.js",
                Some(("qs", "/app/node_modules/express/node_modules/qs")),
            ),
            (
                "/app/node_modules/.pnpm/ajv@8.17.1/node_modules/ajv/dist/ajv.js",
                Some(("ajv", "/app/node_modules/.pnpm/ajv@8.17.1/node_modules/ajv")),
            ),
            ("/app/server.js", None),
        ] {
            assert_eq!(package_name(script).zip(package_folder(script)), expected, "{script}");
        }
    }

    #[test]
    fn a_context_is_where_the_closures_are_that_see_it_as_their_innermost() {
        let spot = |line| Spot { script_id: 1, line, column: 0 };
        let mut closures = Closures::default();
        // A package's inner functions come first, and are more than are kept.
        for line in 0..100 {
            closures.add(1, spot(line));
        }
        for line in [900, 901] {
            closures.add(0, spot(line));
        }
        closures.add(2, spot(902));
        let spots = closures.spots();
        let mut first: Vec<u32> = spots[..2].iter().map(|spot| spot.line).collect();
        first.sort_unstable();
        assert_eq!((spots.len(), first), (MOST_CLOSURES, vec![900, 901]));
    }

    #[test]
    fn a_text_that_did_not_run_is_told_from_one_that_did() {
        let ran = |text: &str| Beginnings(FxHashMap::from_iter([("/app/a.ts".to_owned(), text.to_owned())]));
        let written = "type Id = number;\nconst a: Id = 1;\n";
        assert!(ran(written).is_of("/app/a.ts", written));
        assert!(ran("                 \nconst a     = 1;\n").is_of("/app/a.ts", written), "types stripped");
        assert!(!ran("const a=1;").is_of("/app/a.ts", written), "transpiled");
        assert!(ran("const a=1;").is_of("/app/b.ts", written), "nothing is known of it");
    }
}
