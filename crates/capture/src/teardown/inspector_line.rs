//! What the receipt says of the inspector.

use crate::data::{Line, TeardownStep};
use crate::holdings::Subject;
use crate::shell::{Port, Signal};

/// The receipt's line. `port` is what was seen last, `None` where nobody could look.
pub(super) fn line(subject: Option<&Subject>, port: Option<Port>) -> Line {
    let what = TeardownStep::Inspector;
    let Some(subject) = subject else { return Line::verified(what, "no signal was sent") };
    let (pid, number) = (subject.process.pid, subject.port);
    if !subject.ours {
        return Line::verified(what, format!("left on port {number} of process {pid}, as it was found"));
    }
    let unknown = "whether it was signalled is not known, since the answer never came";
    match (subject.signal, port) {
        (Signal::Ended, _) => {
            Line::verified(what, format!("process {pid} ended after SIGUSR1, and its port with it"))
        }
        (Signal::Unknown, Some(Port::Gone)) => {
            Line::verified(what, format!("process {pid} is gone; {unknown}"))
        }
        (Signal::Unknown, Some(Port::Closed)) => {
            Line::verified(what, format!("process {pid} does not listen on port {number}; {unknown}"))
        }
        (Signal::Unknown, None) => {
            Line::unverified(what, format!("nobody could look at process {pid}; {unknown}"))
        }
        (Signal::Sent, Some(Port::Closed)) => {
            Line::verified(what, format!("process {pid} was signalled, and does not listen on port {number}"))
        }
        (_, Some(Port::Closed)) => {
            Line::verified(what, format!("process {pid} no longer listens on port {number}"))
        }
        (_, Some(Port::Gone)) => {
            Line::verified(what, format!("process {pid} is gone, and its port {number} with it"))
        }
        (_, Some(Port::StillOpen)) => {
            Line::unverified(what, format!("process {pid} still listens on port {number}"))
        }
        (_, None) => Line::unverified(
            what,
            format!("nobody could look whether process {pid} still listens on port {number}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::{Machine, NodeProcess, Seen};
    use crate::shell::Signalled;

    fn subject(signal: Signal) -> Subject {
        let process = NodeProcess { pid: 7, ..NodeProcess::default() };
        let machine = Machine::default();
        Subject { process, machine, port: 9229, ours: true, signal, planted: false, death: None }
    }

    /// What really happens there, of which a hunt hears only the answers that reach it.
    #[derive(Debug, Clone, Copy)]
    enum Happening {
        /// The hunt orders the signal; the process's fate at that moment, and whether the answer comes through.
        Order { fate: Fate, heard: bool },
        /// The process ends by itself.
        Ends,
        /// Somebody closes the inspector: the dead-man, or the session on its way out.
        Closes,
        /// The shell is lost: no further answer.
        ShellLost,
    }

    #[derive(Debug, Clone, Copy)]
    enum Fate {
        Refuses(&'static str),
        Opens,
        StaysShut,
        Dies,
    }

    #[derive(Debug, Default)]
    struct World {
        sent: bool,
        died_of_it: bool,
        gone: bool,
        open: bool,
        shell_lost: bool,
    }

    impl World {
        /// What the far shell would answer, by its own words; and the deed.
        fn signal(&mut self, fate: Fate) -> &'static str {
            if self.gone {
                return "gone-before";
            }
            if self.open {
                return "open ports=lo:9229";
            }
            match fate {
                Fate::Refuses(answer) => return answer,
                Fate::Opens => self.open = true,
                Fate::StaysShut => {}
                Fate::Dies => (self.gone, self.died_of_it) = (true, true),
            }
            self.sent = true;
            match fate {
                Fate::Opens => "opened before=any:3000 ports=lo:9229,any:3000",
                Fate::Dies => "gone-after",
                _ => "not-opened before=- ports=-",
            }
        }

        fn look(&self) -> Option<Port> {
            match self {
                _ if self.shell_lost => None,
                _ if self.gone => Some(Port::Gone),
                _ if self.open => Some(Port::StillOpen),
                _ => Some(Port::Closed),
            }
        }
    }

    fn fate() -> impl Strategy<Value = Fate> {
        prop_oneof![
            prop_oneof![
                Just("short what=descriptors:1021:1024"),
                Just("not-proven"),
                Just("not-caught"),
                Just("not-permitted"),
                Just("taken"),
            ]
            .prop_map(Fate::Refuses),
            Just(Fate::Opens),
            Just(Fate::StaysShut),
            Just(Fate::Dies),
        ]
    }

    fn happening() -> impl Strategy<Value = Happening> {
        prop_oneof![
            (fate(), any::<bool>()).prop_map(|(fate, heard)| Happening::Order { fate, heard }),
            Just(Happening::Ends),
            Just(Happening::Closes),
            Just(Happening::ShellLost),
        ]
    }

    proptest! {
        /// Whatever happens in whatever order, the receipt says nothing that did not happen, and denies nothing that did.
        #[test]
        fn the_receipt_never_contradicts_what_happened(happenings in proptest::collection::vec(happening(), 0..6)) {
            let (mut world, mut signal, mut ordered) = (World::default(), Signal::default(), false);
            for happening in happenings {
                match happening {
                    Happening::Order { .. } if world.shell_lost => {}
                    Happening::Order { fate, heard } => {
                        let before = signal;
                        signal = before.ordered();
                        ordered = true;
                        let answer = Signalled::read(world.signal(fate)).expect("the script's own words");
                        if heard {
                            signal = before.answered(&answer);
                        } else {
                            world.shell_lost = true;
                        }
                    }
                    Happening::Ends => (world.gone, world.open) = (true, false),
                    Happening::Closes => world.open = false,
                    Happening::ShellLost => world.shell_lost = true,
                }
            }
            let subject = (ordered && signal != Signal::NotSent).then(|| subject(signal));
            let Line { seen, how: said, .. } = line(subject.as_ref(), world.look());
            let says = |text: &str| said.contains(text);
            prop_assert!(!says("no signal was sent") || !world.sent, "{world:?}: {said}");
            prop_assert!(!says("ended after SIGUSR1") || world.died_of_it, "{world:?}: {said}");
            prop_assert!(!world.died_of_it || says("ended after SIGUSR1") || says("not known") || signal == Signal::Opened || signal == Signal::Sent, "{world:?}: {said}");
            prop_assert!(!says("no longer listens") || world.sent && !world.open, "{world:?}: {said}");
            prop_assert!(!says("still listens on port") || world.open || world.shell_lost, "{world:?}: {said}");
            prop_assert!(!says("is gone") || world.gone, "{world:?}: {said}");
            prop_assert!(seen != Seen::Verified || !world.open, "{world:?}: {said}");
        }
    }

    #[test]
    fn a_second_order_takes_back_nothing_of_the_first() {
        let refused = Signalled::read("not-caught").unwrap();
        assert_eq!(Signal::Opened.ordered(), Signal::Opened);
        assert_eq!(Signal::Opened.answered(&refused), Signal::Opened);
        assert_eq!(Signal::NotSent.answered(&refused), Signal::NotSent);
    }
}
