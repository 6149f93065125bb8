//! What makes an answer weaker than it looks.

use crate::series::compared::Warning;
use crate::source::LeftOut;

/// A warning in one sentence. Snapshots are counted from 1, in the order in which they were given.
pub(crate) fn warning(warning: &Warning) -> String {
    match warning {
        Warning::WrongOrder { taken } => format!(
            "the snapshots were not given in the order in which they were taken; by their object ids that is {}",
            listed(taken, ", ")
        ),
        Warning::SessionLost { after } => format!(
            "the hunt lost its inspector session, and with it the id space, after snapshot {}",
            listed(after, " and ")
        ),
        Warning::OnlySome { first, last } => format!(
            "object ids are comparable only across snapshots {first} to {last}; the others, taken in another inspector session \
             or of another process, are left out"
        ),
        Warning::ByClass => {
            "object ids are not comparable across these snapshots, which were taken in different inspector sessions or of different \
             processes; they are compared by class, not object by object"
                .to_owned()
        }
    }
}

/// What of the program's texts was left out, in one sentence.
pub(crate) fn left_out(left_out: &LeftOut) -> String {
    match left_out {
        LeftOut::Script(path) => {
            format!(
                "{path} was not parsed: it is too large, or could be nested too deep; what is said of it is less exact"
            )
        }
        LeftOut::SourceMap(path) => {
            format!("the source map of {path} cannot be read; its places are those in the bundle")
        }
    }
}

fn listed(numbers: &[usize], between: &str) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(between)
}
