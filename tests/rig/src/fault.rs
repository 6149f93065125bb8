//! What can go wrong on the platform's side, as switches that tests turn while a rig runs.

use std::mem::discriminant;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use crate::Error;

/// One thing that goes wrong. Setting a fault that carries a value replaces the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// `runtime-heroku-exec` is off: the CLI would ask to restart every dyno.
    FeatureOff,
    /// The app lives in a Private Space and lacks the exec buildpack: the CLI would change the app.
    PrivateSpace,
    /// The app lives in a Shield Private Space.
    ShieldSpace,
    /// The app is called one of the Fir generation, and nothing else is of it.
    Fir,
    /// The account has no SSH key.
    NoAccountKey,
    /// A dyno of Fir takes no key.
    KeyRefused,
    /// The space of a Fir app takes no connection from this address: 403.
    UntrustedAddress,
    /// No credentials: [`crate::Rig::env`] leaves `HEROKU_API_KEY` out, and the API answers 401.
    NotLoggedIn,
    /// `HEROKU_API_KEY` is there and the API answers 401.
    BadToken,
    /// The API wants a second factor.
    TwoFactor,
    /// The app is unknown.
    NoApp,
    /// The dyno is unknown.
    NoDyno,
    /// The app has the config var of the legacy exec add-on.
    LegacyExecUrl,
    /// The app's log cannot be read: no session for it is made.
    NoLog,
    /// The API answers so many requests with this status, 429 with a `Retry-After` of one second.
    ApiAnswers {
        /// The status.
        status: u16,
        /// How many requests it answers so.
        times: u32,
    },
    /// The exec-manager takes the request and never answers; the CLI has no timeout there.
    ExecManagerHangs,
    /// The exec-manager answers with this status.
    ExecManagerAnswers(u16),
    /// The exec-manager names another host key than the SSH entrance shows.
    WrongHostKey,
    /// The tunnel's port refuses connections.
    TunnelClosed,
    /// A tunnel connection is accepted and then nothing moves: the handshake stalls.
    TunnelStalled,
    /// Every tunnel connection is dropped after so many bytes from the dyno.
    TunnelCutAfter(u64),
    /// Every tunnel connection goes silent after so many bytes from the dyno, and stays open.
    TunnelStalledAfter(u64),
    /// The tunnel moves so many bytes a second from the dyno, all connections together.
    TunnelSlow(u64),
    /// Every byte of the tunnel arrives later by this much, each way.
    TunnelLatency(Duration),
}

impl FromStr for Fault {
    type Err = Error;

    /// `feature-off`, `tunnel-slow=2000000`, `tunnel-latency=40` (milliseconds): the names of the variants.
    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownFault(text.to_owned());
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.parse::<u64>().map_err(|_| unknown())?)),
            None => (text, None),
        };
        Ok(match (name, value) {
            ("feature-off", None) => Fault::FeatureOff,
            ("private-space", None) => Fault::PrivateSpace,
            ("shield-space", None) => Fault::ShieldSpace,
            ("fir", None) => Fault::Fir,
            ("no-account-key", None) => Fault::NoAccountKey,
            ("key-refused", None) => Fault::KeyRefused,
            ("untrusted-address", None) => Fault::UntrustedAddress,
            ("not-logged-in", None) => Fault::NotLoggedIn,
            ("bad-token", None) => Fault::BadToken,
            ("two-factor", None) => Fault::TwoFactor,
            ("no-app", None) => Fault::NoApp,
            ("no-dyno", None) => Fault::NoDyno,
            ("legacy-exec-url", None) => Fault::LegacyExecUrl,
            ("no-log", None) => Fault::NoLog,
            ("api-answers", Some(status)) => {
                Fault::ApiAnswers { status: u16::try_from(status).map_err(|_| unknown())?, times: u32::MAX }
            }
            ("exec-manager-hangs", None) => Fault::ExecManagerHangs,
            ("exec-manager-answers", Some(status)) => {
                Fault::ExecManagerAnswers(u16::try_from(status).map_err(|_| unknown())?)
            }
            ("wrong-host-key", None) => Fault::WrongHostKey,
            ("tunnel-closed", None) => Fault::TunnelClosed,
            ("tunnel-stalled", None) => Fault::TunnelStalled,
            ("tunnel-cut-after", Some(bytes)) => Fault::TunnelCutAfter(bytes),
            ("tunnel-stalled-after", Some(bytes)) => Fault::TunnelStalledAfter(bytes),
            ("tunnel-slow", Some(rate)) if rate > 0 => Fault::TunnelSlow(rate),
            ("tunnel-latency", Some(milliseconds)) => {
                Fault::TunnelLatency(Duration::from_millis(milliseconds))
            }
            _ => return Err(unknown()),
        })
    }
}

/// The switches of one rig.
#[derive(Debug, Default)]
pub(crate) struct Switches(Mutex<Vec<Fault>>);

impl Switches {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(Mutex::new(faults))
    }

    pub(crate) fn set(&self, fault: Fault) {
        let mut set = self.locked();
        set.retain(|other| discriminant(other) != discriminant(&fault));
        set.push(fault);
    }

    /// Takes a fault away, whatever its value.
    pub(crate) fn clear(&self, fault: Fault) {
        self.locked().retain(|other| discriminant(other) != discriminant(&fault));
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.locked().contains(&fault)
    }

    /// The first value that `pick` finds among the faults that are set.
    pub(crate) fn find<T>(&self, pick: impl FnMut(&Fault) -> Option<T>) -> Option<T> {
        self.locked().iter().find_map(pick)
    }

    /// The status with which the next request to the API is answered, if any is left.
    pub(crate) fn take_api_answer(&self) -> Option<u16> {
        self.locked().iter_mut().find_map(|fault| match fault {
            Fault::ApiAnswers { status, times: times @ 1.. } => {
                *times -= 1;
                Some(*status)
            }
            _ => None,
        })
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Fault>) {
        assert_eq!(text.parse::<Fault>().ok(), expected, "{text}");
    }

    #[test]
    fn faults_are_named_on_the_command_line() {
        check("feature-off", Some(Fault::FeatureOff));
        check("tunnel-cut-after=1000", Some(Fault::TunnelCutAfter(1000)));
        check("tunnel-latency=40", Some(Fault::TunnelLatency(Duration::from_millis(40))));
        check("exec-manager-answers=404", Some(Fault::ExecManagerAnswers(404)));
        check("exec-manager-answers=70000", None);
        check("api-answers=503", Some(Fault::ApiAnswers { status: 503, times: u32::MAX }));
        check("tunnel-slow=0", None);
        check("feature-off=1", None);
        check("tunnel-slow", None);
        check("nonsense", None);
    }

    #[test]
    fn a_fault_set_again_replaces_its_value() {
        let switches = Switches::default();
        switches.set(Fault::TunnelSlow(1));
        switches.set(Fault::TunnelSlow(2));
        assert!(!switches.has(Fault::TunnelSlow(1)));
        assert!(switches.has(Fault::TunnelSlow(2)));
        switches.clear(Fault::TunnelSlow(9));
        assert!(!switches.has(Fault::TunnelSlow(2)));
    }
}
