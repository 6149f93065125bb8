//! The program's source, as far as the caller has it: places in a script become places in what people wrote.
//!
//! The caller gives a function from a script's path to its text (and of a source map's path to the map), which may know
//! nothing: then the first 1,024 characters, which the snapshot has, must do, and the positions of functions in it. Source maps may be inline or linked; their `sourcesContent` takes
//! the place of files that are not there.

mod expressions;
mod map;
mod nesting;
mod parse;
mod syntax;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use leakhunt_heap::{Location as Spot, from_one};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::findings::Location;
use crate::scripts::{Author, Scripts, author_of, display_path};
use map::Map;
use parse::Parsable;
use syntax::Syntax;

pub(crate) use syntax::Call;

/// So many of the program's files are read to find where it uses a package.
const MOST_SCRIPTS: usize = 200;

/// From the path or URL of a script or source map to its text.
pub type Resolve<'r> = dyn Fn(&str) -> Option<String> + 'r;

/// The texts asked for so far.
pub(crate) struct Sources<'r> {
    resolve: &'r Resolve<'r>,
    /// What the snapshot itself has of the texts.
    known: &'r Scripts,
    scripts: RefCell<FxHashMap<String, Option<Rc<Text>>>>,
}

struct Text {
    path: String,
    text: String,
    lines: Vec<usize>,
    map: Option<Map>,
    /// There is a source map, but it cannot be read.
    map_unread: bool,
    parsable: OnceCell<Option<Parsable>>,
    /// Texts in the source map that cannot be parsed.
    unparsed: RefCell<BTreeSet<String>>,
    /// It is what people wrote, but not what ran: positions say nothing, names must do.
    transpiled: bool,
}

/// A place in a script and, by its source map, where that came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) location: Location,
    pub(crate) original: Option<Original>,
}

/// A place before bundling, with the name that the thing there had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) location: Location,
    pub(crate) name: Option<String>,
}

impl Place {
    /// The place before bundling, if it is known.
    pub(crate) fn best(&self) -> &Location {
        self.original.as_ref().map_or(&self.location, |original| &original.location)
    }
}

impl<'r> Sources<'r> {
    pub(crate) fn new(resolve: &'r Resolve<'r>, known: &'r Scripts) -> Self {
        Self { resolve, known, scripts: RefCell::default() }
    }

    /// A snapshot's position as a place.
    pub(crate) fn place(&self, scripts: &Scripts, spot: Spot, function: Option<String>) -> Option<Place> {
        let location = scripts.location(spot, function)?;
        let text = self.text(&location.file);
        if let Some(text) = text.as_ref().filter(|text| text.transpiled) {
            let at = text.offset_of(scripts, spot).unwrap_or(0);
            return Some(text.place(at, location.function.as_deref()));
        }
        let original = text.and_then(|text| text.original(spot.line, spot.column));
        Some(Place { location, original })
    }

    /// Of these spots those that a bundler took from packages, by the source map.
    pub(crate) fn bundled(&self, scripts: &Scripts, spots: FxHashSet<Spot>) -> FxHashSet<Spot> {
        let of_package = |spot: &Spot| {
            scripts.author(*spot) == Author::User
                && self
                    .place(scripts, *spot, None)
                    .is_some_and(|place| author_of(&place.best().file) == Author::Library)
        };
        spots.into_iter().filter(of_package).collect()
    }

    /// Where the variable of a context is declared, given functions that see it, and whether it is only imported there.
    pub(crate) fn declaration(
        &self,
        scripts: &Scripts,
        name: &str,
        seen_by: &[Spot],
    ) -> Option<(Place, bool)> {
        let first = seen_by.first()?;
        let file = display_path(scripts.name(first.script_id)?);
        let text = self.text(&file)?;
        let inside: Vec<u32> = seen_by
            .iter()
            .filter(|spot| spot.script_id == first.script_id)
            .filter_map(|spot| text.offset_of(scripts, *spot))
            .collect();
        let (at, imported) = text.ask(|syntax| syntax.declaration(name, &inside))??;
        Some((text.place(at, Some(name)), imported))
    }

    /// Where one of the scripts first uses a package, and the call by which it does.
    pub(crate) fn package_use(
        &self,
        scripts: &Scripts,
        package: &str,
        class: &str,
    ) -> Option<(Place, String)> {
        scripts.of_user().take(MOST_SCRIPTS).find_map(|name| {
            let text = self.text(&display_path(name)).filter(|text| text.text.contains(package))?;
            let (at, call) = text.ask(|syntax| syntax.package_use(package, class))??;
            Some((text.place(at, None), call))
        })
    }

    /// Where one of the scripts makes an object of a class of Node's, and the call by which it does.
    pub(crate) fn maker(&self, scripts: &Scripts, class: &str) -> Option<(Place, String)> {
        // The last word of the class's name is in any of the calls: most files need not be parsed.
        let word = class.get(class.rfind(char::is_uppercase).unwrap_or(0)..)?.to_lowercase();
        scripts.of_user().take(MOST_SCRIPTS).find_map(|name| {
            let text =
                self.text(&display_path(name)).filter(|text| text.text.to_lowercase().contains(&word))?;
            let (at, call) = text.ask(|syntax| syntax.maker(class))??;
            Some((text.place(at, None), call))
        })
    }

    /// Where a script loads modules again and again.
    pub(crate) fn reload(&self, path: &str) -> Option<Place> {
        let text = self.text(path)?;
        let at = text.ask(|syntax| syntax.reload())??;
        Some(text.place(at, None))
    }

    /// The name that a class had before bundling, given its constructor.
    pub(crate) fn original_class(&self, scripts: &Scripts, constructor: Spot) -> Option<String> {
        let text = self.text(&display_path(scripts.name(constructor.script_id)?))?;
        text.ask_original(constructor.line, constructor.column, |syntax, at| {
            syntax.class_name_around(at).or_else(|| syntax.name_around(at))
        })?
    }

    /// Where a module, by its file, declares a variable, or else exports it.
    pub(crate) fn top_level(&self, path: &str, name: &str) -> Option<Place> {
        let text = self.text(path)?;
        let at = text.ask(|syntax| {
            let declared = syntax.declaration(name, &[]).filter(|(_, imported)| !imported).map(|(at, _)| at);
            declared.or_else(|| syntax.field(name, None))
        })??;
        Some(text.place(at, Some(name)))
    }

    /// Where the one thing that a module exports is declared, or else exported.
    pub(crate) fn exported(&self, path: &str) -> Option<Place> {
        let text = self.text(path)?;
        let (at, name) = text.ask(|syntax| syntax.exported())??;
        Some(text.place(at, name.as_deref()))
    }

    /// Where a class gives itself a field.
    pub(crate) fn field(&self, scripts: &Scripts, name: &str, constructor: Spot) -> Option<Place> {
        let (text, at) = self.at(scripts, constructor)?;
        let found = text.ask(|syntax| syntax.field(name, Some(at)))??;
        Some(text.place(found, Some(name)))
    }

    /// Where, in a file, something is put into the container of this name, and by what call.
    pub(crate) fn insertion(&self, file: &str, name: &str) -> Option<(Place, String)> {
        let text = self.text(file)?;
        let (found, call) = text.ask(|syntax| syntax.insertion(name))??;
        Some((text.place(found, None), call))
    }

    /// The same in whichever of the program's scripts does so, if it is the only one.
    pub(crate) fn insertion_elsewhere(&self, scripts: &Scripts, name: &str) -> Option<(Place, String)> {
        let mut found = scripts
            .of_user()
            .take(MOST_SCRIPTS)
            .filter(|script| self.text(&display_path(script)).is_some_and(|text| text.text.contains(name)))
            .filter_map(|script| self.insertion(&display_path(script), name));
        found.next().filter(|_| found.next().is_none())
    }

    /// The call that is handed the function at `spot`.
    pub(crate) fn call_with(&self, scripts: &Scripts, spot: Spot) -> Option<(Place, Call)> {
        let (text, at) = self.at(scripts, spot)?;
        let call = text.ask(|syntax| syntax.call_with(at))??;
        Some((text.place(call.start, None), call))
    }

    /// The call, in the file of a function, by which one of `callees` is handed that function by its name.
    pub(crate) fn call_naming(
        &self,
        scripts: &Scripts,
        spot: Spot,
        function: &str,
        callees: &[&str],
    ) -> Option<(Place, Call)> {
        let (text, _) = self.at(scripts, spot)?;
        let call = text.ask(|syntax| syntax.call_naming(function, callees))??;
        Some((text.place(call.start, Some(function)), call))
    }

    /// The call of one of `callees` in the class or function of this name, where positions say nothing.
    pub(crate) fn call_by_names(
        &self,
        scripts: &Scripts,
        spot: Spot,
        part: &str,
        callees: &[&str],
    ) -> Option<(Place, Call)> {
        let text = self.text(&display_path(scripts.name(spot.script_id)?)).filter(|text| text.transpiled)?;
        let call = text.ask(|syntax| syntax.call_in(part, callees))??;
        Some((text.place(call.start, None), call))
    }

    /// Where the object declared at a place gets a property.
    pub(crate) fn property_within(&self, declared: &Place, name: &str) -> Option<Place> {
        let text = self.text(&declared.location.file)?;
        let at = text.offset(declared.location.line - 1, declared.location.column - 1)?;
        let found = text.ask(|syntax| syntax.property_within(at, name))??;
        Some(text.place(found, Some(name)))
    }

    /// Where the program's scripts write down an object with these fields, `name` among them.
    pub(crate) fn literal(&self, scripts: &Scripts, fields: &[String], name: &str) -> Option<Place> {
        let written = scripts.of_user().take(MOST_SCRIPTS).filter_map(|script| {
            let text = self.text(&display_path(script)).filter(|text| text.text.contains(name))?;
            let (known, at) = text.ask(|syntax| syntax.literal(fields, name))??;
            Some((known, text.place(at, Some(name))))
        });
        let mut written: Vec<(usize, Place)> = written.collect();
        written.sort_by_key(|(known, _)| std::cmp::Reverse(*known));
        written.into_iter().next().map(|(_, place)| place)
    }

    /// Where one of the program's scripts gives something that is not its own `this` a property, `owner` if that is known.
    pub(crate) fn assignment(&self, scripts: &Scripts, owner: Option<&str>, name: &str) -> Option<Place> {
        scripts.of_user().take(MOST_SCRIPTS).find_map(|script| {
            let text = self.text(&display_path(script)).filter(|text| text.text.contains(name))?;
            let at = text.ask(|syntax| syntax.assignment(owner, name))??;
            Some(text.place(at, Some(name)))
        })
    }

    /// Where one of the scripts gives a global variable its value.
    pub(crate) fn global(&self, scripts: &Scripts, name: &str) -> Option<Place> {
        scripts.of_user().take(MOST_SCRIPTS).find_map(|script| {
            let text = self.text(&display_path(script)).filter(|text| text.text.contains(name))?;
            let at = text.ask(|syntax| syntax.global(name))??;
            Some(text.place(at, Some(name)))
        })
    }

    /// What people call the part of the program around a spot, in the words of the source before bundling.
    pub(crate) fn part_around(&self, scripts: &Scripts, spot: Spot) -> Option<String> {
        let (text, at) = self.at(scripts, spot)?;
        let part = |syntax: &Syntax<'_>, at| syntax.class_name_around(at).or_else(|| syntax.name_around(at));
        match text.ask_original(spot.line, spot.column, part) {
            Some(original) => original,
            None => text.ask(|syntax| part(syntax, at))?,
        }
    }

    /// The innermost class or function around a spot, by name, in the words of the source before bundling.
    pub(crate) fn name_around(&self, scripts: &Scripts, spot: Spot) -> Option<String> {
        let (text, at) = self.at(scripts, spot)?;
        match text.ask_original(spot.line, spot.column, |syntax, at| syntax.name_around(at)) {
            Some(original) => original,
            None => text.ask(|syntax| syntax.name_around(at))?,
        }
    }

    /// What of the texts was left out because of what it could do here.
    pub(crate) fn warnings(&self) -> BTreeSet<String> {
        let scripts = self.scripts.borrow();
        scripts.values().flatten().flat_map(|text| text.warnings()).collect()
    }

    fn at(&self, scripts: &Scripts, spot: Spot) -> Option<(Rc<Text>, u32)> {
        let text = self.text(&display_path(scripts.name(spot.script_id)?))?;
        let at = text.offset_of(scripts, spot)?;
        Some((text, at))
    }

    fn text(&self, path: &str) -> Option<Rc<Text>> {
        if let Some(known) = self.scripts.borrow().get(path) {
            return known.clone();
        }
        let text = (self.resolve)(path).or_else(|| self.known.beginning(path).map(str::to_owned));
        let text = text.map(|text| {
            let transpiled = !self.known.is_text_of(path, &text);
            Rc::new(Text { transpiled, ..Text::new(path, text, self.resolve) })
        });
        self.scripts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }
}

impl Text {
    fn new(path: &str, text: String, resolve: &Resolve<'_>) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let map = source_map(path, &text, resolve);
        let map_unread = map.as_ref().is_some_and(Option::is_none);
        Self {
            path: path.to_owned(),
            text,
            lines,
            map: map.flatten(),
            map_unread,
            parsable: OnceCell::new(),
            unparsed: RefCell::default(),
            transpiled: false,
        }
    }

    fn ask<R: Send>(&self, ask: impl FnOnce(&Syntax<'_>) -> R + Send) -> Option<R> {
        let parsable = self.parsable.get_or_init(|| Parsable::of(&self.path, &self.text));
        parsable.as_ref()?.ask(&self.text, ask)
    }

    fn warnings(&self) -> Vec<String> {
        let unparsed = self.unparsed.borrow();
        let itself = matches!(self.parsable.get(), Some(None)).then_some(&self.path);
        let not_parsed = itself.into_iter().chain(unparsed.iter()).map(|path| {
            format!("{path} was not parsed: it is too large, or could be nested too deep; what is said of it is less exact")
        });
        let no_map = self.map_unread.then(|| {
            format!("the source map of {} cannot be read; its places are those in the bundle", self.path)
        });
        not_parsed.chain(no_map).collect()
    }

    /// Asks about the place from which a position was bundled, in the text that the source map holds.
    fn ask_original<R: Send>(
        &self,
        line: u32,
        column: u32,
        ask: impl FnOnce(&Syntax<'_>, u32) -> R + Send,
    ) -> Option<R> {
        let map = self.map.as_ref()?;
        let token = map.at(line, column)?;
        let contents = map.contents(token.get_src_id())?;
        let start: usize =
            contents.split_inclusive('\n').take(token.get_src_line() as usize).map(str::len).sum();
        let at = u32::try_from(start + token.get_src_col() as usize).ok()?;
        let path = token.get_source()?;
        let Some(parsable) = Parsable::of(path, contents) else {
            self.unparsed.borrow_mut().insert(path.to_owned());
            return None;
        };
        parsable.ask(contents, |syntax| ask(syntax, at))
    }

    /// Where the function at a spot is written: there, or where one of its name is.
    fn offset_of(&self, scripts: &Scripts, spot: Spot) -> Option<u32> {
        if !self.transpiled {
            return self.offset(spot.line, spot.column);
        }
        let name = scripts.function(spot)?;
        self.ask(|syntax| syntax.named(name))?
    }

    /// V8 counts columns in UTF-16 units.
    fn offset(&self, line: u32, column: u32) -> Option<u32> {
        let start = *self.lines.get(line as usize)?;
        let mut units = 0;
        for (at, char) in self.text[start..].char_indices() {
            if units >= column as usize {
                return u32::try_from(start + at).ok();
            }
            units += char.len_utf16();
        }
        u32::try_from(self.text.len()).ok()
    }

    fn place(&self, offset: u32, function: Option<&str>) -> Place {
        let offset = offset as usize;
        let line = self.lines.partition_point(|start| *start <= offset) - 1;
        let column = self.text.get(self.lines[line]..offset).map_or(0, |text| text.encode_utf16().count());
        let (line, column) = (line as u32, column as u32);
        let location = Location {
            file: self.path.clone(),
            line: line + 1,
            column: column + 1,
            function: function.map(str::to_owned),
        };
        Place { location, original: self.original(line, column) }
    }

    fn original(&self, line: u32, column: u32) -> Option<Original> {
        let map = self.map.as_ref()?;
        let token = map.at(line, column)?;
        let source = token.get_source()?;
        let (line, column) = from_one(token.get_src_line(), token.get_src_col())?;
        let location = Location { file: join(&self.path, source), line, column, function: None };
        Some(Original { location, name: token.get_name().map(str::to_owned) })
    }
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

/// A path beside another file, `..` resolved; an absolute one or a URL as it is.
fn join(beside: &str, path: &str) -> String {
    if path.starts_with('/') || path.contains("://") || path.get(1..3) == Some(":\\") {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = beside.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty()) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Ways in for the fuzz targets, which would seldom come that far through a snapshot.
#[cfg(fuzzing)]
pub mod fuzzing {
    use super::{Map, Parsable};

    /// A script: parsed within the bound, or left out.
    pub fn source(path: &str, text: &str) {
        if let Some(parsable) = Parsable::of(path, text) {
            parsable.ask(text, |syntax| syntax.ask_everything());
        }
    }

    /// A source map: none, or one in which any place can be looked up.
    pub fn source_map(json: &[u8]) {
        let Some(map) = Map::read(json) else { return };
        for place in [(0, 0), (0, 9), (1, 0), (7, 7), (u32::MAX, 0), (u32::MAX, u32::MAX)] {
            let _ = map
                .at(place.0, place.1)
                .map(|at| (at.get_source(), at.get_name(), map.contents(at.get_src_id())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_urls_are() {
        for (beside, path, joined) in [
            ("/app/dist/server.js", "server.js.map", "/app/dist/server.js.map"),
            ("/app/dist/server.js", "../src/a.ts", "/app/src/a.ts"),
            ("/app/dist/server.js", "./a.ts", "/app/dist/a.ts"),
            ("/app/dist/server.js", "/src/a.ts", "/src/a.ts"),
            ("/a.js", "../../b.ts", "/b.ts"),
            ("dist/server.js", "webpack://x/a.ts", "webpack://x/a.ts"),
        ] {
            assert_eq!(join(beside, path), joined, "{path} beside {beside}");
        }
    }

    #[test]
    fn columns_are_counted_as_v8_does() {
        let text = Text::new("a.js", "const é = '😀'; f();\nsecond".to_owned(), &|_| None);
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
        let text =
            Text::new("/app/dist/b.js", "var t=[];\n//# sourceMappingURL=b.js.map".to_owned(), &resolve);
        let original = text.original(0, 4).expect("mapped");
        assert_eq!((original.location.file.as_str(), original.location.line), ("/app/src/a.ts", 3));
        assert_eq!(original.name.as_deref(), Some("trail"));
    }

    #[test]
    fn a_map_that_is_none_is_no_map() {
        for text in
            ["//# sourceMappingURL=data:application/json;base64,AAAA", "//# sourceMappingURL=gone.map"]
        {
            assert!(Text::new("a.js", text.to_owned(), &|_| None).map.is_none(), "{text}");
        }
    }
}
