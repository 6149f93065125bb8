//! How a process ended.

use leakhunt_host::End;
use leakhunt_host::exec::PlaceEnd;
use leakhunt_host::heroku::DynoEnd;

/// How a process ended, as far as that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Death {
    /// What the platform says of its dyno.
    Dyno(DynoEnd),
    /// What runs its container, pod or machine says of that.
    Place(PlaceEnd),
    /// The kernel has killed a process of its cgroup for memory since it was found.
    OutOfMemory,
    /// It was gone when it had been signalled.
    Signalled {
        /// Its pid.
        pid: u32,
        /// Its command line.
        command: String,
        /// Was the signal certainly sent? If not, the shell's answer never came.
        certain: bool,
    },
    /// It is gone, or another has its pid; nothing was seen that tells why.
    Unknown,
}

impl Death {
    /// The end in words; `when` reads after a verb, such as "while sampling".
    pub(crate) fn told(&self, when: &str) -> String {
        match self {
            Self::Dyno(end) => format!("{end} {when}"),
            Self::Place(end) => format!("{end} {when}"),
            Self::OutOfMemory => {
                format!("the process ended {when}: the kernel killed a process of its cgroup for memory")
            }
            Self::Signalled { pid, command, certain: true } => {
                format!("the process ended after SIGUSR1: this hunt ended it (process {pid}, {command})")
            }
            Self::Signalled { pid, command, certain: false } => format!(
                "process {pid} ({command}) ended while it was being signalled; the shell's answer never came, so this hunt may \
                 have ended it"
            ),
            Self::Unknown => format!("the process ended {when}, and why is not known"),
        }
    }
}

impl From<End> for Death {
    fn from(end: End) -> Self {
        match end {
            End::Dyno(end) => Self::Dyno(end),
            End::Place(end) => Self::Place(end),
        }
    }
}
