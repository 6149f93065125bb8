//! The modules of a crate, and what a path in one of them leads to.

use std::collections::BTreeMap;

use super::source::{Code, File, Path};

/// The modules of one crate by their paths below its root.
pub(super) struct Modules<'a> {
    krate: &'a str,
    by_path: BTreeMap<Vec<String>, &'a File>,
}

/// What a path leads to, as far as this crate has it.
enum Found {
    Module(Vec<String>),
    /// Something that this module defines.
    DefinedIn(Vec<String>),
}

/// Re-exports of re-exports are followed this far.
const LONGEST_CHAIN: usize = 16;

impl<'a> Modules<'a> {
    /// All that the root declares, directly or through others, tests apart.
    pub(super) fn of(files: &'a [File], krate: &'a str) -> Self {
        let sources: BTreeMap<&str, &File> = files
            .iter()
            .filter_map(|file| file.product().map(|(name, inside)| (name, inside, file)))
            .filter(|(name, ..)| *name == krate)
            .map(|(_, inside, file)| (inside, file))
            .collect();
        let mut by_path = BTreeMap::new();
        let mut open: Vec<(Vec<String>, &File)> = sources
            .get("lib.rs")
            .or_else(|| sources.get("main.rs"))
            .map(|root| (Vec::new(), *root))
            .into_iter()
            .collect();
        while let Some((path, file)) = open.pop() {
            for name in &file.code.modules {
                let mut child = path.clone();
                child.push(name.clone());
                let flat = child.join("/");
                let of_child = sources.get(format!("{flat}.rs").as_str());
                if let Some(file) = of_child.or_else(|| sources.get(format!("{flat}/mod.rs").as_str())) {
                    open.push((child, file));
                }
            }
            by_path.insert(path, file);
        }
        Self { krate, by_path }
    }

    /// The files that the product is compiled from.
    pub(super) fn files(&self) -> impl Iterator<Item = &'a File> {
        self.by_path.values().copied()
    }

    fn code(&self, module: &[String]) -> &'a Code {
        &self.by_path[module].code
    }

    pub(super) fn file(&self, module: &[String]) -> &'a str {
        &self.by_path[module].path
    }

    pub(super) fn name(&self, module: &[String]) -> String {
        if module.is_empty() { format!("{}'s root", self.krate) } else { module.join("::") }
    }

    /// Which module uses what another defines, and in which line.
    pub(super) fn uses(&self) -> Vec<(&[String], &[String], usize)> {
        let mut uses = Vec::new();
        for (from, file) in &self.by_path {
            // What is passed on is used here only if a path of the code says so.
            let imported = file.code.imports.iter().filter(|import| !import.passed_on);
            for path in imported.map(|import| &import.path).chain(&file.code.paths) {
                if let Some(to) = self.definer(from, path)
                    && to != from
                {
                    uses.push((from.as_slice(), to.as_slice(), path.line));
                }
            }
        }
        uses
    }

    fn definer(&self, from: &[String], path: &Path) -> Option<&Vec<String>> {
        match self.resolve(from, &path.segments, LONGEST_CHAIN)? {
            Found::DefinedIn(module) => self.by_path.get_key_value(&module).map(|(module, _)| module),
            Found::Module(_) => None,
        }
    }

    fn resolve(&self, from: &[String], segments: &[String], chain: usize) -> Option<Found> {
        let (first, rest) = segments.split_first()?;
        let start = match first.as_str() {
            "crate" => Found::Module(Vec::new()),
            "self" => Found::Module(from.to_vec()),
            "super" => Found::Module(from.split_last()?.1.to_vec()),
            name => self.look_up(from, name, chain)?,
        };
        rest.iter().try_fold(start, |at, name| match at {
            Found::Module(module) if name == "super" => Some(Found::Module(module.split_last()?.1.to_vec())),
            Found::Module(module) => self.look_up(&module, name, chain),
            // A variant, a constant or a function of a type.
            defined => Some(defined),
        })
    }

    /// What a name means within a module; `None` for what comes from another crate.
    fn look_up(&self, module: &[String], name: &str, chain: usize) -> Option<Found> {
        let chain = chain.checked_sub(1)?;
        let mut child = module.to_vec();
        child.push(name.to_owned());
        if self.by_path.contains_key(&child) {
            return Some(Found::Module(child));
        }
        let code = self.code(module);
        if code.defined.iter().any(|defined| defined == name) {
            return Some(Found::DefinedIn(module.to_vec()));
        }
        // A crate may be imported under its own name: `use std;`.
        let import = code.imports.iter().find(|import| import.name.as_deref() == Some(name));
        if let Some(import) = import {
            let itself = import.path.segments == [name];
            return if itself { None } else { self.resolve(module, &import.path.segments, chain) };
        }
        let globs = code.imports.iter().filter(|import| import.name.is_none());
        globs.filter_map(|glob| self.resolve(module, &glob.path.segments, chain)).find_map(
            |found| match found {
                Found::Module(of) if of != module => self.look_up(&of, name, chain),
                _ => None,
            },
        )
    }
}
