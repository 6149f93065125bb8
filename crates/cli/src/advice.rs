//! What an error of another crate is for the person: its exit code, and what to do about it.

use leakhunt_capture::{self as capture, EvidenceKind};
use leakhunt_host as host;

use crate::exit;
use crate::failure::Failure;
use crate::risk::accepts;

impl From<capture::Error> for Failure {
    fn from(error: capture::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&capture::Error> for Failure {
    fn from(error: &capture::Error) -> Self {
        let failure = Self::of(code_of_hunt(error), error.to_string(), error);
        match advice(error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

fn code_of_hunt(error: &capture::Error) -> u8 {
    use capture::Error;
    match error {
        Error::Host(host) => code_of(host),
        Error::Refused { .. } => exit::REFUSED,
        Error::Consent { .. } => exit::CONSENT,
        Error::Short { .. } => exit::REFUSED,
        Error::Unproven { .. } => exit::CONSENT,
        Error::OtherHunt { .. } | Error::Attached { .. } => exit::CANNOT_CONNECT,
        Error::NoProcess { .. } | Error::NoThread { .. } | Error::Tie { .. } | Error::Primary { .. } => {
            exit::NO_PROCESS
        }
        Error::NotCaught { .. } | Error::NotOpened { .. } => exit::NOT_OPENED,
        Error::Ended { .. } | Error::ThreadEnded { .. } => exit::ENDED,
        Error::Incomplete { .. }
        | Error::ThreadSilent { .. }
        | Error::HoldLost { .. }
        | Error::Declined { .. }
        | Error::Store { .. } => exit::INCOMPLETE,
        Error::Interrupted { .. } => exit::INTERRUPTED,
        Error::Internal(_) => exit::INTERNAL,
    }
}

/// The next step after a hunt that failed.
fn advice(error: &capture::Error) -> Option<String> {
    use capture::Error;
    match error {
        Error::Host(host) => host.hint(),
        Error::Tie { candidates, .. } => {
            let one = candidates.first()?.pid;
            Some(format!("say which one, with `--pid {one}` for example, or hunt each with `--each-worker`"))
        }
        Error::Primary { workers, .. } => {
            let one = workers.first()?;
            Some(format!("name one of the workers, with `--pid {one}` for example, or add `--each-worker`"))
        }
        Error::NoThread { .. } | Error::ThreadEnded { .. } | Error::ThreadSilent { .. } => of_threads(error),
        Error::Short { .. } => Some(
            "raise the limit of the running process where you may (`prlimit --pid PID --nofile=4096`, for example), or close \
             what it holds; nothing can be taken from it as it is, and nothing overrides this"
                .into(),
        ),
        Error::Unproven { .. } => Some(
            "`--yes` together with `--pid` signals it all the same; what is not Node.js may end then".into(),
        ),
        Error::Attached { .. } => Some(
            "wait until the other hunt has ended, or close the debugger (DevTools, an editor) that is attached".into(),
        ),
        Error::NotCaught { locked_by, .. } => Some(caught(locked_by.as_deref()).into()),
        Error::Refused { evidence: EvidenceKind::Sampling | EvidenceKind::Cpu | EvidenceKind::Timeline, refusal, .. } => {
            Some(all_the_same(*refusal).to_owned())
        }
        Error::Refused { refusal, .. } => Some(format!(
            "`--profile auto` takes a sampling profile first, which hardly pauses the app, and no snapshot that does not fit \
             (`--profile sampling`: that alone; `--fallback sampling`: only where a snapshot is refused); {}",
            all_the_same(*refusal)
        )),
        Error::OtherHunt { .. } => Some(
            "wait until it has ended, or stop it where it runs; what it had opened is closed then".into(),
        ),
        Error::Ended { death, .. } => Some(after(death).to_owned()),
        Error::Incomplete { kept: None | Some(0), .. } => Some(
            "run the same command again; where the connection breaks each time, `--profile sampling` needs the least \
             of it"
                .into(),
        ),
        Error::Incomplete { .. } => Some(
            "what is complete can be analysed, with `leakhunt analyze` and the session folder; the same command again \
             takes new ones"
                .into(),
        ),
        Error::Declined { .. } => Some(
            "the same command would probably end in the same way: where JavaScript's own objects are named, something \
             in the app has changed them, and Node's modules cannot be loaded any more"
                .into(),
        ),
        Error::HoldLost { .. } => Some("run the same command again".into()),
        Error::Store { .. } => Some("make room there, or name another folder with `--out DIR`".into()),
        Error::Consent { risk, .. } => Some(accepts(Some((*risk).into()))),
        _ => None,
    }
}

/// Where it is a worker thread that is not there, not any more, or not to be had.
fn of_threads(error: &capture::Error) -> Option<String> {
    use capture::Error;
    match error {
        Error::NoThread { threads, .. } => Some(match threads.first() {
            Some(one) => format!("name one that is there, with `--worker {}` for example", one.thread),
            None => "without `--worker` the main thread is hunted".to_owned(),
        }),
        Error::ThreadEnded { .. } => Some(
            "hunt again: in a thread that takes its place the leak has to grow again; `--worker main` hunts the main thread".into(),
        ),
        Error::ThreadSilent { .. } => Some(
            "a worker thread that waits for its tasks synchronously (`Atomics.wait`) gives no evidence: have its pool wait \
             asynchronously (of piscina: `atomics: 'disabled'`), or hunt the main thread with `--worker main`"
                .into(),
        ),
        _ => None,
    }
}

/// The next step, when the process has ended.
fn after(death: &capture::Death) -> &'static str {
    use capture::Death::{Dyno, OutOfMemory, Place, Signalled, Unknown};
    use host::heroku::DynoEnd;
    match death {
        Dyno(DynoEnd::OutOfMemory { .. }) => {
            "`--profile sampling` takes evidence that needs hardly any memory; `heroku ps:resize` gives the app more of it"
        }
        OutOfMemory => {
            "`--profile sampling` takes evidence that needs hardly any memory; or give the app more of it for the hunt"
        }
        Dyno(DynoEnd::Crashed { .. }) => {
            "`heroku logs` shows its last words; hunt again when it is up: the leak has to grow again"
        }
        Dyno(DynoEnd::Cycled) => {
            "Heroku cycles every dyno about once a day; hunt again when it is up: the leak has to grow again"
        }
        Dyno(DynoEnd::Stopped { .. }) => {
            "`heroku ps` shows which dynos are up; hunt on one of them with `--dyno`"
        }
        Dyno(DynoEnd::Released { .. } | DynoEnd::Restarted | DynoEnd::Replaced) => {
            "hunt again when it is up: the leak has to grow again"
        }
        Place(end) => after_a_place(end),
        Signalled { .. } => {
            "its own log says why it ended (an assertion of InspectorIo: it had run out of descriptors, threads or memory); \
             `leakhunt doctor` says what a process is short of"
        }
        Unknown => "the app's own log may tell why; hunt again when it is up: the leak has to grow again",
    }
}

/// Where whatever runs the process has said how it ended.
fn after_a_place(end: &host::exec::PlaceEnd) -> &'static str {
    use host::exec::How::{Down, Evicted, Exited, OutOfMemory, Removed, Restarted};
    use host::exec::PlaceKind::{Container, Machine, Pod};
    match (end.kind, &end.how) {
        (_, OutOfMemory) => {
            "`--profile sampling` takes evidence that needs hardly any memory; or give the app more of it for the hunt"
        }
        (Container, Exited { .. }) => {
            "`docker logs` shows its last words; hunt again when it is up: the leak has to grow again"
        }
        (Container, Restarted | Removed | Evicted { .. } | Down { .. }) => {
            "`docker events` tells who did; hunt again when it is up: the leak has to grow again"
        }
        (Pod, Exited { .. } | Restarted) => {
            "`kubectl logs --previous` shows its last words; hunt again when it is up: the leak has to grow again"
        }
        (Pod, Removed | Evicted { .. } | Down { .. }) => {
            "`kubectl get events` tells why; hunt in another pod: name its Deployment as `deploy/NAME`"
        }
        (Machine, _) => {
            "`fly logs` and `fly machine status` show what there was; hunt again when it is started: the leak has to grow again"
        }
    }
}

/// How a process comes to catch SIGUSR1.
fn caught(locked_by: Option<&str>) -> &'static str {
    match locked_by {
        None => "wait until the app is up",
        Some(lock) if lock.starts_with("--disable-sigusr1") => {
            "start it without that option, or with --inspect; the leak has to grow again then"
        }
        Some(_) => {
            "start it with --allow-inspector as well, where its Node.js knows that option; the leak has to grow again then"
        }
    }
}

fn all_the_same(refusal: capture::Refusal) -> &'static str {
    match refusal {
        capture::Refusal::Memory => {
            "`--accept memory` takes it all the same; the app may be killed for its memory"
        }
        capture::Refusal::Pause => {
            "`--max-pause` allows more, `--accept pause` any pause, in which the app answers nothing"
        }
    }
}

impl From<leakhunt_heap::Error> for Failure {
    fn from(error: leakhunt_heap::Error) -> Self {
        Self::of(exit::UNREADABLE, format!("failed to {error}"), &error)
    }
}

impl From<host::Error> for Failure {
    fn from(error: host::Error) -> Self {
        let failure = Self::of(code_of(&error), error.to_string(), &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

fn code_of(error: &host::Error) -> u8 {
    match error {
        host::Error::ExecDisabled { .. } => exit::CONSENT,
        host::Error::InvalidName { .. } => exit::USAGE,
        host::Error::Pod { why: host::NoPod::Which { .. }, .. } => exit::NO_PROCESS,
        _ => exit::CANNOT_CONNECT,
    }
}
