//! The text of one script: its lines, its source map, and what its syntax tree says, each found out once.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use leakhunt_heap::from_one;
use oxc_span::Span;
use rustc_hash::FxHashMap;

use super::index::{Index, slice};
use super::map::Map;
use super::parse::{Unread, index};
use super::place::{Original, Place, join};
use super::scripts::package_folder;
use crate::findings::Location;

/// From the path or URL of a script or source map to its text.
pub type Resolve<'r> = dyn Fn(&str) -> Option<String> + 'r;

/// What of the texts was left out because of what it could do here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeftOut {
    /// A script that is too large, or could be nested too deep.
    Script(String),
    /// The source map of a script: it cannot be read.
    SourceMap(String),
}

pub(super) struct Text {
    pub(super) path: String,
    pub(super) text: String,
    /// It is what people wrote, but not what ran: positions say nothing, names must do.
    pub(super) is_transpiled: bool,
    /// It is all of the script's text: what is not in it is nowhere.
    pub(super) is_whole: bool,
    lines: Lines,
    map: Option<Map>,
    /// There is a source map, but it cannot be read.
    is_map_unread: bool,
    index: OnceCell<Result<Index, Unread>>,
    /// The texts in the source map that were asked about, by number.
    originals: RefCell<FxHashMap<u32, Rc<Contents>>>,
}

/// A text that a source map holds.
struct Contents {
    path: String,
    lines: Lines,
    index: Result<Index, Unread>,
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }
}

impl Text {
    pub(super) fn new(path: &str, text: String, is_transpiled: bool, resolve: &Resolve<'_>) -> Self {
        let map = source_map(path, &text, resolve);
        let is_map_unread = map.as_ref().is_some_and(Option::is_none);
        Self {
            path: path.to_owned(),
            lines: Lines::of(&text),
            text,
            is_transpiled,
            is_whole: true,
            map: map.flatten(),
            is_map_unread,
            index: OnceCell::new(),
            originals: RefCell::default(),
        }
    }

    /// What its syntax tree says, if it parses.
    pub(super) fn index(&self) -> Option<&Index> {
        self.index.get_or_init(|| index(&self.path, &self.text)).as_ref().ok()
    }

    /// Whether a source map tells from where it was put together.
    pub(super) fn is_bundled(&self) -> bool {
        self.map.is_some()
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        slice(&self.text, span)
    }

    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        let originals = self.originals.borrow();
        let parsed = self.index.get().map(|index| (&self.path, index));
        let parsed = parsed.into_iter().chain(originals.values().map(|text| (&text.path, &text.index)));
        let unread = parsed.filter(|(_, index)| matches!(index, Err(Unread::TooDeep)));
        let not_parsed = unread.map(|(path, _)| LeftOut::Script(path.clone()));
        not_parsed.chain(self.is_map_unread.then(|| LeftOut::SourceMap(self.path.clone()))).collect()
    }

    /// Asks about the place from which a position was bundled, in the text that the source map holds.
    pub(super) fn ask_original<R>(
        &self,
        line: u32,
        column: u32,
        ask: impl FnOnce(&Index, u32) -> R,
    ) -> Option<R> {
        let map = self.map.as_ref()?;
        let token = map.at(line, column)?;
        let source = token.get_src_id();
        let text = map.contents(source)?;
        let path = token.get_source()?;
        let known = self.originals.borrow().get(&source).cloned();
        let contents = known.unwrap_or_else(|| {
            let contents =
                Contents { path: path.to_owned(), lines: Lines::of(text), index: index(path, text) };
            let contents = Rc::new(contents);
            self.originals.borrow_mut().insert(source, contents.clone());
            contents
        });
        let start = contents.lines.0.get(token.get_src_line() as usize).copied().unwrap_or(text.len());
        let at = u32::try_from(start + token.get_src_col() as usize).ok()?;
        Some(ask(contents.index.as_ref().ok()?, at))
    }

    /// Whether what stands at an offset exports something under a name, and not the variable that is called so.
    pub(super) fn exports_another(&self, offset: u32, name: &str) -> bool {
        let written = self.text.get(offset as usize..).unwrap_or_default();
        let written = written.strip_prefix("module.").unwrap_or(written);
        let given = written.strip_prefix("exports.").and_then(|rest| rest.strip_prefix(name));
        let Some(given) = given.and_then(|rest| rest.trim_start().strip_prefix('=')) else { return false };
        let rest = given.trim_start().strip_prefix(name);
        rest.is_none_or(|rest| !rest.trim_start().starts_with([';', ',']))
    }

    /// V8 counts columns in UTF-16 units.
    pub(super) fn offset(&self, line: u32, column: u32) -> Option<u32> {
        let start = *self.lines.0.get(line as usize)?;
        let mut units = 0;
        for (at, char) in self.text[start..].char_indices() {
            if units >= column as usize {
                return u32::try_from(start + at).ok();
            }
            units += char.len_utf16();
        }
        u32::try_from(self.text.len()).ok()
    }

    pub(super) fn place(&self, offset: u32, function: Option<&str>) -> Place {
        let (offset, lines) = (offset as usize, &self.lines.0);
        let line = lines.partition_point(|start| *start <= offset) - 1;
        let column = self.text.get(lines[line]..offset).map_or(0, |text| text.encode_utf16().count());
        let (line, column) = (line as u32, column as u32);
        let location = Location {
            file: self.path.clone(),
            line: line + 1,
            column: column + 1,
            function: function.map(str::to_owned),
            from: None,
        };
        Place { location, original: self.original(line, column) }
    }

    pub(super) fn original(&self, line: u32, column: u32) -> Option<Original> {
        let map = self.map.as_ref()?;
        let token = map.at(line, column)?;
        let source = token.get_source()?;
        let (line, column) = from_one(token.get_src_line(), token.get_src_col())?;
        let file = source_file(&self.path, source);
        let location = Location { file, line, column, function: None, from: None };
        Some(Original { location, name: token.get_name().map(str::to_owned) })
    }
}

/// The file that a source map means. Where a package was built, its sources may have lain elsewhere than beside what is installed:
/// they are the package's all the same.
fn source_file(path: &str, source: &str) -> String {
    let file = join(path, source);
    let folder = package_folder(path).filter(|folder| {
        let is_within = file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        source.starts_with("..") && !source.contains("node_modules/") && !is_within
    });
    folder.map_or(file, |folder| format!("{folder}/{}", source.trim_start_matches("../")))
}

/// The map that a text names, if it is there: within, a map that cannot be read is none.
fn source_map(path: &str, text: &str, resolve: &Resolve<'_>) -> Option<Option<Map>> {
    let at = text.rfind("//# sourceMappingURL=")?;
    let url = text[at + "//# sourceMappingURL=".len()..].lines().next()?.trim();
    if url.starts_with("data:") {
        return Some(Map::read_inline(url));
    }
    Some(Map::read(resolve(&join(path, url))?.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::index::StandsFor;
    use super::*;

    fn text(path: &str, text: &str, resolve: &Resolve<'_>) -> Text {
        Text::new(path, text.to_owned(), false, resolve)
    }

    #[test]
    fn columns_are_counted_as_v8_does() {
        let text = text("a.js", "const é = '😀'; f();\nsecond", &|_| None);
        let at = text.offset(0, 16).expect("within the line");
        assert_eq!(&text.text[at as usize..][..3], "f()");
        assert_eq!(text.place(at, None).location.column, 17);
        assert_eq!(text.offset(7, 0), None);
    }

    /// `a.ts`, line 3: `const trail = [];`, bundled to `var t=[];`.
    #[test]
    fn a_linked_map_leads_back() {
        let map = r#"{"version":3,"sources":["../src/a.ts"],"names":["trail"],"mappings":"IAEMA","sourcesContent":["\n\nconst trail = [];"]}"#;
        let resolve = |path: &str| (path == "/app/dist/b.js.map").then(|| map.to_owned());
        let text = text("/app/dist/b.js", "var t=[];\n//# sourceMappingURL=b.js.map", &resolve);
        let original = text.original(0, 4).expect("mapped");
        assert_eq!((original.location.file.as_str(), original.location.line), ("/app/src/a.ts", 3));
        assert_eq!(original.name.as_deref(), Some("trail"));
        let declared = text.ask_original(0, 4, |index, at| index.declaration("trail", &[at]));
        assert_eq!(declared, Some(Some((8, StandsFor::Itself))));
        assert_eq!(text.originals.borrow().len(), 1);
    }

    #[test]
    fn what_is_exported_under_the_name_of_another_thing_is_seen() {
        for (code, is_another) in [
            ("exports.price = memoize(price);", true),
            ("module.exports.price = memoize(price);", true),
            ("exports.price = price;", false),
            ("this.price = memoize(price);", false),
        ] {
            assert_eq!(text("a.js", code, &|_| None).exports_another(0, "price"), is_another, "{code}");
        }
    }

    #[test]
    fn the_sources_of_a_package_are_its_own() {
        let built = "/app/node_modules/valid/cjs/store/a.js";
        for (path, source, file) in [
            (built, "../../../src/store/a.ts", "/app/node_modules/valid/src/store/a.ts"),
            (built, "../../src/a.ts", "/app/node_modules/valid/src/a.ts"),
            (built, "../../../../node_modules/other/a.js", "/app/node_modules/other/a.js"),
            ("/app/dist/a.js", "../../src/a.ts", "/src/a.ts"),
        ] {
            assert_eq!(source_file(path, source), file, "{source} of {path}");
        }
    }

    #[test]
    fn a_map_that_is_none_is_no_map() {
        for code in
            ["//# sourceMappingURL=data:application/json;base64,AAAA", "//# sourceMappingURL=gone.map"]
        {
            assert!(text("a.js", code, &|_| None).map.is_none(), "{code}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_said() {
        let deep = text("a.js", &"[".repeat(1_000_000), &|_| None);
        assert!(deep.left_out().is_empty(), "nobody asked");
        assert!(deep.index().is_none());
        assert_eq!(deep.left_out().len(), 1, "{:?}", deep.left_out());
        let broken = text("a.js", "const const", &|_| None);
        assert!(broken.index().is_none() && broken.left_out().is_empty());
    }
}
