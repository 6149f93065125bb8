//! `leakhunt export`: the node table, one JSON array a line.

use leakhunt_heap::node_rows;

use super::files;
use crate::args;
use crate::failure::{Failure, exit};

pub(crate) fn run(args: &args::Export) -> Result<u8, Failure> {
    let file = files::open(&args.file)?;
    let files::Facts { snapshot, classes, dominators, distances, .. } = files::facts(&args.file, &file)?;
    files::print(|out| {
        for row in node_rows(&snapshot, &classes, &dominators, &distances) {
            serde_json::to_writer(
                &mut *out,
                &(row.id.0, row.class_key, row.self_size, row.retained_size, row.distance, row.dominator.0),
            )?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })?;
    Ok(exit::DONE)
}
