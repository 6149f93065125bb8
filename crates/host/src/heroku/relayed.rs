//! A port of a dyno by `ps:exec` instead of `ps:forward`: each connection is one more command, which runs a relay there (`relay`).
//!
//! `ps:exec` asks for a terminal, reads what it is typed once something was printed, and prints text: so the relay takes lines, and is
//! told its script on its stdin (`frame`), as on Fir.

use super::commands::exec_command;
use super::dyno::Heroku;
use super::preload::Session;
use super::words;
use crate::Error;
use crate::frame::{Mark, Split};
use crate::relay::{self, By, Place, RelayForward, Start, Terminal};
use crate::tail::Tail;

pub(super) async fn forward(heroku: &Heroku, port: u16) -> Result<RelayForward, Error> {
    let cli = heroku.cli().await?;
    let mut environment = heroku.child_environment(&cli);
    let session = heroku.config.preload.then(|| Session::open(&heroku.private)).transpose()?;
    if let Some(session) = &session {
        session.arm(&mut environment, None);
    }
    let place = Place {
        what: heroku.describe(),
        environment,
        recognise: words::recognise(&heroku.config),
        tail: Tail::new(&heroku.config.environment),
        by: {
            let heroku = heroku.clone();
            By::Relay(Box::new(move || {
                // One folder for all of them: it goes with the forward, and they with it.
                let _ = &session;
                let mark = Mark::draw()?;
                let Split { command, told } = mark.split_plain(&relay::script(Terminal::Lines))?;
                let (app, dyno) = (heroku.config.app.as_str(), heroku.config.dyno.as_str());
                let command = exec_command(&cli.program, app, dyno, &command);
                Ok(Start { command, mark, told: Some(told) })
            }))
        },
    };
    RelayForward::start(place, port)
}
