//! Read-only questions to the platform; then the session folder. Nothing is signalled or attached to before.

use leakhunt_host::Platform;
use leakhunt_host::heroku::Generation;

use crate::data::{Error, Event, Plan, Risk, Step};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::record::{Act, SessionFolder, work_tree};
use crate::undo::Undo;

/// Asks, and makes the folder. Gives the evidence, of which there is none yet.
pub(crate) async fn preflight<'e>(
    hunt: &mut Hunt<'_>,
    place: &'e mut Option<Evidence>,
) -> Result<&'e mut Evidence, Error> {
    let since = hunt.record.begin(Step::Preflight);
    let found = hunt.host.preflight().await?;
    is_admitted(hunt.plan, &found.platform)?;
    let (folder, log) = SessionFolder::create(&hunt.plan.out, &hunt.plan.name)
        .map_err(|source| Error::Store { path: hunt.plan.out.clone(), source })?;
    if let Some(tree) = work_tree::around(folder.path()) {
        hunt.record.warn(format!(
            "the session folder lies in the git work tree {}, and snapshots hold the app's secrets: add `{}` to its \
             .gitignore, or name another folder with --out",
            tree.display(),
            work_tree::PATTERN
        ));
    }
    hunt.undo.push(Undo::PartialFiles(folder.clone()));
    hunt.note(&Act::Folder { path: folder.path().to_owned() });
    hunt.record.keep_in(log);
    found.warnings.into_iter().for_each(|warning| hunt.record.warn(warning));
    hunt.record.done(since, summary(&found.platform));
    hunt.platform = Some(found.platform);
    let told = Event::Started { target: hunt.target.clone(), folder: folder.path().display().to_string() };
    hunt.record.tell(told);
    Ok(place.insert(Evidence::new(folder)))
}

/// What somebody has to agree to who hunts on a dyno of Fir.
pub const UNVERIFIED_LINK: &str = "where the Heroku CLI reaches a dyno of Fir by ssh, it checks neither a certificate nor the host \
                                   key: whoever is in between could read what a hunt takes, and change it";

/// Whether a hunt may go by the link that there is.
pub(crate) fn is_admitted(plan: &Plan, platform: &Platform) -> Result<(), Error> {
    let of_fir = platform.heroku().is_some_and(|facts| facts.generation == Generation::Fir);
    if !of_fir || plan.accepts(Risk::UnverifiedLink) {
        return Ok(());
    }
    Err(Error::Consent { risk: Risk::UnverifiedLink, what: UNVERIFIED_LINK.to_owned() })
}

fn summary(platform: &Platform) -> String {
    match platform {
        Platform::Exec(Some(life)) => format!("running since {}", life.since),
        Platform::Exec(None) => "a command of yours".to_owned(),
        Platform::Heroku(facts) => {
            let size = facts.dyno_size.as_deref().unwrap_or("size unknown");
            let way = if facts.generation == Generation::Fir { "run:inside" } else { "exec on" };
            format!("{} is up, {size}, {way}, heroku {}", facts.dyno, facts.cli_version)
        }
        Platform::Local => "this machine".to_owned(),
        Platform::Ssh { server } => server.clone(),
    }
}
