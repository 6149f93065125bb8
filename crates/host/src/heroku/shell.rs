//! `heroku ps:exec` with a script, as a child.

use super::commands::exec_command;
use super::dyno::Heroku;
use super::preload::Session;
use super::words;
use crate::Error;
use crate::child::Child;
use crate::frame::Mark;
use crate::group::Stopped;
use crate::tail::Tail;

pub(crate) struct Shell {
    // Declared first, dropped first: the group is killed before its folder goes.
    pub(crate) child: Child,
    session: Option<Session>,
}

impl Shell {
    pub(super) async fn open(heroku: &Heroku, script: &str) -> Result<Self, Error> {
        let mark = Mark::draw()?;
        let word = mark.wrap(script)?;
        let cli = heroku.cli().await?;
        let mut env = heroku.child_environment(&cli);
        let session = heroku.config.preload.then(|| Session::open(&heroku.private)).transpose()?;
        if let Some(session) = &session {
            session.arm(&mut env, None);
        }
        let (app, dyno) = (heroku.config.app.as_str(), heroku.config.dyno.as_str());
        let command = exec_command(&cli.program, app, dyno, &word);
        let tail = Tail::new(&heroku.config.environment);
        let child = Child::start(&command, &env, mark, words::recognise(&heroku.config), tail)?;
        Ok(Self { child, session })
    }

    pub(crate) async fn stop(self) -> Stopped {
        drop(self.session);
        self.child.stop().await
    }
}
