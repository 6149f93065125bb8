//! `leakhunt export`: the node table, one JSON array a line.

use std::path::PathBuf;

use leakhunt_heap::node_rows;
use leakhunt_text::json;

use crate::failure::Failure;
use crate::{exit, files, terminal};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The snapshot
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let file = files::open(&args.file)?;
    let files::Facts { snapshot, classes, dominators, distances, .. } = files::facts(&args.file, &file)?;
    terminal::document(|out| {
        for row in node_rows(&snapshot, &classes, &dominators, &distances) {
            let row =
                (row.id.0, row.class_key, row.self_size, row.retained_size, row.distance, row.dominator.0);
            json::line(&mut *out, &row)?;
        }
        Ok(())
    })?;
    files::check(&args.file, &file)?;
    Ok(exit::DONE)
}
