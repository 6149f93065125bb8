//! The program's source, as far as the caller has it: places in a script become places in what people wrote.
//!
//! The caller gives a function from a script's path to its text (and of a source map's path to the map), which may know
//! nothing: then the first 1,024 characters, which the snapshot has, must do, and the positions of functions in it. Source
//! maps may be inline or linked; their `sourcesContent` takes the place of files that are not there.
//!
//! Data flows one way. A text is bounded (`nesting`), parsed once (`parse`) and boiled down to facts (`index`); beside those
//! stand its lines and its source map (`text`, `map`). What is asked about the program ([`Sources`]) is answered from them,
//! as places in a script, and in what that was made from (`place`).

mod callee;
mod index;
mod keeps;
mod known;
mod map;
mod nesting;
mod parse;
mod place;
mod scripts;
mod text;
mod traces;
mod within;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use leakhunt_heap::Location as Spot;
use rustc_hash::{FxHashMap, FxHashSet};

use index::{Fate, Index};
pub(crate) use scripts::Beginnings;
use text::Text;
use traces::Elsewhere;

pub(crate) use index::{Act, Runs, StandsFor};
pub(crate) use keeps::{Below, Line};
pub(crate) use place::{Place, Written};
pub(crate) use scripts::{Author, Scripts, author_of, display_path, package_folder, package_name};
pub(crate) use text::LeftOut;
pub use text::Resolve;
pub(crate) use traces::{Around, Known, OfField, Trace, Traces};
pub(crate) use within::{Ambiguous, CallsWithin};

/// So many of the program's files are read to find where it uses a package.
const MOST_SCRIPTS: usize = 200;

/// What is asked about the program's source. Each text is read and parsed once, when the first question needs it.
pub(crate) struct Sources<'r> {
    resolve: &'r Resolve<'r>,
    /// What the snapshot itself has of the texts.
    beginnings: Beginnings,
    texts: RefCell<FxHashMap<String, Option<Rc<Text>>>>,
}

/// Where a variable is declared.
pub(crate) struct Declared {
    pub(crate) place: Place,
    pub(crate) stands_for: StandsFor,
}

/// A call with a function as its argument.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) place: Place,
    /// What is called, as written: `setInterval`, `bus.on`.
    pub(crate) callee: String,
    pub(crate) result: Kept,
    /// What a listener is added to.
    pub(crate) emitter: Option<Known>,
    /// The event, if it is written down.
    pub(crate) event: Option<String>,
    /// An option says that a listener goes when its event comes.
    pub(crate) is_once: bool,
}

/// What becomes of what a call returns.
#[derive(Clone)]
pub(crate) enum Kept {
    /// Nobody keeps it.
    Nowhere,
    /// It is put into this, as it is written there.
    In(Known, String),
    Unknown,
}

impl<'r> Sources<'r> {
    pub(crate) fn new(resolve: &'r Resolve<'r>, beginnings: Beginnings) -> Self {
        Self { resolve, beginnings, texts: RefCell::default() }
    }

    /// The text of any file, as it is.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        (self.resolve)(path)
    }

    /// A snapshot's position as a place.
    pub(crate) fn place(&self, scripts: &Scripts, spot: Spot, function: Option<String>) -> Option<Place> {
        let location = scripts.location(spot, function)?;
        let text = self.text(&location.file);
        if let Some(text) = text.as_ref().filter(|text| text.is_transpiled) {
            let at = offset_of(text, scripts, spot).unwrap_or(0);
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

    /// Where the variable of a context is declared, given functions that see it, and what it stands for there.
    pub(crate) fn declaration(&self, scripts: &Scripts, name: &str, seen_by: &[Spot]) -> Option<Declared> {
        let (text, inside) = self.seen_by(scripts, seen_by)?;
        let (at, stands_for) = text.index()?.declaration(name, &inside)?;
        Some(Declared { place: text.place(at, Some(name)), stands_for })
    }

    /// Where one of the scripts first uses a package, by which call, and whether that is the only one.
    pub(crate) fn package_use(
        &self,
        scripts: &Scripts,
        package: &str,
        class: &str,
    ) -> Option<(Written, bool)> {
        let mut first = None;
        for text in self.of_user(scripts).filter(|text| text.text.contains(package)) {
            let calls = text.index().map(|index| index.package_uses(package, class)).unwrap_or_default();
            for call in calls {
                if let Some(first) = first {
                    return Some((first, false));
                }
                let place = text.place(call.start, None);
                first = Some(Written { place, code: text.slice(call.callee).to_owned() });
            }
        }
        first.map(|first| (first, true))
    }

    /// Where one of the scripts makes an object of a class of Node's, and the call by which it does.
    pub(crate) fn maker(&self, scripts: &Scripts, class: &str) -> Option<Written> {
        // The last word of the class's name is in any of the calls: most files need not be parsed.
        let word = class.get(class.rfind(char::is_uppercase).unwrap_or(0)..)?.to_lowercase();
        self.of_user(scripts).filter(|text| text.text.to_lowercase().contains(&word)).find_map(|text| {
            let call = text.index()?.maker(class)?;
            let new = if call.is_new { "new " } else { "" };
            let code = format!("{new}{}", text.slice(call.callee));
            Some(Written { place: text.place(call.start, None), code })
        })
    }

    /// The one call of a method of this name that the program does, if it does no other; of those that are handed what has a name,
    /// if one is given.
    pub(crate) fn only_call(&self, scripts: &Scripts, method: &str, handed: Option<&str>) -> Option<Written> {
        let texts = self.of_user(scripts).filter(|text| text.text.contains(method));
        let mut calls = texts.flat_map(|text| {
            let found = text.index().map(|index| index.all_calls_of(method)).unwrap_or_default();
            let written = |call: &&index::Call| Written {
                place: text.place(call.start, None),
                code: callee::short_callee(text.slice(call.callee)),
            };
            let behind = |call: &index::Call| text.text.get(call.callee.end as usize..).unwrap_or_default();
            let is_meant =
                |call: &&&index::Call| handed.is_none_or(|name| callee::is_handed(behind(call), name));
            found.iter().filter(is_meant).map(written).collect::<Vec<_>>()
        });
        calls.next().filter(|_| calls.next().is_none())
    }

    /// Where a script loads modules again and again.
    pub(crate) fn reload(&self, path: &str) -> Option<Place> {
        let text = self.text(path)?;
        let at = text.index()?.reload()?;
        Some(text.place(at, None))
    }

    /// Where the program imports modules by what is no literal, if it does so in one place alone.
    pub(crate) fn computed_import(&self, scripts: &Scripts) -> Option<Place> {
        let mut found = self.of_user(scripts).filter(|text| text.text.contains("import")).flat_map(|text| {
            let at = text.index().map_or(&[][..], Index::computed_imports);
            at.iter().map(|at| text.place(*at, None)).collect::<Vec<_>>()
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// The name that a class had before bundling, given its constructor.
    pub(crate) fn original_class(&self, scripts: &Scripts, constructor: Spot) -> Option<String> {
        let text = self.text(&display_path(scripts.name(constructor.script_id)?))?;
        text.ask_original(constructor.line, constructor.column, part)?
    }

    /// Where a module, by its file, declares a variable, or else exports it.
    pub(crate) fn top_level(&self, path: &str, name: &str) -> Option<Place> {
        let text = self.text(path)?;
        let index = text.index()?;
        let declared =
            index.declaration(name, &[]).filter(|(_, of)| *of != StandsFor::Import).map(|(at, _)| at);
        // It may export something else under the name of what it declares: `exports.price = memoize(price)`.
        let exported = index.field(name, None).filter(|at| text.exports_another(*at, name));
        let at = exported.or(declared).or_else(|| index.field(name, None))?;
        Some(text.place(at, Some(name)))
    }

    /// Where the one thing that a module exports is declared, or else exported.
    pub(crate) fn exported(&self, path: &str) -> Option<Place> {
        let text = self.text(path)?;
        let (at, name) = text.index()?.exported()?;
        Some(text.place(at, name))
    }

    /// Where a class gives itself a field.
    pub(crate) fn field(&self, scripts: &Scripts, name: &str, constructor: Spot) -> Option<Place> {
        let (text, at) = self.at(scripts, constructor)?;
        let found = text.index()?.field(name, Some(at))?;
        Some(text.place(found, Some(name)))
    }

    /// The call that is handed the function at `spot`.
    pub(crate) fn call_with(&self, scripts: &Scripts, spot: Spot) -> Option<Call> {
        let (text, at) = self.at(scripts, spot)?;
        let index = text.index()?;
        Some(called(&text, index, index.call_with(at)?, None))
    }

    /// The call, in the file of a function, by which one of `callees` is handed that function by its name; where none is meant, the
    /// only call that is.
    pub(crate) fn call_naming(
        &self,
        scripts: &Scripts,
        spot: Spot,
        function: &str,
        callees: &[&str],
    ) -> Option<Call> {
        let (text, at) = self.at(scripts, spot)?;
        let index = text.index()?;
        let only = || index.only_call_naming(at, function);
        let call = if callees.is_empty() { only() } else { index.call_naming(function, callees) };
        Some(called(&text, index, call?, Some(function)))
    }

    /// The call of one of `callees` in the class or function of this name, where positions say nothing.
    pub(crate) fn call_by_names(
        &self,
        scripts: &Scripts,
        spot: Spot,
        part: &str,
        callees: &[&str],
    ) -> Option<Call> {
        let text =
            self.text(&display_path(scripts.name(spot.script_id)?)).filter(|text| text.is_transpiled)?;
        let index = text.index()?;
        Some(called(&text, index, index.call_in(part, callees)?, None))
    }

    /// Where the object declared at a place gets a property.
    pub(crate) fn property_within(&self, declared: &Place, name: &str) -> Option<Place> {
        let text = self.text(&declared.location.file)?;
        let at = text.offset(declared.location.line - 1, declared.location.column - 1)?;
        let found = text.index()?.property_within(at, name)?;
        Some(text.place(found, Some(name)))
    }

    /// What the thing declared at a place is made with, the first argument and all options by their names: the number, if it is
    /// a known one.
    pub(crate) fn made_with(&self, declared: &Place) -> Vec<(Option<String>, Option<u64>)> {
        let numbers = || {
            let text = self.text(&declared.location.file)?;
            let at = text.offset(declared.location.line - 1, declared.location.column - 1)?;
            let made = text.index()?.made_with(at).into_iter();
            Some(made.map(|(key, number)| (key.map(str::to_owned), number)).collect())
        };
        numbers().unwrap_or_default()
    }

    /// Where the program's scripts write down an object with these fields, `name` among them.
    pub(crate) fn literal(&self, scripts: &Scripts, fields: &[String], name: &str) -> Option<Place> {
        literal_in(self.of_user(scripts), fields, name)
    }

    /// Where a script of the package that a file belongs to does.
    pub(crate) fn literal_of_package(
        &self,
        scripts: &Scripts,
        file: &str,
        (fields, name): (&[String], &str),
    ) -> Option<Place> {
        literal_in(self.of_package(scripts, file), fields, name)
    }

    /// Where one of the program's scripts gives something that is not its own `this` a property, `owner` if that is known.
    pub(crate) fn assignment(&self, scripts: &Scripts, owner: Option<&str>, name: &str) -> Option<Place> {
        self.of_user(scripts).filter(|text| text.text.contains(name)).find_map(|text| {
            let at = text.index()?.assignment(&text.text, owner, name)?;
            Some(text.place(at, Some(name)))
        })
    }

    /// Where one of the scripts gives a global variable its value.
    pub(crate) fn global(&self, scripts: &Scripts, name: &str) -> Option<Place> {
        self.of_user(scripts).filter(|text| text.text.contains(name)).find_map(|text| {
            let at = text.index()?.global(name)?;
            Some(text.place(at, Some(name)))
        })
    }

    /// Where one of the scripts of the package that a file belongs to gives a global variable its value.
    pub(crate) fn global_of_package(&self, scripts: &Scripts, file: &str, name: &str) -> Option<Place> {
        self.of_package(scripts, file).filter(|text| text.text.contains(name)).find_map(|text| {
            let at = text.index()?.global(name)?;
            Some(text.place(at, Some(name)))
        })
    }

    /// What people call the part of the program around a spot, in the words of the source before bundling.
    pub(crate) fn part_around(&self, scripts: &Scripts, spot: Spot) -> Option<String> {
        self.around(scripts, spot, part)
    }

    /// The innermost class or function around a spot, by name, in the words of the source before bundling.
    pub(crate) fn name_around(&self, scripts: &Scripts, spot: Spot) -> Option<String> {
        self.around(scripts, spot, |index, at| index.name_around(at).map(str::to_owned))
    }

    /// What of the texts was left out because of what it could do here.
    pub(crate) fn left_out(&self) -> BTreeSet<LeftOut> {
        let texts = self.texts.borrow();
        texts.values().flatten().flat_map(|text| text.left_out()).collect()
    }

    fn around(
        &self,
        scripts: &Scripts,
        spot: Spot,
        ask: impl Fn(&Index, u32) -> Option<String>,
    ) -> Option<String> {
        let (text, at) = self.at(scripts, spot)?;
        match text.ask_original(spot.line, spot.column, &ask) {
            Some(original) => original,
            None => ask(text.index()?, at),
        }
    }

    fn at(&self, scripts: &Scripts, spot: Spot) -> Option<(Rc<Text>, u32)> {
        let text = self.text(&display_path(scripts.name(spot.script_id)?))?;
        let at = offset_of(&text, scripts, spot)?;
        Some((text, at))
    }

    /// The texts of the program's own scripts.
    fn of_user(&self, scripts: &Scripts) -> impl Iterator<Item = Rc<Text>> {
        scripts.of_user().take(MOST_SCRIPTS).filter_map(|name| self.text(&display_path(name)))
    }

    /// The texts of the package that a file belongs to.
    fn of_package<'t>(&'t self, scripts: &'t Scripts, file: &'t str) -> impl Iterator<Item = Rc<Text>> + 't {
        scripts.of_package(file).take(MOST_SCRIPTS).filter_map(|script| self.text(&display_path(script)))
    }

    fn text(&self, path: &str) -> Option<Rc<Text>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let given = (self.resolve)(path);
        let is_whole = given.is_some() || self.beginnings.is_whole(path);
        let text = given.or_else(|| self.beginnings.get(path).map(str::to_owned)).map(|text| {
            let is_transpiled = !self.beginnings.is_of(path, &text);
            let mut text = Text::new(path, text, is_transpiled, self.resolve);
            text.is_whole = is_whole;
            Rc::new(text)
        });
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }
}

/// Where the function at a spot is written: there, or where one of its name is.
fn offset_of(text: &Text, scripts: &Scripts, spot: Spot) -> Option<u32> {
    if !text.is_transpiled {
        return text.offset(spot.line, spot.column);
    }
    text.index()?.named(scripts.function(spot)?)
}

/// What people call the part of the program at an offset: the class, or else the function.
fn part(index: &Index, at: u32) -> Option<String> {
    index.class_name_around(at).or_else(|| index.name_around(at)).map(str::to_owned)
}

fn called(text: &Rc<Text>, index: &Index, call: &index::Call, function: Option<&str>) -> Call {
    let known = |target, elsewhere| Known { text: text.clone(), target, name: String::new(), elsewhere };
    let result = match (&call.result, index.kept(call)) {
        (Fate::Dropped, _) => Kept::Nowhere,
        (Fate::Kept(_, written), Some(target)) => {
            let written = text.slice(*written).to_owned();
            let field = written.rsplit_once('.').map(|(_, field)| field.trim_start_matches('#').to_owned());
            let elsewhere = if field.is_some() { Elsewhere::Field } else { Elsewhere::Imported };
            Kept::In(Known { name: field.unwrap_or_default(), ..known(target, elsewhere) }, written)
        }
        _ => Kept::Unknown,
    };
    Call {
        place: text.place(call.start, function),
        callee: callee::short_callee(text.slice(call.callee)),
        result,
        emitter: index.emitter(call).map(|target| known(target, Elsewhere::Imported)),
        event: index.event(call).map(str::to_owned),
        is_once: call.is_once(),
    }
}

/// Ways in for the fuzz targets, which would seldom come that far through a snapshot.
#[cfg(fuzzing)]
pub mod fuzzing {
    use super::map::Map;
    use super::parse;

    /// A script: parsed within the bound, or left out.
    pub fn source(path: &str, text: &str) {
        parse::survives(path, text);
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

/// Where the best of some texts writes down an object with these fields, `name` among them: of equals the first.
fn literal_in(texts: impl Iterator<Item = Rc<Text>>, fields: &[String], name: &str) -> Option<Place> {
    let written = texts.filter(|text| text.text.contains(name)).filter_map(|text| {
        let (known, at) = text.index()?.literal(fields, name)?;
        Some((known, text.place(at, Some(name))))
    });
    let best = |best: (usize, Place), next: (usize, Place)| if next.0 > best.0 { next } else { best };
    written.reduce(best).map(|(_, place)| place)
}
