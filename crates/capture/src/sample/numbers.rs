//! What the analysis of a hunt that goes on asks of the process: numbers that snapshots leave out, such as the limit of a cache.

use std::collections::BTreeMap;

use leakhunt_inspector::Session;

use crate::data::{Error, Numbers};
use crate::evidence::Evidence;
use crate::hunt::Hunt;

/// So many objects are asked for in a hunt: V8 looks through its heap for each, which takes the app a tenth of a snapshot's pause or less.
const MOST: usize = 8;

/// Asks for what nobody has asked for yet. The evidence is worth as much without: what is not told is left out.
pub(super) async fn read(hunt: &Hunt<'_>, session: &Session, evidence: &mut Evidence) -> Result<(), Error> {
    let unread = hunt.judge.as_ref().map(|judge| judge.borrow().unread.clone()).unwrap_or_default();
    let before = evidence.numbers.len();
    for unread in unread {
        if evidence.numbers.iter().any(|known| known.object == unread.object) {
            continue;
        }
        let mut fields = BTreeMap::new();
        if evidence.numbers.len() < MOST {
            match session.numbers(unread.object, &unread.fields).await {
                Ok((numbers, pause)) => {
                    evidence.app_time.collected(pause);
                    fields = numbers;
                }
                Err(error) => tracing::info!("a limit is not known: {error}"),
            }
        }
        evidence.numbers.push(Numbers { object: unread.object, fields });
    }
    if evidence.numbers.len() > before { evidence.save(hunt) } else { Ok(()) }
}
