//! Where a program's time goes, function by function.

use leakhunt_profile::{BadProfile, cpu};

use crate::evidence::Evidence;
use crate::findings::{Cpu, Hot};
use crate::packages::Packages;
use crate::profile::{CallTree, Functions, Ranked, Unit, Written, ranked, share};
use crate::source::{Beginnings, Sources};

/// So many functions are told.
const MOST_FUNCTIONS: usize = 50;

/// What a `.cpuprofile` tells, and who called whom.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn cpu(profile: &str, evidence: &Evidence<'_>) -> Result<(Cpu, CallTree), BadProfile> {
    let profile = cpu::read(profile)?;
    let sources = Sources::new(evidence.sources, Beginnings::default());
    let packages = Packages::of(evidence.packages);
    let functions = Functions::of(&profile.tree, &sources);
    let calls = CallTree::of(&functions, Unit::Microseconds, &packages, &sources);
    let busy = profile.lasted - profile.idle;
    let hot = ranked(&functions).into_iter().filter(|ranked| !profile.is_no_function(ranked.function));
    let hot = hot.take(MOST_FUNCTIONS).zip(1..).map(|(ranked, rank)| {
        let Ranked { function, own, total, called_from } = ranked;
        let written = functions.written(function);
        Hot {
            rank,
            function: profile.tree.frame(function).function.clone(),
            location: written.map(|written| written.place.location.clone()),
            original_location: written.and_then(Written::original),
            called_from,
            package: written.and_then(|written| packages.alone(written.file(), &sources)),
            self_ms: tenth_ms(own),
            total_ms: tenth_ms(total),
            share: share(own, busy),
        }
    });
    let cpu = Cpu {
        lasted_ms: (profile.lasted / 1000.0) as u64,
        busy: share(busy, profile.lasted),
        garbage_collection: share(profile.garbage_collection, busy),
        native: share(profile.native, busy),
        event_loop: None,
        functions: hot.collect(),
    };
    Ok((cpu, calls))
}

/// Milliseconds of microseconds.
fn tenth_ms(time: f64) -> f64 {
    (time / 100.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::LoadedPackage;
    use crate::wording;

    /// `render` calls `slice` of a package, and both are called by `tick`; half of the time there is nothing to do.
    fn shop() -> String {
        let node = |id: u32, function: &str, url: &str, children: &[u32]| {
            format!(
                r#"{{"id":{id},"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":11,
                    "columnNumber":4}},"hitCount":1,"children":{children:?}}}"#
            )
        };
        let nodes = [
            node(1, "(root)", "", &[2, 3, 4, 5]),
            node(2, "(idle)", "", &[]),
            node(3, "(garbage collector)", "", &[]),
            node(4, "(program)", "", &[]),
            node(5, "tick", "file:///app/tick.js", &[6]),
            node(6, "render", "file:///app/shop.js", &[7]),
            node(7, "slice", "/app/node_modules/cut/index.js", &[]),
        ];
        let (samples, deltas) = ("[2,3,4,5,6,7]", "[0,500000,100000,50000,50000,100000]");
        let nodes = nodes.join(",");
        format!(
            r#"{{"nodes":[{nodes}],"startTime":0,"endTime":1000000,"samples":{samples},"timeDeltas":{deltas}}}"#
        )
    }

    #[test]
    fn functions_are_told_with_whom_they_work_for_and_shares_of_the_busy_time() {
        let package = LoadedPackage {
            name: "cut".to_owned(),
            version: "2.1.0".to_owned(),
            folder: "/app/node_modules/cut".to_owned(),
        };
        let packages = [package];
        let evidence = Evidence { packages: &packages, ..Evidence::of_sources(&|_| None) };
        let (found, _) = cpu(&shop(), &evidence).unwrap();
        assert_eq!(
            (found.lasted_ms, found.busy, found.garbage_collection, found.native),
            (1000, 0.5, 0.2, 0.1)
        );
        let told: Vec<_> = found
            .functions
            .iter()
            .map(|hot| {
                let from = hot.called_from.as_ref().and_then(|at| at.function.as_deref()).unwrap_or_default();
                let package = hot.package.as_ref().map(ToString::to_string).unwrap_or_default();
                (hot.function.as_str(), hot.self_ms, hot.total_ms, hot.share, from, package)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("slice", 200.0, 200.0, 0.4, "render", "cut 2.1.0".to_owned()),
                ("render", 100.0, 300.0, 0.2, "", String::new()),
                ("tick", 50.0, 350.0, 0.1, "", String::new()),
            ]
        );
        assert_eq!(
            wording::cpu(&found),
            "busy for 50 % of 1 s, 20 % of that in garbage collection; by itself slice of cut 2.1.0, for render (/app/shop.js:12) \
             takes most, 40 %"
        );
    }

    #[test]
    fn a_program_that_had_nothing_to_do_is_told_to_be_idle() {
        let idle = shop().replace("[2,3,4,5,6,7]", "[2,2,2,2,2,2]");
        let (found, _) = cpu(&idle, &Evidence::of_sources(&|_| None)).unwrap();
        assert_eq!((found.busy, found.garbage_collection, found.functions.len()), (0.0, 0.0, 0));
        assert_eq!(wording::cpu(&found), "idle all the time, for 1 s");
        let empty = idle.replace("[2,2,2,2,2,2]", "[]").replace("[0,500000,100000,50000,50000,100000]", "[]");
        let (found, _) = cpu(&empty, &Evidence::of_sources(&|_| None)).unwrap();
        assert_eq!(wording::cpu(&found), "the CPU profile is too short to tell where time went");
    }
}
