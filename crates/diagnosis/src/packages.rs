//! Which package a file belongs to, in which version, and through which other one the program has it.
//!
//! Node knows the packages that it has loaded, and a hunt reads their versions. Of those that a bundler took in, the source map
//! knows the files, and package.json may lie beside them.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::findings::{Package, Through};
use crate::graph::Node;
use crate::source::{Author, Sources, package_folder, package_name};
use crate::view::View;

/// A package that the process had loaded, as its package.json says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it lay.
    pub folder: String,
}

/// The packages of which versions are known.
pub(crate) struct Packages<'e> {
    loaded: FxHashMap<&'e str, &'e LoadedPackage>,
}

impl<'e> Packages<'e> {
    pub(crate) fn of(loaded: &'e [LoadedPackage]) -> Self {
        Self { loaded: loaded.iter().map(|package| (package.folder.as_str(), package)).collect() }
    }

    /// The package that a file belongs to.
    pub(crate) fn package(&self, file: &str, view: &View<'_>, sources: &Sources<'_>) -> Option<Package> {
        let (name, version) = self.named(file, sources)?;
        let through = view.required_through(package_folder(file)?).and_then(|file| {
            let (name, version) = self.named(&file, sources)?;
            Some(Through { name, version })
        });
        Some(Package { name, version, through })
    }

    /// The same, where nothing tells through which other one the program has it.
    pub(crate) fn alone(&self, file: &str, sources: &Sources<'_>) -> Option<Package> {
        let (name, version) = self.named(file, sources)?;
        Some(Package { name, version, through: None })
    }

    /// A package may lie in a folder of another name.
    fn named(&self, file: &str, sources: &Sources<'_>) -> Option<(String, Option<String>)> {
        let folder = package_folder(file)?;
        if let Some(loaded) = self.loaded.get(folder) {
            return Some((loaded.name.clone(), Some(loaded.version.clone())));
        }
        let name = package_name(file)?.to_owned();
        let manifest = sources.read(&format!("{folder}/package.json"));
        let manifest = manifest.and_then(|text| serde_json::from_str::<Manifest>(&text).ok());
        let version = manifest.filter(|manifest| manifest.name == name).map(|manifest| manifest.version);
        Some((name, version))
    }
}

/// What is read of a package.json.
#[derive(Deserialize)]
struct Manifest {
    name: String,
    version: String,
}

/// The file of a package in which a function, or the class of an object, is written.
pub(crate) fn written_in(node: Node, view: &View<'_>, sources: &Sources<'_>) -> Option<String> {
    let spot = view.graph.spot(node).filter(|spot| view.scripts.author(*spot) == Author::Library)?;
    let file = sources.place(&view.scripts, spot, None)?.best().file.clone();
    package_folder(&file).is_some().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Node;
    use crate::testing::{APP, Heap};

    const ADAPTER: &str = "/app/node_modules/adapter/dist/index.js";
    const MANIFEST: &str = "/app/node_modules/adapter/package.json";
    const SERVER: &str = "/app/node_modules/@scope/server/index.js";

    /// A CommonJS module that has required others.
    fn module(heap: &mut Heap, file: &str, children: &[Node]) -> Node {
        let (module, array, name) = (heap.builtin("Module"), heap.builtin("Array"), heap.string(file));
        heap.keep(file, module);
        heap.property(module, "filename", name);
        heap.property(module, "children", array);
        for (at, child) in children.iter().enumerate() {
            heap.element(array, at, *child);
        }
        module
    }

    fn loaded() -> Vec<LoadedPackage> {
        let package = |name: &str, version: &str, folder: &str| LoadedPackage {
            name: name.to_owned(),
            version: version.to_owned(),
            folder: folder.to_owned(),
        };
        vec![
            package("adapter", "2.4.0", "/app/node_modules/adapter"),
            package("@scope/server", "4.5.1", "/app/node_modules/@scope/server"),
        ]
    }

    #[track_caller]
    fn check(heap: &Heap, at: Node, loaded: &[LoadedPackage], expected: &str) {
        check_beside(heap, at, loaded, None, expected);
    }

    /// With what lies beside the adapter as its package.json.
    #[track_caller]
    fn check_beside(heap: &Heap, at: Node, loaded: &[LoadedPackage], manifest: Option<&str>, expected: &str) {
        let files = |path: &str| manifest.filter(|_| path == MANIFEST).map(str::to_owned);
        let package = heap.view_with_files(at, &files, |view, sources| {
            Packages::of(loaded).package(ADAPTER, view, sources)
        });
        let package = package.expect("it lies below node_modules");
        assert_eq!(package.to_string(), expected);
    }

    #[test]
    fn a_package_has_the_version_that_was_read_and_no_other() {
        let mut heap = Heap::new();
        let adapter = module(&mut heap, ADAPTER, &[]);
        module(&mut heap, APP, &[adapter]);
        check(&heap, adapter, &loaded(), "adapter 2.4.0");
        check(&heap, adapter, &[], "adapter");
    }

    #[test]
    fn a_package_that_was_bundled_has_the_version_that_lies_beside_its_source() {
        let mut heap = Heap::new();
        let kept = heap.global("kept", "Map");
        let beside = |manifest, expected| check_beside(&heap, kept, &[], Some(manifest), expected);
        beside(r#"{"name": "adapter", "version": "2.4.0", "main": "dist/index.js"}"#, "adapter 2.4.0");
        // Another package's, such as the program's own, or none.
        beside(r#"{"name": "shop", "version": "1.0.0"}"#, "adapter");
        beside(r#"{"name": "adapter", "version": 2}"#, "adapter");
        beside("module.exports = 1;", "adapter");
    }

    #[test]
    fn what_another_package_brings_along_is_said_to_come_through_that_one() {
        let mut heap = Heap::new();
        let adapter = module(&mut heap, ADAPTER, &[]);
        let inner = module(&mut heap, "/app/node_modules/@scope/server/lib/rooms.js", &[adapter]);
        let server = module(&mut heap, SERVER, &[inner]);
        module(&mut heap, APP, &[server]);
        check(&heap, adapter, &loaded(), "adapter 2.4.0 (through @scope/server 4.5.1)");
        module(&mut heap, "/app/other.js", &[adapter]);
        check(&heap, adapter, &loaded(), "adapter 2.4.0");
    }
}
