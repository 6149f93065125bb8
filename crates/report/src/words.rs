//! Sizes, places and paths as every format for people words them.

pub use leakhunt_diagnosis::count;
pub(crate) use leakhunt_diagnosis::size;
use leakhunt_diagnosis::{
    Allocation, Change, Cpu, Hop, Hot, KeepingLine, Kind, Location, Pace, State, Suspect, Text, Verdict,
};

use leakhunt_text::one_line;

use crate::session::{AppTime, Session, WorkerThread};

/// The thread that was hunted, after the process; nothing where it was the main thread.
pub(crate) fn thread_of(session: &Session) -> String {
    match &session.worker {
        None => String::new(),
        Some(WorkerThread { thread, name: Some(name), .. }) => {
            line(&format!(", worker thread {thread} ({name})"))
        }
        Some(WorkerThread { thread, .. }) => format!(", worker thread {thread}"),
    }
}

/// A path is shown with at most this many steps; those nearest to the roots and to the leak stay.
const LONGEST_PATH: usize = 24;

/// The longest word that is shown whole: V8 cuts names at 1,024 characters, people stop reading earlier.
const LONGEST_WORD: usize = 120;

/// A text in one line, its longest words cut in the middle.
pub(crate) fn line(text: &str) -> String {
    let whole = one_line(text);
    if whole.len() <= LONGEST_WORD {
        return whole;
    }
    whole.split(' ').map(cut_word).collect::<Vec<_>>().join(" ")
}

fn cut_word(word: &str) -> String {
    let count = word.chars().count();
    if count <= LONGEST_WORD {
        return word.to_owned();
    }
    let half = LONGEST_WORD / 2;
    let head: String = word.chars().take(half).collect();
    let tail: String = word.chars().skip(count - half).collect();
    format!("{head}…{tail}")
}

/// The verdict in a word.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Leak => "leak",
        Verdict::Healthy => "healthy",
        Verdict::NotHeap => "not in the heap",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// What a kind of holder is called in a sentence.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Timer => "a timer",
        Kind::Listener => "a listener",
        Kind::Map => "a Map",
        Kind::Set => "a Set",
        Kind::Array => "an array",
        Kind::Object => "an object",
        Kind::Closure => "a closure variable",
        Kind::Promise => "a promise",
        Kind::Stream => "a stream",
        Kind::List => "a linked list",
        Kind::Native => "Node.js itself",
    }
}

/// `DiscountBanner, retained by a timer`.
pub(crate) fn title(suspect: &Suspect) -> String {
    let variable = suspect.holder.as_ref().and_then(|holder| holder.variable.as_deref());
    let kind = kind(suspect.kind);
    let holder = match variable {
        Some(variable) => {
            let name = kind.strip_prefix("a ").or_else(|| kind.strip_prefix("an ")).unwrap_or(kind);
            format!("the {name} {}", line(variable))
        }
        None => kind.to_owned(),
    };
    format!("{}, retained by {holder}", line(&suspect.class))
}

/// `290 → 1,740 objects, 1.2 MB → 8.1 MB`.
pub(crate) fn growth(suspect: &Suspect) -> String {
    let ends = |series: &[u64], show: fn(u64) -> String| match series {
        [first, .., last] if first != last => Some(format!("{} → {}", show(*first), show(*last))),
        _ => None,
    };
    let counts = ends(&suspect.growth.counts, count).map(|counts| format!("{counts} objects"));
    let bytes = ends(&suspect.growth.bytes, size);
    [counts, bytes].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `1.1 MB per snapshot, 1.8 MB a minute`; the latter where the times of the snapshots are known.
pub(crate) fn pace(suspect: &Suspect) -> Option<String> {
    let growth = &suspect.growth;
    let pace = Pace { per_step: growth.per_step, per_minute: growth.per_minute };
    (growth.bytes.len() > 1 && growth.per_step > 0).then(|| paced(Some(pace)))
}

/// What became of a suspect since the baseline, in a word or two.
pub(crate) fn state(state: State) -> &'static str {
    match state {
        State::Gone => "gone",
        State::NotSeen => "not seen",
        State::Slower => "slower",
        State::Same => "as before",
        State::Faster => "faster",
        State::New => "new",
    }
}

/// Is it good, bad or neither?
pub(crate) fn trend(change: &Change) -> &'static str {
    match change.state {
        State::Gone | State::Slower => "down",
        State::Same | State::Faster | State::New => "up",
        State::NotSeen => "unknown",
    }
}

/// `1.1 MB per snapshot, 1.8 MB a minute`.
pub(crate) fn paced(pace: Option<Pace>) -> String {
    pace.map_or_else(String::new, |pace| {
        let a_minute =
            pace.per_minute.map_or_else(String::new, |bytes| format!(", {} a minute", size(bytes)));
        format!("{} per snapshot{a_minute}", size(pace.per_step))
    })
}

/// `.url 43 characters`, or what it says where that was asked for.
pub(crate) fn string(text: &Text) -> String {
    let at = match text.at.as_str() {
        "" => "itself".to_owned(),
        "key" => "key".to_owned(),
        property => format!(".{}", line(property)),
    };
    match &text.value {
        Some(value) => format!("{at} \"{}\"", line(value)),
        None => format!("{at} {} characters", count(text.length as u64)),
    }
}

/// All strings that are told of.
pub(crate) fn strings(suspect: &Suspect) -> String {
    suspect.strings.iter().map(string).collect::<Vec<_>>().join(", ")
}

/// How sure a suspect is.
pub(crate) fn confidence(suspect: &Suspect) -> String {
    format!("confidence {:.0} %", suspect.confidence * 100.0)
}

/// `/app/server.js:12:5 in handler`.
pub(crate) fn place(location: &Location) -> String {
    let at = format!("{}:{}:{}", line(&location.file), location.line, location.column);
    match &location.function {
        Some(function) if !function.is_empty() => format!("{at} in {}", line(function)),
        _ => at,
    }
}

/// What a function of a profile is called, or what stands for its name.
pub(crate) fn function(name: &str) -> String {
    if name.is_empty() { "(anonymous)".to_owned() } else { line(name) }
}

/// Where a place that allocates is, and for whom.
pub(crate) fn allocated_at(allocation: &Allocation) -> String {
    let best = allocation.original_location.as_ref().or(allocation.location.as_ref());
    let line = allocation.line.as_ref().map_or_else(String::new, keeping);
    format!("{}{line}", written_at(best, allocation.called_from.as_ref()))
}

/// `, by ajv.compile (/app/forms.js:13:17)`, or where the source alone tells `, probably by …`.
fn keeping(KeepingLine { location, code, is_seen }: &KeepingLine) -> String {
    let by = if *is_seen { "by" } else { "probably by" };
    format!(", {by} {} ({}:{}:{})", line(code), line(&location.file), location.line, location.column)
}

/// The same of a function that takes time, with its package.
pub(crate) fn hot_at(hot: &Hot) -> String {
    let best = hot.original_location.as_ref().or(hot.location.as_ref());
    let of_package = hot.package.as_ref().map_or_else(String::new, |package| line(&format!(" of {package}")));
    format!("{}{of_package}", written_at(best, hot.called_from.as_ref()))
}

/// `/app/shop.js:12:5`, `V8's own, for /app/shop.js:12:5 in render`.
fn written_at(location: Option<&Location>, called_from: Option<&Location>) -> String {
    let own = location
        .map_or_else(|| "V8's own".to_owned(), |at| format!("{}:{}:{}", line(&at.file), at.line, at.column));
    match called_from {
        Some(caller) => format!("{own}, for {}", place(caller)),
        None => own,
    }
}

/// `1.2 s, 41 %`: what a function took by itself.
pub(crate) fn took(hot: &Hot) -> String {
    format!("{}, {:.0} %", milliseconds(hot.self_ms), hot.share * 100.0)
}

/// `; 3.4 s with what it calls`, where that is more.
pub(crate) fn took_in_all(hot: &Hot) -> String {
    let more = hot.total_ms > hot.self_ms;
    if more { format!("; {} with what it calls", milliseconds(hot.total_ms)) } else { String::new() }
}

/// How busy the program was, and with what: `busy for 50 % of 60 s: 20 % in garbage collection, 10 % outside of JavaScript`.
pub(crate) fn busy(cpu: &Cpu) -> String {
    let event_loop = cpu.event_loop.map_or_else(String::new, |event_loop| {
        format!(
            "; event loop delay {} on average, {} at the 99th percentile, {} at the most",
            milliseconds(event_loop.mean_delay_ms),
            milliseconds(event_loop.p99_delay_ms),
            milliseconds(event_loop.max_delay_ms)
        )
    });
    format!(
        "busy for {:.0} % of {}: {:.0} % of that in garbage collection, {:.0} % outside of JavaScript{event_loop}",
        cpu.busy * 100.0,
        milliseconds(cpu.lasted_ms as f64),
        cpu.garbage_collection * 100.0,
        cpu.native * 100.0
    )
}

fn milliseconds(ms: f64) -> String {
    if ms < 1_000.0 { format!("{ms:.1} ms") } else { format!("{:.1} s", ms / 1_000.0) }
}

/// `6.0 MB, 60 %`; of what has grown between two cuts `+3.0 MB, 60 %`.
pub(crate) fn allocated(allocation: &Allocation) -> String {
    let bytes = match allocation.grown {
        None => size(allocation.self_size),
        Some(grown) => format!("+{}", size(grown)),
    };
    format!("{bytes}, {:.0} %", allocation.share * 100.0)
}

/// What a list of places is of.
pub(crate) fn allocated_when(allocations: &[Allocation]) -> &'static str {
    if allocations.iter().any(|place| place.grown.is_some()) {
        "allocated while the profile lasted, and more of it alive at its end than at half time"
    } else {
        "allocated while the profile lasted, and alive at its end"
    }
}

/// What the hunt took of the app's time, in a sentence.
pub(crate) fn app_time(time: &AppTime) -> String {
    let unfinished = match time.unfinished_ms {
        0.0 => String::new(),
        ms => format!(" A snapshot that was not finished took at most {:.1} s more.", ms / 1000.0),
    };
    let profiles = match time.profiles_ms {
        0.0 => String::new(),
        ms => format!("{ms:.0} ms for the start and the end of a CPU profile, "),
    };
    format!(
        "The hunt took {:.1} s of the app's event loop: {:.1} s for snapshots, {profiles}{:.1} s for {} garbage \
         collections, {:.0} ms for code of its own.{unfinished}",
        (time.snapshots_ms + time.profiles_ms + time.collections_ms + time.evaluated_ms) / 1000.0,
        time.snapshots_ms / 1000.0,
        time.collections_ms / 1000.0,
        time.collections,
        time.evaluated_ms
    )
}

/// The last two parts of a path and the line, as in `components/DiscountBanner.js:12`.
pub(crate) fn short_place(location: &Location) -> String {
    let parts: Vec<&str> = location.file.rsplit(['/', '\\']).take(2).collect();
    format!("{}:{}", line(&parts.into_iter().rev().collect::<Vec<_>>().join("/")), location.line)
}

/// `.responses Map ×3`: the edge, the class it leads to, and how many alike were collapsed.
pub(crate) fn hop(hop: &Hop) -> String {
    // The root holds its global objects by numbers, which say nothing.
    let numbered = hop.edge.strip_prefix('.').is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
    let mut text = if numbered && hop.class == "global" { String::new() } else { line(&hop.edge) };
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&line(&hop.class));
    if hop.repeats > 1 {
        text.push_str(&format!(" ×{}", count(hop.repeats as u64)));
    }
    text
}

/// The first step of a path that is of the program's own code: neither Node.js's nor a package's.
pub(crate) fn first_own(suspect: &Suspect) -> Option<usize> {
    let own = |file: &str| !file.starts_with("node:") && !file.contains("node_modules/");
    suspect.path.iter().position(|hop| hop.location.as_ref().is_some_and(|at| own(&at.file)))
}

/// What the signs of a path mean, those that are in one of these.
pub(crate) fn legend<'s>(suspects: impl IntoIterator<Item = &'s Suspect>) -> Option<String> {
    const SIGNS: [(&str, &str); 2] = [
        ("->", "->x is the variable x of a function, kept for its closures"),
        ("system / Context", "system / Context is where V8 keeps such variables"),
    ];
    let hops: Vec<&Hop> = suspects.into_iter().flat_map(|suspect| &suspect.path).collect();
    let is_there = |sign: &str| hops.iter().any(|hop| hop.edge.starts_with(sign) || hop.class == sign);
    let meanings: Vec<&str> =
        SIGNS.iter().filter(|(sign, _)| is_there(sign)).map(|(_, meaning)| *meaning).collect();
    (!meanings.is_empty()).then(|| meanings.join("; "))
}

/// The steps of a path, with `…` for those left out in the middle. Where the program's own code begins is said.
pub(crate) fn path(suspect: &Suspect) -> Vec<String> {
    let own = first_own(suspect);
    let step = |(at, one): (usize, &Hop)| match &one.location {
        Some(place) if own == Some(at) => format!("{} (your code: {})", hop(one), short_place(place)),
        _ => hop(one),
    };
    let hops: Vec<String> = suspect.path.iter().enumerate().map(step).collect();
    if hops.len() <= LONGEST_PATH {
        return hops;
    }
    let half = LONGEST_PATH / 2;
    let left_out = format!("… {} more …", hops.len() - LONGEST_PATH);
    let (head, tail) = (&hops[..half], &hops[hops.len() - half..]);
    head.iter().cloned().chain([left_out]).chain(tail.iter().cloned()).collect()
}

/// A series as a row of bars, the lowest reading lowest.
pub(crate) fn sparkline(series: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (Some(&low), Some(&high)) = (series.iter().min(), series.iter().max()) else { return String::new() };
    let bar = |value: u64| match high - low {
        0 => BARS[0],
        range => BARS[((value - low) as f64 / range as f64 * 7.0).round() as usize],
    };
    series.iter().map(|value| bar(*value)).collect()
}

/// The series by which a suspect's growth is seen best: bytes, or counts where no bytes were gained.
pub(crate) fn series(suspect: &Suspect) -> &[u64] {
    let bytes = &suspect.growth.bytes;
    if bytes.first() == bytes.last() { &suspect.growth.counts } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_sparkline(series: &[u64], expected: &str) {
        assert_eq!(sparkline(series), expected);
    }

    #[test]
    fn a_long_name_keeps_its_ends_and_its_line() {
        assert_eq!(line("a\nb"), "a\\nb");
        let long = line(&format!("class {} grew", "x".repeat(1000)));
        assert!(
            long.chars().count() < 140 && long.starts_with("class xxx") && long.ends_with("xxx grew"),
            "{long}"
        );
    }

    #[test]
    fn a_sparkline_shows_the_shape() {
        check_sparkline(&[], "");
        check_sparkline(&[5, 5, 5], "▁▁▁");
        check_sparkline(&[0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█");
        check_sparkline(&[u64::MAX, 0], "█▁");
    }

    #[test]
    fn a_long_path_keeps_its_ends() {
        let mut suspect = crate::example::leak().suspects.remove(0);
        let hop = suspect.path[0].clone();
        suspect.path = (0..300).map(|id| Hop { id, edge: format!("[{id}]"), ..hop.clone() }).collect();
        let path = path(&suspect);
        assert_eq!(path.len(), LONGEST_PATH + 1);
        assert!(path[0].starts_with("[0] ") && path[24].starts_with("[299] "), "{path:?}");
        assert_eq!(path[12], "… 276 more …");
    }
}
