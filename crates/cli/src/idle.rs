//! An option that would do nothing beside the others is an error: whoever gave it believes otherwise.

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::events::Destination;
use crate::hunt::Profile;
use crate::risk::Risk;

/// An option that was given and would do nothing beside the others.
pub(crate) fn option(matches: &ArgMatches) -> Option<String> {
    let (_, matches) = matches.subcommand()?;
    // `doctor` has the host's own subcommand below it.
    let matches = matches.subcommand().map_or(matches, |(_, inner)| inner);
    let known = |id: &str| matches.ids().any(|known| known == id);
    let given = |id: &str| known(id) && matches.value_source(id) == Some(ValueSource::CommandLine);
    if given("app") && given("remote") {
        return Some("--app and --remote both name the app: give one of them".into());
    }
    let several =
        |id: &str| known(id) && matches.get_many::<String>(id).is_some_and(|values| values.len() > 1);
    // A dyno need not be named, and what was not given has no id here: machines always have.
    if given("parallel") && !known("target") && !given("process_type") && !several("dyno") {
        return Some("--parallel does nothing with one dyno: repeat --dyno, or give --process-type".into());
    }
    if let Some(idle) = ["parallel", "worst"].into_iter().find(|id| given(id))
        && known("target")
        && !several("target")
    {
        return Some(format!("--{idle} does nothing with one machine: name more"));
    }
    let events = known("events").then(|| matches.get_one::<Destination>("events")).flatten();
    if events == Some(&Destination::Stdout) && given("json") {
        return Some("--events - and --json both write to stdout: give --events a file or a socket".into());
    }
    if let Some(message) = of_a_hold(matches) {
        return Some(message);
    }
    of_profiles(matches)
}

/// Options that say what is taken.
fn of_profiles(matches: &ArgMatches) -> Option<String> {
    let known = |id: &str| matches.ids().any(|known| known == id);
    let given = |id: &str| known(id) && matches.value_source(id) == Some(ValueSource::CommandLine);
    let profiles: Vec<Profile> =
        known("profile").then(|| matches.get_many("profile")).flatten()?.copied().collect();
    let takes = |kind: Profile| profiles.contains(&kind);
    let accepted: Vec<Risk> = known("accept")
        .then(|| matches.get_many("accept"))
        .flatten()
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let of_main = [("cpu", Profile::Cpu), ("timeline", Profile::Timeline)];
    if given("worker")
        && matches.get_one::<String>("worker").is_some_and(|asked| asked != "main")
        && let Some((kind, _)) = of_main.into_iter().find(|(_, kind)| takes(*kind))
    {
        return Some(format!(
            "--profile {kind} is of the main thread: in a worker it could not be stopped if the connection were lost"
        ));
    }
    if accepted.contains(&Risk::Timeline) && !takes(Profile::Timeline) {
        return Some("--accept timeline does nothing without --profile timeline".into());
    }
    let of_auto = [("heap", Profile::Heap), ("sampling", Profile::Sampling)];
    if takes(Profile::Auto)
        && let Some((kind, _)) = of_auto.into_iter().find(|(_, kind)| takes(*kind))
    {
        return Some(format!("--profile {kind} does nothing beside auto, which takes it where it is needed"));
    }
    let heap = takes(Profile::Auto) || takes(Profile::Heap);
    let of_snapshots =
        ["samples", "all_samples", "growth", "max_wait", "route", "fallback", "no_allocations"];
    if let Some(idle) = of_snapshots.into_iter().find(|id| !heap && given(id)) {
        let idle = idle.replace('_', "-");
        return Some(format!("--{idle} does nothing without heap snapshots (--profile heap)"));
    }
    let first = [("sampling", Profile::Sampling), ("auto", Profile::Auto)].into_iter();
    if let Some((first, _)) = first.filter(|_| given("fallback")).find(|(_, kind)| takes(*kind)) {
        return Some(format!("--fallback does nothing beside --profile {first}, which takes one first"));
    }
    (profiles == [Profile::Heap] && given("duration") && !given("fallback")).then(|| {
        "--duration does nothing here: only profiles have one (--profile auto, sampling, cpu or timeline, or --fallback)"
            .into()
    })
}

/// Options that are given beside `--hold`, or that need it.
fn of_a_hold(matches: &ArgMatches) -> Option<String> {
    let given = |id: &str| {
        matches.ids().any(|known| known == id) && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let several = |id: &str| {
        matches.ids().any(|known| known == id)
            && matches.get_many::<String>(id).is_some_and(|values| values.len() > 1)
    };
    let Some(hold) = ["hold", "hold_after"].into_iter().find(|id| given(id)) else {
        let idle = ["open", "hold_for"].into_iter().find(|id| given(id))?.replace('_', "-");
        return Some(format!("--{idle} does nothing without --hold or --hold-after"));
    };
    let hold = hold.replace('_', "-");
    if given("each_worker") || given("process_type") || several("dyno") || several("target") {
        return Some(format!(
            "--{hold} holds the inspector of one process: name one dyno or machine, or --pid"
        ));
    }
    let idle = OF_EVIDENCE.into_iter().find(|id| hold == "hold" && given(id))?.replace('_', "-");
    Some(format!(
        "--{idle} does nothing with --hold, which takes no evidence; --hold-after holds after a hunt"
    ))
}

/// What says which evidence is taken, and what becomes of it.
const OF_EVIDENCE: [&str; 14] = [
    "profile",
    "worker",
    "fallback",
    "duration",
    "samples",
    "all_samples",
    "growth",
    "max_wait",
    "route",
    "max_pause",
    "sources",
    "fetch_source_maps",
    "no_allocations",
    "no_report",
];
