//! The package that a suspect is of: whose code runs, whose object holds it, or who handed the program's own function on.

use crate::findings::Package;
use crate::graph::Node;
use crate::held::{Held, library_below};
use crate::naming::Holder;
use crate::packages::{Packages, written_in};
use crate::source::{Author, Sources, Written};
use crate::suspects::Suspect;
use crate::view::View;

use super::code::Code;

/// A package, and what of a suspect is its own.
pub(crate) struct OfPackage {
    pub(crate) package: Package,
    /// A file of it.
    pub(crate) file: String,
    pub(crate) own: Own,
}

/// What of a suspect is a package's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    /// What holds it: the collection, the emitter, the stream.
    Holder,
    /// The function that runs, or would run.
    Code,
    /// The function that a timer was handed, by which it runs the program's own.
    Setter,
    /// What the program calls that makes it.
    Called,
    /// What puts it into an object of the program's.
    Filler,
}

/// The package that a suspect is of: the nearest one, not any that lies further up.
pub(super) fn of_package(
    suspect: &Suspect,
    held: &Held,
    holder: &Holder,
    code: Option<&Code>,
    view: &View<'_>,
    sources: &Sources<'_>,
    packages: &Packages<'_>,
) -> Option<OfPackage> {
    let of = |node: Node, own| Some((written_in(node, view, sources)?, own));
    let named = || Some((holder.package_file.clone()?, Own::Holder));
    let run = || {
        let code = code.filter(|code| code.author == Author::Library)?;
        Some((code.place.best().file.clone(), Own::Code))
    };
    let (file, own) = match held {
        // Who adds a listener can remove it: that comes before whose emitter it is.
        Held::Listener { emitter, .. } => run().or_else(|| of(*emitter, Own::Holder)).or_else(named),
        Held::Stream { stream, .. } => of(*stream, Own::Holder).or_else(named),
        Held::Timer { callback, .. } => {
            run().or_else(|| of(unbound(callback.as_ref()?.handed, view), Own::Setter))
        }
        Held::Native { .. } => {
            named().or_else(run).or_else(|| of(library_below(view, suspect.cluster.example)?, Own::Holder))
        }
        _ => named().or_else(run),
    }?;
    OfPackage::of(file, own, view, sources, packages)
}

/// The package whose code puts something into an object of the program's, there.
pub(super) fn of_filler(
    put: Option<&Written>,
    view: &View<'_>,
    sources: &Sources<'_>,
    packages: &Packages<'_>,
) -> Option<OfPackage> {
    OfPackage::of(put?.place.best().file.clone(), Own::Filler, view, sources, packages)
}

impl OfPackage {
    /// The package that a file belongs to, if it does.
    pub(super) fn of(
        file: String,
        own: Own,
        view: &View<'_>,
        sources: &Sources<'_>,
        packages: &Packages<'_>,
    ) -> Option<Self> {
        Some(Self { package: packages.package(&file, view, sources)?, file, own })
    }
}

/// What a function by `bind`, which is written nowhere, is made from.
fn unbound(function: Node, view: &View<'_>) -> Node {
    view.graph.internal(function, "bound_function").unwrap_or(function)
}
