//! The dynos of an app.

use super::api::Dyno;
use super::ask;
use super::dyno::Heroku;
use super::facts::Generation;
use super::names::DynoName;
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
        type_of(&self.name)
    }
}

/// The one that is meant where none was named.
pub(super) async fn usual(heroku: &Heroku) -> Result<DynoName, Error> {
    let first = match ask::generation(heroku).await? {
        Generation::Fir => {
            let listed = dynos(heroku).await?;
            let mut web =
                listed.into_iter().filter(|dyno| dyno.process_type() == "web" && dyno.state == "up");
            web.next().map(|dyno| dyno.name)
        }
        _ => None,
    };
    first.as_deref().unwrap_or("web.1").parse()
}

/// The type in a dyno's name: of `web.1`, and on Fir of `web-848cd4f64d-pvpr2`.
pub(super) fn type_of(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((of, _)) => of,
        None => name.rsplitn(3, '-').nth(2).unwrap_or(name),
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

#[cfg(test)]
mod tests {
    use super::type_of;

    #[test]
    fn the_type_stands_in_the_name() {
        for (name, expected) in [
            ("web.1", "web"),
            ("late-worker.12", "late-worker"),
            ("web-848cd4f64d-pvpr2", "web"),
            ("late-worker-848cd4f64d-pvpr2", "late-worker"),
            ("web", "web"),
        ] {
            assert_eq!(type_of(name), expected, "{name}");
        }
    }
}
