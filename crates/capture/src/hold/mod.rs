//! Holding: the inspector is offered to DevTools on this machine, until the time is up or somebody stops it.
//!
//! What was acquired for it lies in `Holdings`: the local port with its connections, and the browser. Our own session stays beside
//! them, for the dead-man must be asked now and then, or takes the hunt for a dead one (`FORGOTTEN_HUNT` in `dead_man.js`). It
//! disturbs no DevTools: it has enabled no domain and samples nothing any more, and it does not leave before they have, for V8
//! forgets its object ids when a client leaves.

mod arrival;
mod serve;

use std::time::Duration;

use leakhunt_host::{Browser, Environment, Peer};
use leakhunt_inspector::{page_order, page_shown};

use self::serve::{Served, serve};
use crate::attach::Attached;
use crate::data::{Attach, Error, Event, Hold, Plan, Risk, Step, TeardownStep, devtools_address};
use crate::evidence::Evidence;
use crate::holdings::Held;
use crate::hunt::Hunt;
use crate::local_port::LocalPort;
use crate::undo::Undo;

/// For a browser to start on a busy machine.
const BROWSER: Duration = Duration::from_secs(30);

/// Is it agreed to, as far as it has to be? Asked before anything is done.
pub(crate) fn is_admitted(plan: &Plan) -> Result<(), Error> {
    if plan.hold.is_none() || Peer::can_be_known() || plan.accepts(Risk::Exposure) {
        return Ok(());
    }
    let what = "this system does not tell whose a connection is, so the held inspector would be open to every user of \
                this machine";
    Err(Error::Consent { risk: Risk::Exposure, what: what.to_owned() })
}

/// Offers it until the time is up.
pub(crate) async fn hold(
    hunt: &mut Hunt<'_>,
    hold: &Hold,
    attached: Attached<'_>,
    evidence: &Evidence,
) -> Result<(), Error> {
    let Attached { session, subject, shell, tunnel, local_port, browser } = attached;
    let since = hunt.record.begin(Step::Hold);
    let (port, told) = LocalPort::open().await.map_err(|source| {
        let doing = "listening on a port of 127.0.0.1 for DevTools".to_owned();
        leakhunt_host::Error::Io { doing, source }
    })?;
    hunt.undo.push(Undo::LocalPort);
    let port = Held::put(local_port, port);
    let number = port.address().port();
    let devtools = devtools_address(number, session.target());
    let directory = evidence.process.as_ref().and_then(|process| process.cwd.clone());
    hunt.record.tell(Event::Held {
        address: port.address().to_string(),
        devtools: devtools.clone(),
        attach: Attach::to(&hunt.target, number, directory),
        limit: hold.longest,
    });
    if !Peer::can_be_known() {
        hunt.record.warn("the held inspector is open to every user of this machine while it lasts");
    }
    if let Some(environment) = &hold.browser
        && let Err(why) = open(hunt, environment, browser, &devtools).await
    {
        hunt.record.warn(format!("no browser was opened: {why}; the inspector is held all the same"));
    }
    let served = Served { port: &port, session: &session, tunnel: &tunnel, subject: &subject };
    serve(hunt, served, shell, told, hold.longest).await?;
    hunt.record.done(since, "the time is up");
    Ok(())
}

/// Starts the browser of this machine, and has it show this page.
async fn open(
    hunt: &mut Hunt<'_>,
    environment: &Environment,
    place: &mut Option<Browser>,
    page: &str,
) -> Result<(), String> {
    let Some(program) = Browser::find(environment) else {
        return Err(format!("there is none of {}", Browser::looked_for()));
    };
    let browser = Browser::start(&program, environment).map_err(|error| error.to_string())?;
    hunt.undo.push(Undo::Browser);
    hunt.note_child(TeardownStep::Browser, Some(browser.footprint()));
    hunt.record.command(browser.command());
    let mut browser = Held::put(place, browser);
    let answer = browser.ask(&page_order(page), BROWSER).await.map_err(|error| error.to_string())?;
    page_shown(&answer)
}
