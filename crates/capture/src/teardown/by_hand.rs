//! What a person can do where not everything was seen undone.

use leakhunt_host::Platform;

use crate::data::{Receipt, Seen};
use crate::holdings::Subject;
use crate::hunt::Hunt;

/// Where the inspector was not seen closed, no signal closes it, only its process can.
pub(crate) fn by_hand(hunt: &Hunt<'_>, subject: Option<&Subject>, receipt: &Receipt) -> String {
    let mut open = receipt.undone.iter().filter(|line| line.seen == Seen::Unverified);
    if !open.any(|line| line.what.is_in_the_app()) {
        return "nothing is open in the app; `leakhunt cleanup` looks again at what is left on this machine"
            .into();
    }
    let restart = match hunt.platform.as_ref().and_then(Platform::heroku) {
        Some(facts) => format!("`heroku ps:restart {} -a {}`", facts.dyno, facts.app),
        None => "restarting the app".to_owned(),
    };
    let armed = if subject.is_some_and(|subject| subject.planted) {
        "the dead man's switch closes the inspector within 5 s of the tunnel's end; if it does not, "
    } else {
        ""
    };
    let again = if hunt.journal.is_some() { "`leakhunt cleanup` looks again; " } else { "" };
    format!("{again}{armed}{restart} closes it for certain (and loses the leaked heap)")
}
