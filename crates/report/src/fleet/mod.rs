//! One report over several dynos or machines that were hunted together: what leaks alike, what does not, and what became of each.
//!
//! Facts are words by their names, such as `release`: `v42`. What is the same everywhere is said once; what is not has a column.

pub mod html;
pub mod markdown;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use leakhunt_diagnosis::Verdict;

use crate::words;

/// All that such a report shows.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The app, or how many machines.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What the hunts say together, if any gave an answer.
    pub verdict: Option<Verdict>,
    /// What leaks, that of the most members first.
    pub leaks: Vec<Leak>,
    /// Each of them.
    pub members: Vec<Member>,
}

/// A leak, and where it is.
#[derive(Clone, Debug)]
pub struct Leak {
    /// The class that grows.
    pub class: String,
    /// The line.
    pub place: Option<String>,
    /// What holds it.
    pub holder: Option<String>,
    /// In a sentence.
    pub sentence: String,
    /// Where it is, and how fast it grows there, in bytes a minute.
    pub members: Vec<(String, Option<u64>)>,
    /// The facts that only these have.
    pub only: Vec<(String, String)>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name, such as `web.1`.
    pub name: String,
    /// Its own report, by the path from this one.
    pub report: Option<String>,
    /// Whether it was looked at, or known by the log alone.
    pub looked: bool,
    /// What is known of it.
    pub facts: Vec<(String, String)>,
    /// How its hunt ended.
    pub end: End,
    /// What is said of that.
    pub said: Option<String>,
}

/// How a hunt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With an answer.
    Answered(Verdict),
    /// Well, and without one.
    Done,
    /// There was none.
    NotHunted,
    /// By a person's wish.
    Interrupted,
    /// With this exit code, where it ran.
    Failed(Option<u8>),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(verdict) => f.write_str(words::verdict(*verdict)),
            Self::Done => f.write_str("done"),
            Self::NotHunted => f.write_str("not hunted"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Failed(Some(code)) => write!(f, "failed, exit {code}"),
            Self::Failed(None) => f.write_str("failed"),
        }
    }
}

impl Fleet {
    /// `web.2 and web.5 leak alike; web.7 leaks otherwise`.
    fn headline(&self) -> String {
        let answered = self.members.iter().filter(|member| matches!(member.end, End::Answered(_))).count();
        let parts = self.leaks.iter().enumerate().map(|(at, leak)| {
            let how = match (leak.members.len(), at) {
                (1, 0) => "leaks",
                (1, _) => "leaks otherwise",
                (_, 0) => "leak alike",
                _ => "leak alike, and otherwise",
            };
            format!("{} {how}", listed(&leak.members))
        });
        let parts: Vec<String> = parts.collect();
        match (parts.as_slice(), answered) {
            ([], 0) => "no hunt gave an answer".to_owned(),
            ([], 1) => "no leak was found on the one that gave an answer".to_owned(),
            ([], _) => format!("no leak was found on the {answered} that gave an answer"),
            (parts, _) => parts.join("; "),
        }
    }

    /// `shop: 8 looked at, 4 hunted`, or `shop: 8 in all, 4 looked at, 4 hunted`.
    fn extent(&self) -> String {
        let count = |is: fn(&Member) -> bool| self.members.iter().filter(|member| is(member)).count();
        let (looked, hunted) = (count(|member| member.looked), count(|member| member.end != End::NotHunted));
        let all = self.members.len();
        let all = if looked == all { String::new() } else { format!("{all} in all, ") };
        format!("{}: {all}{looked} looked at, {hunted} hunted", words::line(&self.name))
    }

    /// The place of the leak that a member has.
    fn leak_of(&self, member: &Member) -> Option<usize> {
        self.leaks.iter().position(|leak| leak.members.iter().any(|(name, _)| *name == member.name))
    }

    /// The names of the facts that are not the same on all, and the facts that are, in words.
    fn told_apart(&self) -> (Vec<&str>, Vec<String>) {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.members.iter().flat_map(|member| &member.facts) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let (mut apart, mut same) = (Vec::new(), Vec::new());
        for name in names {
            let known: Vec<&str> = self.members.iter().filter_map(|member| member.fact(name)).collect();
            if known.iter().any(|value| *value != known[0]) {
                apart.push(name);
                continue;
            }
            let of_all = if known.len() == self.members.len() { "" } else { " where known" };
            same.push(words::line(&format!("{name} {}{of_all}", known[0])));
        }
        (apart, same)
    }
}

impl Member {
    fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

/// `web.1, web.2 and web.3`.
fn listed(members: &[(String, Option<u64>)]) -> String {
    let names: Vec<String> = members.iter().map(|(name, _)| words::line(name)).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn member(name: &str, memory: &str, release: &str, end: End, said: Option<&str>) -> Member {
        let facts = [("memory", memory), ("release", release), ("size", "Standard-2X")];
        let report = matches!(end, End::Answered(_)).then(|| format!("leakhunt-shop-{name}/report.html"));
        Member {
            name: name.to_owned(),
            report,
            looked: true,
            facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            end,
            said: said.map(str::to_owned),
        }
    }

    fn leak(members: &[&str], variable: &str, line: u32) -> Leak {
        Leak {
            class: "Visit".to_owned(),
            place: Some(format!("/app/server.js:{line}:7 in remember")),
            holder: Some(format!("the array {variable}")),
            sentence: format!("{variable} in server.js:{line} gained 9,000 Visit per snapshot, 1.1 MB"),
            members: members.iter().map(|name| ((*name).to_owned(), Some(15_000_000))).collect(),
            only: Vec::new(),
        }
    }

    /// Two leak alike, one otherwise, one failed, one was not hunted.
    pub(crate) fn example() -> Fleet {
        let leaks = End::Answered(Verdict::Leak);
        let gone = Some("process 42 ended: it was killed for memory\nlast lines");
        let mut fleet = Fleet {
            name: "shop".to_owned(),
            started_at: "2026-01-31T03:04:05Z".parse().unwrap(),
            took: Duration::from_secs(190),
            verdict: Some(Verdict::Leak),
            leaks: vec![leak(&["web.2", "web.5"], "visits", 17), leak(&["web.7"], "baskets", 21)],
            members: vec![
                member("web.1", "51.2 MB", "v41", End::NotHunted, Some("others have more memory")),
                member("web.2", "140 MB", "v42", leaks, Some("the sentence of web.2")),
                member("web.3", "98.0 MB", "v41", End::Answered(Verdict::Healthy), Some("it stays as it is")),
                member("web.4", "133 MB", "v41", End::Failed(Some(33)), gone),
                member("web.5", "139 MB", "v42", leaks, Some("the sentence of web.5")),
                member("web.7", "120 MB", "v41", leaks, Some("the sentence of web.7")),
            ],
        };
        fleet.leaks[0].only = vec![("release".to_owned(), "v42".to_owned())];
        fleet
    }

    /// A fleet that has one word for everything.
    pub(crate) fn named(word: &str) -> Fleet {
        let word = || word.to_owned();
        let mut fleet = example();
        fleet.name = word();
        for leak in &mut fleet.leaks {
            (leak.class, leak.place, leak.holder) = (word(), Some(word()), Some(word()));
            leak.sentence = word();
            leak.only = vec![(word(), word())];
        }
        for member in &mut fleet.members {
            member.name = word();
            member.report = Some(word());
            member.facts = vec![(word(), word())];
            member.said = Some(word());
        }
        fleet
    }

    #[test]
    fn the_headline_says_who_leaks_and_who_leaks_otherwise() {
        let mut fleet = example();
        assert_eq!(fleet.headline(), "web.2 and web.5 leak alike; web.7 leaks otherwise");
        fleet.leaks[1].members.push(("web.8".to_owned(), None));
        fleet.leaks[1].members.push(("web.9".to_owned(), None));
        fleet.leaks.remove(0);
        assert_eq!(fleet.headline(), "web.7, web.8 and web.9 leak alike");
        fleet.leaks.clear();
        assert_eq!(fleet.headline(), "no leak was found on the 4 that gave an answer");
        fleet.members.truncate(1);
        assert_eq!(fleet.headline(), "no hunt gave an answer");
    }

    #[test]
    fn it_is_said_how_many_were_looked_at() {
        let mut fleet = example();
        assert_eq!(fleet.extent(), "shop: 6 looked at, 5 hunted");
        fleet.members[0].looked = false;
        assert_eq!(fleet.extent(), "shop: 6 in all, 5 looked at, 5 hunted");
    }

    #[test]
    fn what_is_the_same_on_all_is_told_once() {
        let mut fleet = example();
        assert_eq!(fleet.told_apart(), (vec!["memory", "release"], vec!["size Standard-2X".to_owned()]));
        fleet.members[0].facts.pop();
        assert_eq!(fleet.told_apart().1, ["size Standard-2X where known"]);
    }
}
