//! The dynos of an app.

use super::api::Dyno;
use super::ask;
use super::dyno::Heroku;
use crate::Error;
use crate::tail::clean;

/// A dyno, as the platform lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name, such as `web.1`.
    pub name: String,
    /// The platform's word for its state.
    pub state: String,
    /// Its size.
    pub size: Option<String>,
    /// The release that it runs.
    pub release: Option<u64>,
}

impl Listed {
    /// The type of its process, such as `web`.
    pub fn process_type(&self) -> &str {
        self.name.rsplit_once(['.', '-']).map_or(&self.name, |(of, _)| of)
    }
}

/// All of them, those of a type in the order of their numbers.
pub(super) async fn dynos(heroku: &Heroku) -> Result<Vec<Listed>, Error> {
    let cli = heroku.cli().await?;
    let api = ask::api(heroku, &cli).await?;
    let dynos = ask::dynos(heroku, &cli, api.as_ref()).await?;
    let mut listed: Vec<Listed> = dynos.into_iter().map(Listed::from).collect();
    let number = |dyno: &Listed| dyno.name.rsplit('.').next().and_then(|number| number.parse::<u32>().ok());
    listed.sort_by_cached_key(|dyno| (dyno.process_type().to_owned(), number(dyno), dyno.name.clone()));
    Ok(listed)
}

impl From<Dyno> for Listed {
    fn from(dyno: Dyno) -> Self {
        Self {
            release: dyno.version(),
            name: clean(&dyno.name, 80),
            state: clean(&dyno.state, 80),
            size: dyno.size.map(|size| clean(&size, 80)),
        }
    }
}
