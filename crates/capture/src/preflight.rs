//! Read-only questions to the platform; then the session folder. Nothing is started before.

use leakhunt_host::Platform;

use crate::data::{Error, Event, Step};
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

fn summary(platform: &Platform) -> String {
    match platform {
        Platform::Exec(Some(life)) => format!("running since {}", life.since),
        Platform::Exec(None) => "a command of yours".to_owned(),
        Platform::Heroku(facts) => {
            let size = facts.dyno_size.as_deref().unwrap_or("size unknown");
            format!("{} is up, {size}, exec on, heroku {}", facts.dyno, facts.cli_version)
        }
        Platform::Local => "this machine".to_owned(),
        Platform::Ssh { server } => server.clone(),
    }
}
