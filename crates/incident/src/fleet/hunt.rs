//! The looks, the choice, the hunts.

use std::io;
use std::path::Path;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use leakhunt_host::CommandLine;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::alike;
use super::event::{FleetEvent, FleetWatch};
use super::fate::{Fate, MemoryFrom};
use super::hunted::{Hunted, differences, verdict};
use super::plan::{Choice, Fleet, Member};
use super::record;
use crate::child::{Answered, Files, Follow, NOT_CONFIRMED, Outcome, Wishes, answered, new_folder};
use crate::log::Logged;

/// Between two looks at the events of a hunt.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// A look that takes longer is taken for one that failed.
const LONGEST_LOOK: Duration = Duration::from_secs(180);

/// Why one was not chosen.
const LESS_MEMORY: &str = "others have more memory";

/// Looks at all, or at those that have the most memory by the log, and hunts those that were chosen. `stop` is a person's first wish:
/// hunts under way clean up, and no other begins; `hurry` the second.
///
/// # Errors
/// The folder, or a file of it, cannot be written.
pub async fn hunt_fleet(
    fleet: &Fleet,
    stop: &CancellationToken,
    hurry: &CancellationToken,
    watch: FleetWatch<'_>,
) -> io::Result<Hunted> {
    let started_at = Timestamp::now();
    let folder = new_folder(&fleet.out, "fleet", &fleet.name, started_at)?;
    let members = fleet.members.iter().map(|member| member.name.clone()).collect();
    (watch.event)(&FleetEvent::FleetStarted { fleet: fleet.name.clone(), members, folder: folder.clone() });
    let hunting = Hunting { fleet, folder: &folder, wishes: Wishes::of(stop, hurry), watch };
    let mut fates = hunting.looks().await;
    let able = fates.iter().map(|fate| fate.answer.memory.filter(|_| fate.outcome == Outcome::Success));
    let chosen = fleet.choice.of(&able.collect::<Vec<_>>());
    let names = chosen.iter().map(|at| fates[*at].name.clone()).collect();
    (watch.event)(&FleetEvent::FleetChosen { members: names });
    for (at, fate) in fates.iter_mut().enumerate() {
        if fate.outcome == Outcome::Success && !chosen.contains(&at) {
            (fate.outcome, fate.exit_code) = (Outcome::Skipped, None);
            fate.reason = Some(LESS_MEMORY.to_owned());
        }
    }
    let to_hunt: Vec<Member> = chosen.iter().map(|at| fleet.members[*at].clone()).collect();
    let hunted = hunting.side_by_side(&to_hunt, |member| hunting.hunt(member)).await;
    for (at, hunt) in chosen.into_iter().zip(hunted) {
        fates[at] = fates[at].clone().with_hunt(hunt);
    }
    for (fate, member) in fates.iter_mut().zip(&fleet.members) {
        if let (None, Some(logged)) = (fate.answer.memory, member.logged) {
            fate.takes_memory_of(logged);
        }
        fate.knows(member);
    }
    let (exit_code, leaks) = (exit_code(&fates), alike::leaks(&fates));
    let hunted = Hunted {
        schema_version: 1,
        tool_version: fleet.tool_version,
        fleet: fleet.name.clone(),
        folder,
        started_at,
        ended_at: Timestamp::now(),
        exit_code,
        verdict: verdict(&fates),
        sentence: leaks.first().map(|leak| format!("{}: {}", leak.members.join(", "), leak.sentence)),
        leaks,
        differences: differences(&fates),
        members: fates,
    };
    record::write(&hunted)?;
    (watch.event)(&FleetEvent::FleetEnded { exit_code });
    Ok(hunted)
}

struct Hunting<'f> {
    fleet: &'f Fleet,
    folder: &'f Path,
    wishes: Wishes,
    watch: FleetWatch<'f>,
}

impl Hunting<'_> {
    /// One for each member, so many at once, in their order.
    async fn side_by_side<F: Future<Output = Fate>>(
        &self,
        members: &[Member],
        act: impl Fn(Member) -> F,
    ) -> Vec<Fate> {
        stream::iter(members.to_vec()).map(act).buffered(self.fleet.parallel.max(1)).collect().await
    }

    /// What the looks came to.
    async fn looks(&self) -> Vec<Fate> {
        let members = &self.fleet.members;
        let logged = members.iter().map(|member| member.logged).collect::<Option<Vec<Logged>>>();
        match (self.fleet.choice, logged) {
            (Choice::Worst(most), Some(logged)) => self.looks_down(&logged, most).await,
            // Where the memory of one is not known, those with the most are not.
            _ => self.side_by_side(members, |member| self.look(member)).await,
        }
    }

    /// Looks at as many as are to be hunted, the most memory by the log first, and where one cannot be hunted at the next.
    async fn looks_down(&self, logged: &[Logged], most: usize) -> Vec<Fate> {
        let mut fates = Vec::new();
        for (member, logged) in self.fleet.members.iter().zip(logged) {
            let &Logged { at: logged_at, memory, quota } = logged;
            (self.watch.event)(&FleetEvent::FleetLogged {
                member: member.name.clone(),
                memory,
                quota,
                logged_at,
            });
            let reason = Some(LESS_MEMORY.to_owned());
            fates.push(Fate { reason, ..Fate::new(&member.name, Outcome::Skipped) });
        }
        let memory: Vec<Option<u64>> = logged.iter().map(|logged| Some(logged.memory)).collect();
        let mut rest = Choice::All.of(&memory).into_iter();
        loop {
            let able = fates.iter().filter(|fate| fate.outcome == Outcome::Success).count();
            let next: Vec<usize> = rest.by_ref().take(most - able).collect();
            if next.is_empty() {
                break;
            }
            let members: Vec<Member> = next.iter().map(|at| self.fleet.members[*at].clone()).collect();
            let looked = self.side_by_side(&members, |member| self.look(member)).await;
            for (at, fate) in next.into_iter().zip(looked) {
                fates[at] = fate;
            }
        }
        fates.iter_mut().zip(logged).for_each(|(fate, logged)| fate.takes_memory_of(*logged));
        fates
    }

    /// One that cannot be hunted fails here, with what the look said.
    async fn look(&self, member: Member) -> Fate {
        let file = self.folder.join(format!("{}.look.json", member.name));
        let mut fate = self.act(&member, &member.look, &file, Some(LONGEST_LOOK)).await;
        fate.looked = fate.outcome != Outcome::Skipped;
        fate.memory_from = fate.answer.memory.map(|_| MemoryFrom::Look);
        let reason = fate.reason.clone().or(fate.answer.error.clone());
        let memory = fate.answer.memory;
        (self.watch.event)(&FleetEvent::FleetLooked { member: member.name, memory, reason });
        fate
    }

    async fn hunt(&self, member: Member) -> Fate {
        (self.watch.event)(&FleetEvent::FleetHuntStarted { member: member.name.clone() });
        let events = self.folder.join(format!("{}.events.ndjson", member.name));
        let mut words = member.hunt.clone();
        words.push(format!("--out={}", self.folder.display()));
        words.push(format!("--events={}", events.display()));
        let file = self.folder.join(format!("{}.json", member.name));
        let mut follow = Follow::new(events);
        let told = |line: &str| (self.watch.of_hunt)(&member.name, line);
        let acting = self.act(&member, &words, &file, None);
        tokio::pin!(acting);
        let fate = loop {
            let ended = timeout(BETWEEN_LOOKS, &mut acting).await;
            follow.look(&told);
            if let Ok(fate) = ended {
                break fate;
            }
        };
        let reason = fate.reason.clone().or(fate.answer.error.clone());
        let Fate { outcome, exit_code, took, .. } = fate;
        let (member, verdict) = (member.name.clone(), fate.answer.verdict.clone());
        (self.watch.event)(&FleetEvent::FleetHuntEnded { member, outcome, exit_code, verdict, reason, took });
        fate
    }

    /// Starts a command, whose document goes into `file` and whose words for a person beside it.
    async fn act(&self, member: &Member, words: &[String], file: &Path, longest: Option<Duration>) -> Fate {
        let mut fate = Fate::new(&member.name, Outcome::Skipped);
        if self.wishes.stop.is_cancelled() {
            fate.reason = Some("the hunt was interrupted".to_owned());
            return fate;
        }
        let args = words.iter().cloned().chain(["--json".to_owned()]).collect();
        let command = CommandLine { program: self.fleet.program.clone(), args };
        let log = file.with_extension("log");
        let files = Files { document: file, log: Some(&log) };
        let Answered { outcome, exit_code, reason, took, answer } =
            answered(&command, &self.fleet.environment, files, longest, &self.wishes).await;
        Fate { outcome, exit_code, reason, took, answer, ..fate }
    }
}

/// 0 where a hunt gave an answer, for others may have failed for reasons of their own. That an inspector may be open outranks that.
fn exit_code(fates: &[Fate]) -> u8 {
    let codes = || fates.iter().filter_map(|fate| fate.exit_code);
    if codes().any(|code| code == NOT_CONFIRMED) {
        return NOT_CONFIRMED;
    }
    if fates.iter().any(|fate| fate.outcome == Outcome::Success) {
        return 0;
    }
    codes().find(|code| *code != 0).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fates: &[(Outcome, Option<u8>)], expected: u8) {
        let of = |(outcome, exit_code): &(Outcome, Option<u8>)| Fate {
            exit_code: *exit_code,
            ..Fate::new("web.1", *outcome)
        };
        assert_eq!(exit_code(&fates.iter().map(of).collect::<Vec<_>>()), expected, "{fates:?}");
    }

    #[test]
    fn one_answer_is_enough_unless_an_inspector_may_be_open() {
        use Outcome::{Failure, Interrupted, Skipped, Success};
        check(&[(Success, Some(0)), (Failure, Some(33)), (Skipped, None)], 0);
        check(&[(Success, Some(0)), (Failure, Some(40))], 40);
        check(&[(Failure, Some(30)), (Failure, Some(33))], 30);
        check(&[(Interrupted, Some(130)), (Skipped, None)], 130);
        check(&[(Skipped, None)], 1);
    }
}
