//! Leaks of packages, and of Node itself, that others have found and mended: `leaks.json`.
//!
//! A suspect is one of them if its holder is, by package, file and name, and the package has a version in which the leak was;
//! one of Node's, if nothing but Node keeps what grows. Whose version is not known is none of them: without it nothing is
//! claimed.

use semver::{Version, VersionReq};
use serde::Deserialize;

use crate::facts::Facts;
use crate::findings::{Kind, KnownLeak, Package};

const LEAKS: &str = include_str!("leaks.json");

/// What a leak of Node's own has for a package.
pub(crate) const NODE: &str = "node";

/// A known leak.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leak {
    /// The package in which it was mended ...
    package: String,
    /// ... the versions that have it ...
    versions: VersionReq,
    /// ... and the first that has it no more.
    fixed_in: Version,
    /// Where it is told of.
    link: String,
    /// How its holder is known, if it is a package's.
    holder: Option<Signature>,
    /// The class of what grows, if Node itself keeps it.
    grows: Option<String>,
}

/// How a holder is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    /// The package whose code it is, which may be another one.
    package: String,
    /// How the path of the file ends that declares it, up to the first dot of its name: `.js` may come of a `.ts`, and in production
    /// `.cjs.prod.js` takes the place of `.cjs.js`.
    file: String,
    /// The variable or field, any of these.
    names: Vec<String>,
}

/// What is asked of a suspect.
struct Asked<'f> {
    package: Option<&'f Package>,
    /// The variable or field, and the file that declares it.
    holder: Option<(&'f str, &'f str)>,
    /// The class of what grows, where nothing but Node keeps it.
    kept_by_node: Option<&'f str>,
    node_version: Option<&'f str>,
}

/// The known leak that a suspect is.
pub(crate) fn known(facts: &Facts, node_version: Option<&str>) -> Option<KnownLeak> {
    let name = facts.holder.name.as_ref();
    let declared = name.and_then(|name| Some((name, name.declared.as_ref()?)));
    Asked {
        package: facts.package.as_ref().map(|of| &of.package),
        holder: declared.map(|(name, place)| (name.bare(), place.best().file.as_str())),
        kept_by_node: (facts.held.kind() == Kind::Native).then_some(facts.grows.class.as_str()),
        node_version,
    }
    .known()
}

fn leaks() -> Vec<Leak> {
    serde_json::from_str(LEAKS).expect("a test reads it")
}

impl Asked<'_> {
    fn known(&self) -> Option<KnownLeak> {
        leaks().into_iter().find(|leak| self.is(leak)).map(|leak| KnownLeak {
            package: leak.package,
            fixed_in: leak.fixed_in.to_string(),
            link: leak.link,
        })
    }

    fn is(&self, leak: &Leak) -> bool {
        let version = self.version_of(&leak.package).and_then(|version| Version::parse(version).ok());
        version.is_some_and(|version| leak.versions.matches(&version))
            && leak.holder.as_ref().is_none_or(|signature| self.is_held_by(signature))
            && leak.grows.as_ref().is_none_or(|class| self.kept_by_node == Some(class))
    }

    fn version_of(&self, package: &str) -> Option<&str> {
        if package == NODE {
            return self.node_version.map(|version| version.trim_start_matches('v'));
        }
        let own = self.package.map(|own| (&own.name, &own.version));
        let through = self.package.and_then(|own| own.through.as_ref());
        let through = through.map(|through| (&through.name, &through.version));
        let (_, version) = [own, through].into_iter().flatten().find(|(name, _)| *name == package)?;
        version.as_deref()
    }

    fn is_held_by(&self, signature: &Signature) -> bool {
        self.package.is_some_and(|package| package.name == signature.package)
            && self.holder.is_some_and(|(name, file)| {
                signature.names.iter().any(|known| known == name) && stem(file).ends_with(&signature.file)
            })
    }
}

/// A path up to the first dot of the file's name.
fn stem(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    path[name..].find('.').map_or(path, |dot| &path[..name + dot])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Through;

    /// A package in which a leak's holder is, of the version that is asked for.
    fn package(leak: &Leak, signature: &Signature, version: &Version) -> Package {
        let version = Some(version.to_string());
        if signature.package == leak.package {
            return Package { name: leak.package.clone(), version, through: None };
        }
        let through = Some(Through { name: leak.package.clone(), version });
        Package { name: signature.package.clone(), version: Some("1.0.0".to_owned()), through }
    }

    fn before(fixed: &Version) -> Version {
        match (fixed.minor, fixed.patch) {
            // The last of a major, whichever that is.
            (0, 0) => Version::new(fixed.major.checked_sub(1).expect("a version before"), 999, 0),
            (minor, 0) => Version::new(fixed.major, minor - 1, 0),
            (minor, patch) => Version::new(fixed.major, minor, patch - 1),
        }
    }

    #[test]
    fn a_packages_is_known_in_the_version_before_its_mending_and_in_no_other() {
        for leak in leaks() {
            let Some(signature) = &leak.holder else { continue };
            let file = format!("/app/node_modules/{}/{}.js", signature.package, signature.file);
            let ask = |version: &Version, name: &str, file: &str| {
                let package = package(&leak, signature, version);
                let holder = Some((name, file));
                Asked { package: Some(&package), holder, kept_by_node: None, node_version: None }.known()
            };
            let (name, fixed) = (&signature.names[0], &leak.fixed_in);
            let told = ask(&before(fixed), name, &file).expect("a known leak");
            assert_eq!((told.fixed_in, told.link), (fixed.to_string(), leak.link.clone()));
            assert_eq!(ask(fixed, name, &file), None, "{} is mended", leak.package);
            assert_eq!(ask(&before(fixed), "another", &file), None);
            assert_eq!(ask(&before(fixed), name, "/app/shop.js"), None);
            let unknown = Package { version: None, through: None, ..package(&leak, signature, fixed) };
            let asked = Asked {
                package: Some(&unknown),
                holder: Some((name, &file)),
                kept_by_node: None,
                node_version: Some("v24.18.0"),
            };
            assert_eq!(asked.known(), None, "its version is not known");
        }
    }

    #[test]
    fn a_file_is_known_by_its_name_without_what_it_was_built_for() {
        for (path, known) in [
            ("/app/node_modules/@vue/reactivity/dist/reactivity.cjs.js", "dist/reactivity"),
            ("/app/node_modules/@vue/reactivity/dist/reactivity.cjs.prod.js", "dist/reactivity"),
            ("/srv/app.v2/node_modules/zod/v4/core/registries.cjs", "v4/core/registries"),
            ("channelz.ts", "channelz"),
            ("/srv/app.v2/channelz", "app.v2/channelz"),
        ] {
            assert!(stem(path).ends_with(known), "{path}: {}", stem(path));
        }
    }

    #[test]
    fn one_of_nodes_is_known_by_what_grows_and_by_nodes_version() {
        let ask = |class, node_version| {
            let asked = Asked { package: None, holder: None, kept_by_node: class, node_version };
            asked.known().map(|known| known.fixed_in)
        };
        assert_eq!(ask(Some("Blob"), Some("v24.18.0")).as_deref(), Some("24.19.0"));
        assert_eq!(ask(Some("Blob"), Some("v24.19.0")), None);
        assert_eq!(ask(Some("Blob"), Some("v22.18.0")), None);
        assert_eq!(ask(Some("Blob"), None), None);
        assert_eq!(ask(Some("Worker"), Some("v24.18.0")), None);
        assert_eq!(ask(None, Some("v24.18.0")), None, "the program keeps it");
    }

    #[test]
    fn each_says_by_what_it_is_known_and_where_it_is_told_of() {
        for leak in leaks() {
            assert!(leak.holder.is_some() != leak.grows.is_some(), "{}", leak.package);
            assert_eq!(leak.grows.is_some(), leak.package == NODE);
            assert!(leak.holder.is_none_or(|signature| !signature.names.is_empty()));
            assert!(leak.link.starts_with("https://github.com/"), "{}", leak.link);
            assert!(!leak.versions.matches(&leak.fixed_in), "{}", leak.package);
        }
    }
}
