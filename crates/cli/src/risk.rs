//! What a hunt does only with consent.

use clap::ValueEnum;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Risk {
    /// The app may be killed for its memory
    Memory,
    /// The app answers nothing for as long as it takes, whatever --max-pause says
    Pause,
    /// Every dyno of the app restarts (--enable-exec)
    Restart,
    /// Others than you can reach the forwarded inspector, from this machine or its network (--no-preload)
    Exposure,
    /// The app is ten times as slow while allocations are tracked (--profile timeline)
    Timeline,
    /// Nobody checks who is at the other end of the link to a dyno of Fir
    UnverifiedLink,
}

impl Risk {
    /// The risk that a hunt takes; switching Heroku Exec on is over before there is one.
    pub(crate) fn of_a_hunt(self) -> Option<leakhunt_capture::Risk> {
        match self {
            Self::Memory => Some(leakhunt_capture::Risk::Memory),
            Self::Pause => Some(leakhunt_capture::Risk::Pause),
            Self::Exposure => Some(leakhunt_capture::Risk::Exposure),
            Self::Timeline => Some(leakhunt_capture::Risk::Timeline),
            Self::UnverifiedLink => Some(leakhunt_capture::Risk::UnverifiedLink),
            Self::Restart => None,
        }
    }
}

impl From<leakhunt_capture::Risk> for Risk {
    fn from(risk: leakhunt_capture::Risk) -> Self {
        match risk {
            leakhunt_capture::Risk::Memory => Self::Memory,
            leakhunt_capture::Risk::Pause => Self::Pause,
            leakhunt_capture::Risk::Exposure => Self::Exposure,
            leakhunt_capture::Risk::Timeline => Self::Timeline,
            leakhunt_capture::Risk::UnverifiedLink => Self::UnverifiedLink,
        }
    }
}

impl std::fmt::Display for Risk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // None of them is hidden.
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

/// The flag that answers beforehand.
pub(crate) fn accepts(risk: Option<Risk>) -> String {
    match risk {
        Some(risk) => format!("`--accept {risk}` consents to this, and to nothing else"),
        None => "`--yes` agrees to this".to_owned(),
    }
}
