//! The line of a function by which what it allocates is allocated or kept, as far as the source tells.
//!
//! A profile names functions, and V8 writes down none that it has inlined: what is wanted may stand in a function that this one
//! calls. So those that it calls, and that a text is there for, are looked through as well, the nearest first.

use std::rc::Rc;

use oxc_span::Span;

use super::callee::short_callee;
use super::index::{Call, Called, Deed, Form, Index, Keeping};
use super::place::join;
use super::text::Text;
use super::traces::ENDINGS;
use super::within::bundled;
use super::{Author, Place, Sources, author_of};
use crate::findings::Location;

/// V8 inlines small functions into small ones: so many calls below a function are followed ...
const DEEPEST: usize = 3;
/// ... and so many functions looked through.
const MOST_FUNCTIONS: usize = 64;
/// Of more lines than these none is more likely than others.
const MOST_LINES: usize = 3;

/// What the stacks show below a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Below<'p> {
    /// Most of what is allocated, a function of this name of this package allocates, or has it allocated.
    Package { callee: &'p str, package: &'p str },
    /// V8's or Node's own function of this name.
    BuiltIn(&'p str),
    /// Nothing.
    Itself,
    /// Another function of the program's, which is asked about for itself.
    Unknown,
}

/// A line of the program's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) place: Place,
    /// What is called there, or given something, as it is written.
    pub(crate) code: String,
    /// The stacks show that the function calls it, and it does that nowhere else.
    pub(crate) is_seen: bool,
}

/// A function, and where it stands.
struct Body {
    text: Rc<Text>,
    span: Span,
    depth: usize,
}

impl Body {
    fn index(&self) -> Option<&Index> {
        self.text.index()
    }

    fn line(&self, at: u32, form: Form, is_seen: bool) -> Line {
        let code = match form {
            Form::Call(callee) => short_callee(self.text.slice(callee)),
            Form::Element(container) => format!("{}[…] =", self.text.slice(container)),
            Form::Delete(thing) | Form::Assigned(thing) | Form::Awaited(thing) => {
                self.text.slice(thing).to_owned()
            }
        };
        Line {
            place: self.text.place(at, self.index().and_then(|index| index.name_around(at))),
            code,
            is_seen,
        }
    }

    fn calls(&self) -> Vec<&Call> {
        self.index().map(|index| index.calls_by(self.span)).unwrap_or_default()
    }
}

impl Sources<'_> {
    /// The line by which a function, or one that it calls, most likely allocates or keeps what is allocated for it.
    pub(crate) fn keeping_line(&self, function: &Location, below: Below<'_>) -> Option<Line> {
        let bodies = self.bodies(function);
        let likely = |kinds: &[Keeping]| kinds.iter().find_map(|kind| likely(&bodies, *kind));
        let by_program = || likely(&[Keeping::InModule, Keeping::InObject]);
        let by_others = || likely(&[Keeping::ByPackage, Keeping::OfPackage, Keeping::InReceived]);
        match below {
            Below::Package { callee, package } => {
                named(&bodies, callee).or_else(|| of_package(&bodies, package))
            }
            Below::BuiltIn(callee) => by_program().or_else(|| named(&bodies, callee)).or_else(by_others),
            Below::Itself => by_program().or_else(by_others),
            Below::Unknown => by_program(),
        }
    }

    /// The function that V8 has begin at a place, and those of the program's that it calls, the nearest first.
    fn bodies(&self, function: &Location) -> Vec<Body> {
        let first = || {
            let text = self.text(&function.file)?;
            let at = text.offset(function.line - 1, function.column - 1)?;
            let span = text.index()?.body(at)?;
            Some(Body { text, span, depth: 0 })
        };
        let mut bodies: Vec<Body> = first().into_iter().collect();
        let mut next = 0;
        while let Some(body) = bodies.get(next).filter(|body| body.depth < DEEPEST) {
            let (text, depth) = (body.text.clone(), body.depth + 1);
            let called = text.index().map(|index| index.functions_called(body.span)).unwrap_or_default();
            for (text, span) in called.into_iter().filter_map(|called| self.called(&text, called)) {
                let is_known = |body: &Body| body.span == span && body.text.path == text.path;
                if bodies.len() < MOST_FUNCTIONS && !bodies.iter().any(is_known) {
                    bodies.push(Body { text, span, depth });
                }
            }
            next += 1;
        }
        bodies
    }

    /// Where a function that a script calls is written, if it is the program's own.
    fn called(&self, text: &Rc<Text>, called: Called<'_>) -> Option<(Rc<Text>, Span)> {
        let (text, span) = match called {
            Called::Here(span) => (text.clone(), span),
            Called::There { module, name, method } => {
                let other = self.module(&join(&text.path, module))?;
                let span = other.index()?.function_named(name, method)?;
                (other, span)
            }
        };
        let is_own = author_of(&text.place(span.start, None).best().file) == Author::User;
        is_own.then_some((text, span))
    }

    /// The text of a module, by the path by which it is loaded.
    fn module(&self, path: &str) -> Option<Rc<Text>> {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let of_folder = || ENDINGS.iter().map(|ending| format!("{path}/index{ending}"));
        let with_ending = ENDINGS.iter().map(|ending| format!("{path}{ending}"));
        std::iter::once(path.to_owned())
            .chain(with_ending)
            .chain(of_folder())
            .find_map(|path| self.text(&path))
    }
}

/// The calls of what has this name, in the first of the functions that does any. A call is seen where it is the only one: another
/// function that does one may have been inlined.
fn named(bodies: &[Body], callee: &str) -> Option<Line> {
    // A method's name, of `get size` or `Ajv.compile`.
    let name = callee.rsplit(['.', ' ']).next().filter(|name| !name.is_empty() && !name.starts_with('('))?;
    let calls = |body: &Body| -> Vec<(u32, Span)> {
        let found = body.index().map(|index| index.named_calls(&body.calls(), name)).unwrap_or_default();
        found.into_iter().map(|call| (call.start, call.callee)).collect()
    };
    let mut calling = bodies.iter().map(|body| (body, calls(body))).filter(|(_, calls)| !calls.is_empty());
    let (body, found) = calling.next()?;
    let is_seen = body.depth == 0 && found.len() == 1 && calling.next().is_none();
    let (at, callee) = found.first().filter(|_| found.len() <= MOST_LINES)?;
    Some(body.line(*at, Form::Call(*callee), is_seen))
}

/// The calls of a package, in the first of the functions that does any.
fn of_package(bodies: &[Body], package: &str) -> Option<Line> {
    bodies.iter().find_map(|body| {
        let index = body.index()?;
        let imported = index.of_packages(&[package], body.calls());
        let found =
            if imported.is_empty() { bundled(&body.text, index, body.calls(), &[package]) } else { imported };
        let dropped = found.iter().find(|call| call.is_dropped());
        let first = dropped.or(found.first().filter(|_| found.len() <= MOST_LINES))?;
        Some(body.line(first.start, Form::Call(first.callee), false))
    })
}

/// What is done of a kind in the nearest of the functions that does anything of it, unless that is too much.
fn likely(bodies: &[Body], kind: Keeping) -> Option<Line> {
    bodies.iter().find_map(|body| {
        let deeds: Vec<Deed> =
            body.index()?.deeds(body.span).into_iter().filter(|deed| deed.kind == kind).collect();
        let first = deeds.first()?;
        Some((deeds.len() <= MOST_LINES).then(|| body.line(first.at, first.form, false)))
    })?
}

#[cfg(test)]
mod tests;
