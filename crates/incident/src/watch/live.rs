//! A log that is followed as it grows, and hunts that are started.
//!
//! States of the connection: *connected* → (it ends) *waiting*, each time twice as long until a line comes → connected. Without a line
//! for `give_up` the watch ends. While a hunt runs the log is read on, so that nothing is missed and no line piles up. A wish to stop
//! ends the hunt in order, as Ctrl-C would, and waits for it.
//!
//! What is decided by the log's times and those of hunts goes by the clock on the wall; what is waited for, by [`super::pace`].

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use leakhunt_host::heroku::LogTail;
use leakhunt_host::{CommandLine, Environment, Error, Heroku};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::child::{Answer, Answered, NOT_CONFIRMED, Wishes};

use super::event::{Event, OfHunt};
use super::hunting::{Came, Hunting};
use super::kept::{Kept, Left};
use super::pace::{Clocks, Pace};
use super::policy::{Because, Decision, Past, Policy};
use super::sessions::Sessions;
use super::watcher::{Orders, Watcher};
use crate::trigger::Trigger;

/// How often the clocks are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// A watch.
pub struct Live<'l> {
    /// What is watched for, and what is done then.
    pub orders: Orders,
    /// The app; of which dyno is of no matter.
    pub heroku: Heroku,
    /// Its name.
    pub app: String,
    /// The words of a hunt.
    pub command: &'l (dyn Fn(&Trigger, bool) -> CommandLine + Sync),
    /// What a hunt inherits.
    pub environment: Environment,
    /// Only say what would be done.
    pub dry_run: bool,
    /// The folder in which it is kept which hunts were begun.
    pub state: PathBuf,
    /// How many session folders of its hunts are left; nothing where all are.
    pub keep: Option<usize>,
    /// How long there may be no connection.
    pub give_up: Duration,
    /// What a hunt gets to end in order.
    pub patience: Duration,
    /// Is told what happens in its hunts.
    pub of_hunt: &'l OfHunt<'l>,
}

/// How a watch ended.
#[derive(Debug)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// The log could not be followed for as long as it may be.
    GaveUp(Error),
    /// A hunt could not see the inspector closed; no other is started.
    NotConfirmed,
    /// Another watch of this app is at work here.
    Another,
    /// What has to outlive it cannot be kept.
    NotKept(std::io::Error),
}

/// Follows the log until it is asked to stop.
pub async fn watch(
    live: Live<'_>,
    stop: &CancellationToken,
    hurry: &CancellationToken,
    tell: &mut (dyn FnMut(Timestamp, Event) + Send),
) -> Ended {
    let kept = match Kept::open(&live.state, &live.app) {
        Ok(Some(kept)) => kept,
        Ok(None) => return Ended::Another,
        Err(error) => return Ended::NotKept(error),
    };
    let now = Timestamp::now();
    let (hunts, sessions) = match kept.read(now) {
        Left::Hunts(hunts, sessions) => (hunts, sessions),
        Left::Unfit(why) => {
            tell(now, Event::StateReplaced { why });
            let hunt = Past { dyno: "an unknown dyno".into(), began: now, ended: Some(now) };
            (vec![hunt], Sessions::default())
        }
    };
    let policy = Policy::new(live.orders.rules.clone(), hunts);
    match kept.write(policy.hunts(), &sessions) {
        Ok(()) => {}
        // A disk is full for a while; before each hunt it is written again.
        Err(error) if error.kind() == ErrorKind::StorageFull => {
            tell(now, Event::StateNotKept { error: error.to_string() });
        }
        Err(error) => return Ended::NotKept(error),
    }
    let conditions = live.orders.conditions.iter().map(ToString::to_string).collect();
    tell(now, Event::Watching { app: live.app.clone(), conditions, hunts: policy.hunts().len() });
    let watcher = Watcher::new(live.orders.conditions.clone(), policy);
    let mut following = Following { live, kept, sessions, watcher, hunt: None, tell };
    let ended = following.follow(stop, hurry).await;
    following.leave(ended).await
}

struct Following<'f, 'l> {
    live: Live<'l>,
    kept: Kept,
    sessions: Sessions,
    watcher: Watcher,
    hunt: Option<Hunting>,
    tell: &'f mut (dyn FnMut(Timestamp, Event) + Send),
}

/// The connection, or when there will be one.
enum Link {
    Up(Box<LogTail>),
    Down(Instant),
}

impl Following<'_, '_> {
    fn tell(&mut self, event: Event) {
        (self.tell)(Timestamp::now(), event);
    }

    async fn follow(&mut self, stop: &CancellationToken, hurry: &CancellationToken) -> Ended {
        let (mut link, mut pace) = (Link::Down(Instant::now()), Pace::new(Clocks::now()));
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let why = tokio::select! {
                () = stop.cancelled() => return Ended::Stopped,
                came = of(&mut self.hunt, self.live.of_hunt) => {
                    if self.takes_note(came) == Some(NOT_CONFIRMED) {
                        return Ended::NotConfirmed;
                    }
                    continue;
                }
                next = next(&mut link, &self.live.heroku) => match next {
                    Next::Connected(tail) => {
                        self.watcher.connected();
                        pace.connected(Instant::now());
                        link = Link::Up(tail);
                        continue;
                    }
                    Next::Line(line) => {
                        pace.heard(Instant::now());
                        self.take(&line, stop, hurry);
                        continue;
                    }
                    Next::Failed(why) => why,
                    Next::Over => over(&mut link).await,
                },
                _ = look.tick() => {
                    let due = pace.look(Clocks::now(), matches!(link, Link::Up(_)));
                    if due.beat {
                        self.beat();
                    }
                    if let Some(by) = due.slept {
                        self.tell(Event::Slept { by });
                    }
                    if due.connect {
                        let _ = over(&mut link).await;
                    }
                    continue;
                }
            };
            let Some((tries, again)) = pace.again(&why, self.live.give_up, Instant::now()) else {
                return Ended::GaveUp(why);
            };
            self.tell(Event::Disconnected { why: why.to_string(), tries, again });
            link = Link::Down(Instant::now() + again);
        }
    }

    /// Takes a line, and starts a hunt where one is due.
    fn take(&mut self, line: &[u8], stop: &CancellationToken, hurry: &CancellationToken) {
        let now = Timestamp::now();
        let (gap, decision) = self.watcher.take(line, Some(now));
        if let Some(gap) = gap {
            self.tell(Event::Gap { from: gap.from, to: gap.to });
        }
        let Some(decision) = decision else { return };
        let Decision::Hunt { trigger, sampling } = &decision else {
            self.tell(Event::Decided { decision, command: None });
            return;
        };
        let dyno = trigger.dyno.clone();
        let command = (self.live.command)(trigger, *sampling);
        self.watcher.policy.begin(&dyno, now);
        // First it is kept: whoever ends this watch now must not make the next one hunt again.
        if let Err(error) = self.keep() {
            self.watcher.policy.take_back();
            let because = Because::NotKept { error: error.to_string() };
            let decision = Decision::Skip { trigger: trigger.clone(), because };
            self.tell(Event::Decided { decision, command: None });
            return;
        }
        self.tell(Event::Decided { decision, command: Some(command.clone()) });
        if self.live.dry_run {
            self.watcher.hunted(&dyno, now);
            self.keep_or_tell();
            return;
        }
        let Live { environment, state, app, patience, .. } = &self.live;
        let wishes = Wishes { patience: *patience, ..Wishes::of(stop, hurry) };
        self.hunt = Some(Hunting::start(dyno, command, environment.clone(), wishes, &state.join(app)));
    }

    /// Takes note of what came of the hunt; gives its exit code when it has ended.
    fn takes_note(&mut self, came: Came) -> Option<u8> {
        match came {
            // It is remembered from now on: the hunt, or this watch, may be killed.
            Came::Folder(folder) => {
                self.sessions.made(&folder);
                self.keep_or_tell();
                None
            }
            Came::End(result) => self.hunt_ended(result),
        }
    }

    fn hunt_ended(&mut self, result: Answered) -> Option<u8> {
        let Hunting { dyno, folder, .. } = self.hunt.take()?;
        self.watcher.hunted(&dyno, Timestamp::now());
        let Answered { exit_code, reason, took, answer, .. } = result;
        let Answer { verdict, sentence, folder: told, error, .. } = answer;
        let (session, error) = (told.or(folder), error.or(reason));
        if let Some(session) = &session {
            self.sessions.made(session);
        }
        self.tell(Event::HuntEnded {
            dyno,
            exit_code: exit_code.unwrap_or(1),
            verdict,
            sentence,
            session,
            error,
            took,
        });
        for (session, how) in
            self.live.keep.map(|keep| self.sessions.remove_surplus(keep)).unwrap_or_default()
        {
            self.tell(Event::SessionRemoved { session, error: how.err().map(|error| error.to_string()) });
        }
        self.keep_or_tell();
        exit_code
    }

    fn keep(&self) -> std::io::Result<()> {
        self.kept.write(self.watcher.policy.hunts(), &self.sessions)
    }

    /// It was kept that the hunt began: a restart hunts no earlier for what is not kept here.
    fn keep_or_tell(&mut self) {
        if let Err(error) = self.keep() {
            self.tell(Event::StateNotKept { error: error.to_string() });
        }
    }

    fn beat(&mut self) {
        let (counted, latest) = (self.watcher.counted.clone(), self.watcher.latest());
        self.tell(Event::Heartbeat { counted, latest, lacks_samples: self.watcher.lacks_samples() });
    }

    /// Waits for the hunt at work, which was asked to end or ends by itself.
    async fn leave(mut self, ended: Ended) -> Ended {
        while self.hunt.is_some() {
            let came = of(&mut self.hunt, self.live.of_hunt).await;
            if self.takes_note(came) == Some(NOT_CONFIRMED) {
                return Ended::NotConfirmed;
            }
        }
        ended
    }
}

/// What comes of the hunt; nothing ever where there is none.
async fn of(hunt: &mut Option<Hunting>, told: &OfHunt<'_>) -> Came {
    match hunt {
        Some(hunt) => hunt.next(told).await,
        None => std::future::pending().await,
    }
}

enum Next {
    Connected(Box<LogTail>),
    Line(Vec<u8>),
    Failed(Error),
    Over,
}

/// What comes next of the connection. It may be dropped at any time.
async fn next(link: &mut Link, heroku: &Heroku) -> Next {
    match link {
        Link::Up(tail) => tail.line().await.map_or(Next::Over, Next::Line),
        Link::Down(until) => {
            sleep_until(*until).await;
            match heroku.follow_log().await {
                Ok(tail) => Next::Connected(Box::new(tail)),
                Err(error) => Next::Failed(error),
            }
        }
    }
}

/// Ends the connection; says why it is over.
async fn over(link: &mut Link) -> Error {
    match std::mem::replace(link, Link::Down(Instant::now())) {
        Link::Up(tail) => tail.ended().await,
        Link::Down(_) => {
            Error::Tunnel { what: "was not there".into(), last_lines: leakhunt_host::LastLines::default() }
        }
    }
}

#[cfg(test)]
mod tests;
