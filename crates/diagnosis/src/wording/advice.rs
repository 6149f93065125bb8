//! What to do about a suspect, after what was seen of it.

use super::place::{at, in_file, short};
use super::size;
use crate::facts::Undoing;
use crate::remedy::Remedy;
use crate::source::{Act, Around, Trace, Written};

/// More places are counted, not listed.
const MOST_PLACES: usize = 3;
/// Longer code is not quoted.
const LONGEST_CODE: usize = 60;

/// The clause and the sentence that a suspect's sentence ends with.
pub(super) fn advice(remedy: &Remedy) -> String {
    match remedy {
        Remedy::ClearTimer { started_by, handle, cleared } => {
            clear_timer(*started_by, handle.as_deref(), cleared)
        }
        Remedy::RemoveListener { once, removed } => remove_listener(once.as_deref(), removed),
        Remedy::CutString { cut } => with_clause(cut, ("cuts it", "cut it"), "write it out, or cut it"),
        Remedy::TakeOut { filled_by, filled_of, taken_out, by_program, count } => {
            let take_out = match by_program {
                true => take_out(taken_out, *count),
                false => taken_out_by_package(taken_out, *count),
            };
            let of = filled_of.as_ref().map_or_else(String::new, |package| format!(" of {package}"));
            format!("{}{of}{take_out}", filled(filled_by.as_ref()))
        }
        Remedy::AskNode { call } => format!(". Node.js keeps each until {call} is called"),
        Remedy::RequireOnce => {
            ". A module stays among the children of the one that required it, also when it is taken \
                                out of require.cache: require it once"
                .to_owned()
        }
        Remedy::CopySlice { each, view_by, filled_by, taken_out } => {
            format!("{}{}", filled(filled_by.as_ref()), copy_slice(*each, view_by.as_ref(), taken_out))
        }
        Remedy::Settle { awaited_by } => format!(
            ". As long as it is pending, everything that waits for it stays alive: each {} adds one",
            waits(awaited_by)
        ),
        Remedy::LetGo => {
            ". It has settled and keeps its result: let go of it when that has been used".to_owned()
        }
        Remedy::Unpipe => ". Remove (unpipe) what is done".to_owned(),
        Remedy::Consume { is_readable, is_web: true, .. } => consume_of_web(*is_readable),
        Remedy::Consume { is_readable, read, .. } => consume(*is_readable, read),
        Remedy::Release { chained_by: Some(by), .. } => {
            format!(". Cut the chain: set {by} to null when it is no longer needed")
        }
        Remedy::Release { replaced, .. } => {
            let advice = "set it to null when it is no longer needed";
            with_clause(replaced, ("gives it another value", "give it another value"), advice)
        }
        Remedy::Unlink => ". Unlink what is done".to_owned(),
        Remedy::Close { keeps: None, .. } => {
            ". Each stays open until it is closed: close it when it is done".to_owned()
        }
        Remedy::Close { keeps: Some((place, given_to)), closed } => {
            let handed =
                given_to.as_ref().map_or_else(String::new, |callee| format!("what {callee} was given "));
            let clause = clause(closed, ("closes it", "close it"));
            let clause = clause.map_or_else(String::new, |clause| format!("; {}", lower(&clause)));
            let close = make_sure(closed, "close it when it is done");
            format!(". Each keeps itself alive, with {handed}({}){clause}: {close}", at(place))
        }
    }
}

/// `Promise.race (shutdown.js:8) or await shutdown (mail.js:12)`.
fn waits(awaited_by: &[Written]) -> String {
    if awaited_by.is_empty() || awaited_by.len() > MOST_PLACES {
        return "then, await or Promise.race on it".to_owned();
    }
    let places = awaited_by.iter().map(|by| format!("{} ({})", by.code, at(&by.place)));
    places.collect::<Vec<_>>().join(" or ")
}

fn copy_slice(each: u64, view_by: Option<&Written>, taken_out: &Undoing) -> String {
    let take_out = match taken_out {
        // Copies would grow as well.
        Undoing::Nowhere { .. } => take_out(taken_out, 0),
        _ => String::new(),
    };
    let each = size(each);
    match view_by {
        Some(by) => format!(
            ". {} ({}) makes no copy: each view keeps the whole buffer that it was cut from, {each} on average: keep a copy, \
             as Buffer.from(view) makes{take_out}",
            by.code,
            at(&by.place)
        ),
        None => format!(
            ". Each slice keeps the whole string that it was cut from, {each} on average: keep a copy, as \
             Buffer.from(slice).toString() makes{take_out}"
        ),
    }
}

fn filled(by: Option<&Written>) -> String {
    by.map_or_else(String::new, |by| format!(", filled by {} ({})", by.code, at(&by.place)))
}

fn remove_listener(once: Option<&str>, removed: &Undoing) -> String {
    let clause = clause(removed, ("removes it", "remove it"));
    let remove = make_sure(removed, "remove it when its owner is done");
    match (once, clause) {
        (Some(once), Some(clause)) => {
            format!(". {once} removes it only when its event comes, and {}: {remove}", lower(&clause))
        }
        (Some(once), None) => format!(". {once} removes it only when its event comes: {remove}"),
        (None, Some(clause)) => format!(". {clause}: {remove}"),
        (None, None) => ". Remove the listener when its owner is done".to_owned(),
    }
}

fn clear_timer(started_by: Option<&str>, handle: Option<&str>, cleared: &Undoing) -> String {
    let clear = match started_by {
        Some("setInterval") => "clearInterval when done",
        Some("setImmediate") => "clearImmediate when it is no longer needed",
        Some(_) => "clearTimeout when it is no longer needed",
        None => return ". Clear the timer when it is no longer needed".to_owned(),
    };
    let start = started_by.unwrap_or("the call");
    match cleared {
        Undoing::Dropped(_) => format!(". What {start} returns is dropped there: keep it, and call {clear}"),
        Undoing::Impossible(_) => format!(". Nobody keeps what {start} returns: keep it, and call {clear}"),
        Undoing::Nowhere { .. } | Undoing::There { .. } => {
            let what = handle.map_or_else(|| format!("what {start} returns"), str::to_owned);
            let clause =
                clause(cleared, (&format!("clears {what}"), &format!("clear {what}"))).unwrap_or_default();
            format!(". {clause}: {}", make_sure(cleared, &format!("call {clear}")))
        }
        Undoing::Unknown | Undoing::Limit(_) => format!(". Call {clear}"),
    }
}

fn take_out(taken_out: &Undoing, count: u64) -> String {
    let Undoing::Limit(trace) = taken_out else {
        return with_clause(
            taken_out,
            ("removes from it", "remove from it"),
            "delete what is done, or set a limit",
        );
    };
    let limit = trace.check.as_ref().and_then(|check| Some((check, check.limit.as_ref()?)));
    let Some((check, limit)) = limit else { return String::new() };
    let is_quoted = check.place.original.is_none() && limit.code.len() <= LONGEST_CODE;
    let code = if is_quoted { format!("{}, ", limit.code) } else { String::new() };
    let reached = match limit.number {
        Some(number) if count < number => "not reached yet",
        _ => "which has not stopped the growth so far",
    };
    format!(". A limit is there ({code}{}), {reached}: lower it if that is too much", at(&check.place))
}

/// What a package keeps, the program can only have it take out.
fn taken_out_by_package(taken_out: &Undoing, count: u64) -> String {
    match (taken_out, clause(taken_out, ("removes from it", "remove from it"))) {
        (Undoing::Limit(_), _) => take_out(taken_out, count),
        (Undoing::There { places, .. }, Some(clause)) => {
            let that = if places.len() == 1 { "it" } else { "one of them" };
            format!(". {clause}: make sure that {that} runs")
        }
        (_, Some(clause)) => format!(". {clause}"),
        (_, None) => String::new(),
    }
}

fn consume_of_web(is_readable: bool) -> String {
    let advice = match is_readable {
        true => ". More is written to it than read: read from it, or cancel it",
        false => {
            ". More is written to it than it has passed on: wait for its writer to be ready, or write less"
        }
    };
    advice.to_owned()
}

fn consume(is_readable: bool, read: &Undoing) -> String {
    if !is_readable {
        return ". More is written to it than it has passed on: wait for 'drain', or write less".to_owned();
    }
    match clause(read, ("reads it", "read it")) {
        Some(clause) if matches!(read, Undoing::There { .. }) => {
            format!(". More is written to it than read; {}: wait for 'drain', or write less", lower(&clause))
        }
        Some(clause) => format!(". {clause}: attach a consumer, call resume(), or stop writing"),
        None => {
            ". More is written to it than read: attach a consumer, call resume(), or stop writing".to_owned()
        }
    }
}

/// `. No line of cache.js removes from it: delete what is done`, or the advice alone.
fn with_clause(undoing: &Undoing, verbs: (&str, &str), advice: &str) -> String {
    match clause(undoing, verbs) {
        Some(clause) => format!(". {clause}: {advice}"),
        None => format!(". {}", upper(advice)),
    }
}

/// What was seen of who undoes it: `one` does, `more` do.
fn clause(undoing: &Undoing, (one, more): (&str, &str)) -> Option<String> {
    let Undoing::There { places, is_all } = undoing else {
        return match undoing {
            Undoing::Nowhere { file } => Some(format!("No line of {} {one}", in_file(file))),
            _ => None,
        };
    };
    let (one, more) = match places.iter().all(|place| place.act == Act::Assign) {
        true => ("replaces it", "replace it"),
        false => (one, more),
    };
    let only = if *is_all { "Only " } else { "" };
    match places.as_slice() {
        [] => None,
        [place] => Some(match behind(place) {
            Some(check) => format!("{} stands behind {check}", named(place)),
            None => format!("{only}{} {one}", named(place)),
        }),
        [before @ .., last] if places.len() <= MOST_PLACES => {
            let before: Vec<String> = before.iter().map(named).collect();
            Some(format!("{only}{} and {} {more}", before.join(", "), named(last)))
        }
        [first, ..] => Some(format!("{} lines, such as {}, {more}", places.len(), named(first))),
    }
}

/// `this.waiting.shift in release (pool.js:19)`.
fn named(trace: &Trace) -> String {
    // What a bundler calls a function says nothing.
    let within = trace.within.as_ref().filter(|_| trace.place.original.is_none());
    let code = if trace.act == Act::Assign { format!("{} …", trace.code) } else { trace.code.clone() };
    match within {
        Some(Around::Named(function)) => format!("{code} in {function} ({})", at(&trace.place)),
        Some(Around::HandedTo(callee)) => format!("{code} in what {callee} was given ({})", at(&trace.place)),
        None => format!("{code} ({})", at(&trace.place)),
    }
}

fn behind(trace: &Trace) -> Option<String> {
    let check = trace.check.as_ref().filter(|check| check.limit.is_none())?;
    Some(format!("a check ({})", short(&check.place)))
}

/// Where there is something that undoes it, it does not run.
fn make_sure(undoing: &Undoing, advice: &str) -> String {
    match undoing {
        Undoing::There { .. } => "make sure that it runs".to_owned(),
        _ => advice.to_owned(),
    }
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Within a sentence; code is left as it is.
fn lower(clause: &str) -> String {
    match clause.strip_prefix("No line").map(|rest| format!("no line{rest}")) {
        Some(lower) => lower,
        None => clause.strip_prefix("Only ").map_or_else(|| clause.to_owned(), |rest| format!("only {rest}")),
    }
}
