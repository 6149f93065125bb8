//! What the program does with one object, wherever it names it.

use std::rc::Rc;

use super::index::{Act, Form, Index, Runs, Target, Use, Within};
use super::place::{Place, join};
use super::scripts::{Author, Scripts, author_of, display_path};
use super::text::Text;

/// What may be left out at the end of the name by which a module is loaded.
pub(super) const ENDINGS: &[&str] = &[".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"];

/// An object of which the program's source has a name, as one of its files names it.
#[derive(Clone)]
pub(crate) struct Known {
    pub(super) text: Rc<Text>,
    pub(super) target: Target,
    /// The variable or field alone.
    pub(super) name: String,
    /// The names by which it is looked for in other files, besides what they import.
    pub(super) elsewhere: Elsewhere,
}

/// How other files may name an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// By what they import.
    Imported,
    /// As a field of something.
    Field,
    /// As a global variable.
    Global,
    /// Nobody knows, nor in this file: it was handed to the function that has it for a parameter.
    Anyhow,
}

/// What the program does with an object.
pub(crate) struct Traces {
    pub(crate) found: Vec<Trace>,
    /// There is nothing else: all files that could name it are known, and nothing is done under a name that does not tell.
    pub(crate) is_all: bool,
    /// The file that declares it.
    pub(crate) file: String,
}

/// A place where the program does something with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) act: Act,
    pub(crate) place: Place,
    /// `cache.delete`, `delete cache[…]`, `cache =`.
    pub(crate) code: String,
    pub(crate) within: Option<Around>,
    pub(crate) check: Option<Check>,
}

/// The function around a piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    Named(String),
    /// It has no name; what it is handed to.
    HandedTo(String),
}

/// What must hold for a piece of code to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) place: Place,
    /// It compares the object's size.
    pub(crate) limit: Option<Limit>,
}

/// A comparison of an object's size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// As it is written: `pages.size > MAX_PAGES`.
    pub(crate) code: String,
    /// With this number, where that is written down.
    pub(crate) number: Option<u64>,
    /// With what a field has, where that is it.
    pub(crate) field: Option<OfField>,
    pub(crate) runs: Runs,
}

/// A number that comes of a field's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfField {
    pub(crate) name: String,
    thousandths: u32,
    more: i64,
}

impl OfField {
    /// The number, where the field has this one.
    pub(crate) fn of(&self, field: f64) -> u64 {
        (field * f64::from(self.thousandths) / 1_000.0 + self.more as f64).max(0.0) as u64
    }
}

impl Known {
    /// A field of it.
    pub(crate) fn field(&self, name: &str) -> Option<Self> {
        let target = self.text.index()?.field_of(&self.target, name);
        Some(Self { text: self.text.clone(), target, name: name.to_owned(), elsewhere: Elsewhere::Field })
    }

    /// One of its elements.
    pub(crate) fn element(&self) -> Option<Self> {
        let target = self.text.index()?.element_of(&self.target);
        Some(Self { target, ..self.clone() })
    }

    /// What is done with it of these acts.
    pub(super) fn traces(&self, acts: &[Act], others: &[Option<Rc<Text>>]) -> Traces {
        let mut traces =
            Traces { found: Vec::new(), is_all: self.text.is_whole, file: self.text.path.clone() };
        let is_here = matches!(self.elsewhere, Elsewhere::Imported | Elsewhere::Anyhow);
        traces.is_all &= self.elsewhere != Elsewhere::Anyhow;
        let Some(index) = self.text.index() else {
            traces.is_all = false;
            return traces;
        };
        traces.take(&self.text, index, &self.target, acts);
        let ways = index.ways_out(&self.target);
        if ways.is_empty() && is_here {
            return traces;
        }
        for other in others {
            let Some(text) = other.as_ref().filter(|text| text.is_whole) else {
                traces.is_all = false;
                continue;
            };
            if !self.may_be_named_in(text, &ways) {
                continue;
            }
            match text.index() {
                Some(index) => traces.take(text, index, &self.target_in(text, index, &ways), acts),
                None => traces.is_all = false,
            }
        }
        traces
    }

    /// What does not name it need not be parsed.
    fn may_be_named_in(&self, text: &Text, ways: &[Vec<&str>]) -> bool {
        let by_way = |way: &Vec<&str>| match way.last() {
            Some(last) => text.text.contains(last),
            None => text.text.contains(stem(&self.text.path)),
        };
        let is_named = matches!(self.elsewhere, Elsewhere::Field | Elsewhere::Global);
        let by_name = is_named && text.text.contains(&self.name);
        by_name || ways.iter().any(by_way)
    }

    fn target_in(&self, text: &Text, index: &Index, ways: &[Vec<&str>]) -> Target {
        // What is called by its name alone is a package.
        let is_module =
            |name: &str| name.starts_with(['.', '/']) && is_at(&join(&text.path, name), &self.text.path);
        let beyond = match self.elsewhere {
            Elsewhere::Imported | Elsewhere::Anyhow => Target::default(),
            Elsewhere::Field => index.any_field(&self.name),
            Elsewhere::Global => index.target_of_global(&self.name),
        };
        ways.iter().fold(beyond, |target, way| target.or(index.imported(is_module, way)))
    }
}

impl Traces {
    /// What is done with another object as well.
    pub(crate) fn and(mut self, other: Self) -> Self {
        let more: Vec<Trace> = other.found.into_iter().filter(|found| !self.found.contains(found)).collect();
        self.found.extend(more);
        Self { is_all: self.is_all && other.is_all, ..self }
    }

    fn take(&mut self, text: &Text, index: &Index, target: &Target, acts: &[Act]) {
        let found = index.traces(target, acts);
        self.is_all &= !found.may_be_more;
        // What is done with its elements counts where nothing is done with the object itself.
        let uses = if found.uses.is_empty() { found.of_elements } else { found.uses };
        self.found.extend(uses.into_iter().map(|found| trace(text, index, found)));
    }
}

/// A use as a trace.
pub(super) fn trace(text: &Text, index: &Index, found: &Use) -> Trace {
    let code = match found.form {
        Form::Call(callee) => called(text.slice(callee)),
        Form::Delete(container) => format!("delete {}[…]", text.slice(container)),
        Form::Element(container) => format!("{}[…] =", text.slice(container)),
        Form::Assigned(target) => format!("{} =", text.slice(target)),
        Form::Awaited(promise) => format!("await {}", text.slice(promise)),
    };
    let within = found.setting.within.map(|within| match within {
        Within::Named(name) => Around::Named(index.text(name).to_owned()),
        Within::HandedTo(callee) => Around::HandedTo(text.slice(callee).to_owned()),
    });
    let check = found.setting.check.map(|check| Check {
        place: text.place(check.test.start, None),
        limit: check.limit.map(|limit| Limit {
            code: text.slice(limit.compared).to_owned(),
            number: limit.number,
            field: limit.field.map(|field| OfField {
                name: index.text(field.name).to_owned(),
                thousandths: field.thousandths,
                more: field.more,
            }),
            runs: limit.runs,
        }),
    });
    Trace { act: found.act, place: text.place(found.at, None), code, within, check }
}

/// Older compilers write `m["delete"]` for `m.delete`.
fn called(callee: &str) -> String {
    let quoted = callee.strip_suffix("\"]").and_then(|callee| callee.rsplit_once("[\""));
    quoted.map_or_else(|| callee.to_owned(), |(object, method)| format!("{object}.{method}"))
}

/// The program's files that could name what a file declares: those of the program or, for a package's file, its own.
pub(super) fn beside(scripts: &Scripts, file: &str) -> Vec<String> {
    let others: Vec<String> = match author_of(file) {
        Author::User => scripts.of_user().map(display_path).collect(),
        _ => scripts.of_package(file).map(display_path).collect(),
    };
    others.into_iter().filter(|other| other != file).collect()
}

/// Whether a module that is loaded by this path is that file.
fn is_at(path: &str, file: &str) -> bool {
    let without = |path: &str| -> String {
        let ending = ENDINGS.iter().find(|ending| path.ends_with(**ending)).copied().unwrap_or_default();
        path[..path.len() - ending.len()].to_owned()
    };
    let (path, file) = (without(path), without(file));
    path == file || file.strip_suffix("/index").is_some_and(|folder| folder == path)
}

/// The name of a file, or of its folder, without its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).find(|part| !part.starts_with("index.")).unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_how_others_load_them() {
        for (path, file, is_one) in [
            ("/app/cache", "/app/cache.js", true),
            ("/app/cache.js", "/app/cache.ts", true),
            ("/app/cache", "/app/cache/index.js", true),
            ("/app/cache", "/app/other/cache.js", false),
        ] {
            assert_eq!(is_at(path, file), is_one, "{path} {file}");
        }
        assert_eq!((stem("/app/cache/index.js"), stem("/app/a.b.js")), ("cache", "a"));
    }
}
