//! Which object the source names by a variable, a field or an export, and what the program does with it.

use std::rc::Rc;

use leakhunt_heap::Location as Spot;

use super::index::{Act, StandsFor};
use super::place::Written;
use super::scripts::{Scripts, display_path};
use super::text::Text;
use super::traces::{Elsewhere, Known, Trace, Traces, beside, trace};
use super::{Sources, offset_of};

/// So many files are looked through for what they do with one object.
const MOST_FILES: usize = 200;

impl Sources<'_> {
    /// The variable of a context, given functions that see it.
    pub(crate) fn known_variable(&self, scripts: &Scripts, name: &str, seen_by: &[Spot]) -> Option<Known> {
        let (text, inside) = self.seen_by(scripts, seen_by)?;
        let (at, stands_for) = text.index()?.declaration(name, &inside)?;
        let elsewhere = match stands_for {
            StandsFor::Import => return None,
            StandsFor::Argument => Elsewhere::Anyhow,
            StandsFor::Itself => Elsewhere::Imported,
        };
        let target = text.index()?.target_of_variable(at);
        Some(Known { text, target, name: name.to_owned(), elsewhere })
    }

    /// A field that a class gives itself, in its constructor or by a method.
    pub(crate) fn known_field(&self, scripts: &Scripts, name: &str, constructor: Spot) -> Option<Known> {
        let (text, at) = self.at(scripts, constructor)?;
        let index = text.index()?;
        let target = index.target_of_field(at, name)?;
        let is_given = || !index.traces(&target, &[Act::Assign]).uses.is_empty();
        if index.field(name, Some(at)).is_none() && !is_given() {
            return None;
        }
        Some(Known { text, target, name: plain(name), elsewhere: Elsewhere::Field })
    }

    /// What a class's prototype has under a name.
    pub(crate) fn known_of_prototype(
        &self,
        scripts: &Scripts,
        name: &str,
        constructor: Spot,
    ) -> Option<Known> {
        let (text, at) = self.at(scripts, constructor)?;
        let target = text.index()?.target_of_field(at, name)?;
        Some(Known { text, target, name: plain(name), elsewhere: Elsewhere::Field })
    }

    /// What a module, by its file, exports under a name.
    pub(crate) fn known_export(&self, file: &str, name: &str) -> Option<Known> {
        let text = self.text(file)?;
        let target = text.index()?.target_of_export(name);
        Some(Known { text, target, name: name.to_owned(), elsewhere: Elsewhere::Imported })
    }

    /// A global variable, which a file gives its value.
    pub(crate) fn known_global(&self, file: &str, name: &str) -> Option<Known> {
        let text = self.text(file)?;
        let target = text.index()?.target_of_global(name);
        Some(Known { text, target, name: name.to_owned(), elsewhere: Elsewhere::Global })
    }

    /// What the program does with an object of these acts.
    pub(crate) fn traces(&self, scripts: &Scripts, known: &Known, acts: &[Act]) -> Traces {
        let others = self.others(scripts, &known.text.path);
        let mut traces = known.traces(acts, &others);
        traces.is_all &= others.len() < MOST_FILES;
        traces
    }

    /// Where the file of a thing adds listeners for an event to it, if it does so in one place.
    pub(crate) fn addition_of_listener(&self, emitter: &Known, event: &str) -> Option<Trace> {
        let index = emitter.text.index()?;
        let mut places: Vec<Trace> = index
            .listens(&emitter.target, event)
            .into_iter()
            .map(|found| trace(&emitter.text, index, found))
            .collect();
        places.dedup_by_key(|trace| trace.place.best().line);
        places.pop().filter(|_| places.is_empty())
    }

    /// Where the program takes listeners for an event off what a call has added one to, in the file of that call or another.
    pub(crate) fn removals_of_listener(
        &self,
        scripts: &Scripts,
        added: &Known,
        event: Option<&str>,
    ) -> Traces {
        let file = &added.text.path;
        let mut traces = Traces { found: Vec::new(), is_all: true, file: file.clone() };
        let others = self.others(scripts, file);
        for text in std::iter::once(Some(added.text.clone())).chain(others) {
            let Some(text) = text.filter(|text| text.is_whole) else {
                traces.is_all = false;
                continue;
            };
            let Some(index) = text.index() else {
                traces.is_all = false;
                continue;
            };
            let is_same_file = text.path == *file;
            let exact =
                if is_same_file { index.traces(&added.target, &[Act::Unlisten]).uses } else { Vec::new() };
            for found in index.any(Act::Unlisten).filter(|found| index.may_be_of_event(found, event)) {
                if exact.contains(&found) {
                    traces.found.push(trace(&text, index, found));
                } else {
                    traces.is_all = false;
                }
            }
        }
        traces
    }

    /// Where a file puts something into the field of this name, if it has only one such field.
    pub(crate) fn insertion_in(&self, file: &str, name: &str) -> Option<Written> {
        let text = self.text(file)?;
        let index = text.index()?;
        let found = trace(&text, index, index.insertion_named(name)?);
        Some(Written { place: found.place, code: found.code })
    }

    /// The same in whichever of the program's files does so, if it is the only one.
    pub(crate) fn insertion_elsewhere(&self, scripts: &Scripts, name: &str) -> Option<Written> {
        let naming = self.of_user(scripts).filter(|text| text.text.contains(name));
        let mut found = naming.filter_map(|text| self.insertion_in(&text.path, name));
        found.next().filter(|_| found.next().is_none())
    }

    fn others(&self, scripts: &Scripts, file: &str) -> Vec<Option<Rc<Text>>> {
        beside(scripts, file).iter().take(MOST_FILES).map(|path| self.text(path)).collect()
    }

    /// The text in which functions are, and where.
    pub(super) fn seen_by(&self, scripts: &Scripts, spots: &[Spot]) -> Option<(Rc<Text>, Vec<u32>)> {
        let first = spots.first()?;
        let text = self.text(&display_path(scripts.name(first.script_id)?))?;
        let of_file = spots.iter().filter(|spot| spot.script_id == first.script_id);
        let inside = of_file.filter_map(|spot| offset_of(&text, scripts, *spot)).collect();
        Some((text, inside))
    }
}

/// A private field is called like one that is not.
fn plain(name: &str) -> String {
    name.trim_start_matches('#').to_owned()
}
