//! The packages that the program has loaded, or that its bundles are made of, with their versions, from the disk of the process.
//!
//! The agent reads one package.json a package, off the event loop, and answers names and versions. What does not look like
//! one is left out here: it is the program's own word, and stands in reports.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::agent::Agent;
use crate::cut;
use crate::error::Error;
use crate::limits::Limits;
use crate::wire::Wire;

/// No more are believed; the agent does not look at more.
const MOST: usize = 1000;
/// npm takes no longer names (validate-npm-package-name), and semver no longer versions (node-semver, `MAX_LENGTH`).
const LONGEST_NAME: usize = 214;
const LONGEST_VERSION: usize = 256;

/// A package under `node_modules` of which a script is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its name, as its package.json says it.
    #[serde(deserialize_with = "cut::a_name")]
    pub name: String,
    /// Its version, likewise.
    #[serde(deserialize_with = "cut::a_name")]
    pub version: String,
    /// Where it lies there.
    #[serde(deserialize_with = "cut::a_name")]
    pub folder: String,
}

impl Package {
    fn is_plausible(&self) -> bool {
        let of = |text: &str, more: &str| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.as_bytes().contains(&byte))
        };
        let starts_with_digit = self.version.starts_with(|first: char| first.is_ascii_digit());
        (1..=LONGEST_NAME).contains(&self.name.len())
            && of(&self.name, "@/-_.~")
            && starts_with_digit
            && self.version.len() <= LONGEST_VERSION
            && of(&self.version, ".-+")
    }
}

/// Where the packages lie whose scripts are loaded, which each thread does for itself.
pub(crate) async fn folders(wire: &mut Wire, agent: &Agent, limits: &Limits) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Loaded {
        folders: Vec<String>,
    }
    Ok(agent.ask::<Loaded>(wire, "folders", &[], limits.reply).await?.folders)
}

/// The packages in `folders`.
pub(crate) async fn packages(
    wire: &mut Wire,
    agent: &Agent,
    limits: &Limits,
    folders: &[String],
) -> Result<Vec<Package>, Error> {
    #[derive(Deserialize)]
    struct Found {
        packages: Vec<Package>,
    }
    let folders = json!(&folders[..folders.len().min(MOST)]);
    let found = agent.ask::<Found>(wire, "packages", &[folders], limits.reply).await?;
    let mut packages: Vec<Package> =
        found.packages.into_iter().filter(Package::is_plausible).take(MOST).collect();
    packages.sort_by(|one, other| one.folder.cmp(&other.folder));
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_versions_are_believed() {
        let check = |name: &str, version: &str| {
            let package = Package { name: name.into(), version: version.into(), folder: String::new() };
            package.is_plausible()
        };
        for (name, version) in
            [("ajv", "8.17.1"), ("@grpc/grpc-js", "1.4.1"), ("JSONStream", "1.0.0-rc.1+build.5")]
        {
            assert!(check(name, version), "{name} {version}");
        }
        for (name, version) in [
            ("", "1.0.0"),
            ("ajv", ""),
            ("ajv", "latest"),
            ("a\nb", "1.0.0"),
            ("<b>", "1.0.0"),
            ("ajv", "1.0.0 (see https://example.com)"),
            (&"a".repeat(215), "1.0.0"),
        ] {
            assert!(!check(name, version), "{name} {version}");
        }
    }
}
