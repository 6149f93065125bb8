//! What to do about a suspect, with what that rests on.

use crate::contents::{Contents, Slices, Views};
use crate::facts::{Facts, Own, Undoing};
use crate::findings::{self, Package, RemedyKind, Seen, What};
use crate::held::Held;
use crate::source::{Around, Call, Place, Trace, Written};

/// What Node keeps until it is told otherwise, and by which call (lib/internal/perf/observe.js, Node 16.7 and later).
const CLEARED_BY: [(&str, &str); 2] =
    [("markEntryBuffer", "performance.clearMarks()"), ("measureEntryBuffer", "performance.clearMeasures()")];

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Clear a timer.
    ClearTimer {
        /// The function that started it, such as `setInterval`, if that is known.
        started_by: Option<&'static str>,
        /// What its handle is kept in, as it is written.
        handle: Option<String>,
        cleared: Undoing,
    },
    RemoveListener {
        /// By this it is added so that it goes when its event comes.
        once: Option<String>,
        removed: Undoing,
    },
    /// Write out or cut a string that is made longer and longer.
    CutString {
        cut: Undoing,
    },
    /// Take out of a collection what is done, or limit it.
    TakeOut {
        /// Where something is put in, and by which call.
        filled_by: Option<Written>,
        /// The package that does so in an object of the program's.
        filled_of: Option<Package>,
        taken_out: Undoing,
        /// The program itself can: it is no package's own.
        by_program: bool,
        /// So many of what grows there are now.
        count: u64,
    },
    /// Require a module once: whoever required it keeps it, also when it is no longer in `require.cache`.
    RequireOnce,
    /// Call the function by which Node takes out what it keeps itself.
    AskNode {
        call: &'static str,
    },
    /// Copy what is cut out of strings or buffers, which are kept whole otherwise.
    CopySlice {
        /// Bytes of such a whole string or buffer, on average.
        each: u64,
        /// The call that cuts a view out of a buffer; none where strings are cut.
        view_by: Option<Written>,
        /// Where the slices are put in, and by which call.
        filled_by: Option<Written>,
        taken_out: Undoing,
    },
    /// Settle a promise.
    Settle {
        /// The places that wait for it.
        awaited_by: Vec<Written>,
    },
    /// Let go of a promise that has settled.
    LetGo,
    Unpipe,
    /// Read from a stream, or stop writing to it.
    Consume {
        /// It can be read from: it is no stream that only takes.
        is_readable: bool,
        is_web: bool,
        read: Undoing,
    },
    /// Let go of a variable.
    Release {
        /// Each of a chain's links holds the next by this.
        chained_by: Option<String>,
        replaced: Undoing,
    },
    /// Unlink the elements of a list.
    Unlink,
    /// Close a handle.
    Close {
        /// The program's code that the handle keeps, and the call that was given it.
        keeps: Option<(Place, Option<String>)>,
        closed: Undoing,
    },
}

impl Remedy {
    /// What is to be done about a suspect of which there are so many now; nothing for what Node or V8 keeps for itself.
    pub(crate) fn of(facts: &Facts, count: u64) -> Option<Self> {
        let call = facts.code.as_ref().and_then(|code| code.call.as_ref());
        let is_string = facts.grows.class.contains("string");
        let undoing = || facts.done.undoing.clone();
        Some(match &facts.held {
            Held::Timer { .. } => Self::ClearTimer {
                started_by: call.and_then(|call| started_by(&call.callee)),
                handle: facts.done.handle.clone(),
                cleared: undoing(),
            },
            Held::Listener { .. } => {
                Self::RemoveListener { once: call.and_then(goes_by_itself), removed: undoing() }
            }
            Held::Collection { .. } | Held::Object => return Self::of_collection(facts, count),
            Held::Promise { is_pending: true, .. } => Self::Settle { awaited_by: facts.done.waits.clone() },
            Held::Promise { .. } => Self::LetGo,
            Held::Stream { is_piped: true, .. } => Self::Unpipe,
            Held::Stream { is_readable, is_web, .. } => {
                Self::Consume { is_readable: *is_readable, is_web: *is_web, read: undoing() }
            }
            Held::Closure { .. } if is_string => Self::CutString { cut: undoing() },
            Held::Closure { .. } => Self::Release {
                chained_by: facts.grows.chain.as_ref().and_then(|chain| chain.by.clone()),
                replaced: undoing(),
            },
            Held::List => Self::Unlink,
            Held::Native { is_open, .. } => {
                let code = facts.code.as_ref();
                let keeps = code.map(|code| (code.place.clone(), call.map(|call| call.callee.clone())));
                Some(Self::Close { keeps, closed: undoing() }).filter(|_| *is_open || code.is_some())?
            }
        })
    }

    /// Of a collection, or an object with what grows in its fields.
    fn of_collection(facts: &Facts, count: u64) -> Option<Self> {
        let is_object = matches!(facts.held, Held::Object);
        let is_string = facts.grows.class.contains("string");
        let undoing = || facts.done.undoing.clone();
        if is_object && (facts.grows.chain.is_some() || facts.grows.in_slot && is_string) {
            // What a package links or makes longer, the program can neither cut nor let go of.
            if facts.is_of_package() {
                return None;
            }
            if facts.grows.in_slot && is_string {
                return Some(Self::CutString { cut: undoing() });
            }
            // What hangs on the newest link of a chain was not put in one by one.
            let chained_by = facts.grows.chain.as_ref().and_then(|chain| chain.by.clone());
            return Some(Self::Release { chained_by, replaced: undoing() });
        }
        if facts.keeps_modules() {
            return Some(Self::RequireOnce).filter(|_| facts.grows.is_required_again);
        }
        // The program has no hand in it but by what Node offers.
        if facts.holder.is_nodes {
            let name = facts.holder.name.as_ref()?.bare();
            let (_, call) = CLEARED_BY.into_iter().find(|(kept, _)| *kept == name)?;
            return Some(Self::AskNode { call });
        }
        let (filled_by, taken_out) = (facts.done.insertion.clone(), undoing());
        Some(match &facts.grows.contents {
            Some(Contents::Slices(Slices { each })) => {
                Self::CopySlice { each: *each, view_by: None, filled_by, taken_out }
            }
            Some(Contents::Views(Views { each, cut_by })) => {
                Self::CopySlice { each: *each, view_by: Some(cut_by.clone()), filled_by, taken_out }
            }
            _ => {
                let by_program = !facts.is_of_package();
                let filler = facts.package.as_ref().filter(|of| of.own == Own::Filler);
                let filled_of = filler.map(|of| of.package.clone());
                Self::TakeOut { filled_by, filled_of, taken_out, by_program, count }
            }
        })
    }

    /// The same for the findings.
    pub(crate) fn found(&self) -> findings::Remedy {
        let (kind, undoing) = match self {
            Self::ClearTimer { cleared, .. } => (RemedyKind::ClearTimer, Some(cleared)),
            Self::RemoveListener { removed, .. } => (RemedyKind::RemoveListener, Some(removed)),
            Self::CutString { cut } => (RemedyKind::CutString, Some(cut)),
            Self::TakeOut { taken_out, .. } => (RemedyKind::TakeOut, Some(taken_out)),
            Self::AskNode { .. } => (RemedyKind::TakeOut, None),
            Self::CopySlice { taken_out, .. } => (RemedyKind::CopySlice, Some(taken_out)),
            Self::Settle { .. } => (RemedyKind::Settle, None),
            Self::LetGo => (RemedyKind::LetGo, None),
            Self::RequireOnce => (RemedyKind::RequireOnce, None),
            Self::Unpipe => (RemedyKind::Unpipe, None),
            Self::Consume { read, .. } => (RemedyKind::Consume, Some(read)),
            Self::Release { replaced, .. } => (RemedyKind::Release, Some(replaced)),
            Self::Unlink => (RemedyKind::Unlink, None),
            Self::Close { closed, .. } => (RemedyKind::Close, Some(closed)),
        };
        let mut evidence = Vec::new();
        match self {
            Self::TakeOut { filled_by: Some(by), .. } | Self::CopySlice { filled_by: Some(by), .. } => {
                evidence.push(seen(What::PutIn, Some(&by.code), &by.place));
            }
            Self::Settle { awaited_by } => {
                evidence.extend(awaited_by.iter().map(|by| seen(What::Awaited, Some(&by.code), &by.place)));
            }
            Self::Close { keeps: Some((place, given_to)), .. } => {
                evidence.push(seen(What::Keeps, given_to.as_deref(), place));
            }
            _ => {}
        }
        evidence.extend(undoing.into_iter().flat_map(of_undoing));
        findings::Remedy { kind, evidence }
    }
}

/// What has a listener go when its event comes, as it is written.
fn goes_by_itself(call: &Call) -> Option<String> {
    let is_method = call.callee.ends_with(".once") || call.callee.ends_with(".prependOnceListener");
    if is_method { Some(call.callee.clone()) } else { call.is_once.then(|| "once: true".to_owned()) }
}

fn started_by(callee: &str) -> Option<&'static str> {
    ["setInterval", "setTimeout", "setImmediate"].into_iter().find(|start| callee.contains(start))
}

fn of_undoing(undoing: &Undoing) -> Vec<Seen> {
    match undoing {
        Undoing::Unknown => Vec::new(),
        Undoing::Impossible(Some(place)) | Undoing::Dropped(place) => vec![seen(What::NotKept, None, place)],
        Undoing::Impossible(None) => {
            vec![Seen { what: What::NotKept, code: None, function: None, file: None, line: None }]
        }
        Undoing::Nowhere { file } => {
            vec![Seen {
                what: What::NoLine,
                code: None,
                function: None,
                file: Some(file.clone()),
                line: None,
            }]
        }
        Undoing::There { places, .. } => places.iter().flat_map(of_trace).collect(),
        Undoing::Limit(trace) => of_trace(trace),
    }
}

fn of_trace(trace: &Trace) -> Vec<Seen> {
    let function = trace.within.as_ref().map(|within| match within {
        Around::Named(name) | Around::HandedTo(name) => name.clone(),
    });
    let undone = Seen { function, ..seen(What::Undone, Some(&trace.code), &trace.place) };
    let check = trace.check.as_ref().map(|check| match &check.limit {
        Some(limit) => seen(What::Limit, Some(&limit.code), &check.place),
        None => seen(What::Check, None, &check.place),
    });
    std::iter::once(undone).chain(check).collect()
}

fn seen(what: What, code: Option<&str>, place: &Place) -> Seen {
    let location = place.best();
    Seen {
        what,
        code: code.map(str::to_owned),
        function: None,
        file: Some(location.file.clone()),
        line: Some(location.line),
    }
}
