//! The loaded packages and their versions, on every Node version.

use std::fs;

use leakhunt_inspector::{Parting, WhenGone};

use crate::node::{Module, Node, VERSIONS};

/// Makes packages below the program's folder: by folder, what is in their package.json.
const MAKE: &str = r#"
const packages = {
  plain: '{"name":"plain","version":"1.2.3","scripts":{"postinstall":"secret"}}',
  '@scope/cache': '{"name":"@scope/cache","version":"4.0.0-rc.1"}',
  'plain/node_modules/inner': '{"name":"inner","version":"0.1.0"}',
  '.pnpm/linked@8.17.1/node_modules/linked': '{"name":"linked","version":"8.17.1"}',
  alias: '{"name":"original","version":"5.0.0"}',
  large: JSON.stringify({ name: 'large', version: '1.0.0', more: 'x'.repeat(200000) }),
  broken: '{"name":"broken","version":"1.0.0"}',
  unversioned: '{"name":"unversioned","version":7}',
  none: null,
  idle: '{"name":"idle","version":"1.0.0"}',
};
for (const [folder, text] of Object.entries(packages)) {
  const at = `${FOLDER}/node_modules/${folder}`;
  fs.mkdirSync(at, { recursive: true });
  fs.writeFileSync(`${at}/index.js`, 'exports.a = 1;');
  if (text) fs.writeFileSync(`${at}/package.json`, text);
}
fs.mkdirSync(`${FOLDER}/node_modules/folder/package.json`, { recursive: true });
fs.writeFileSync(`${FOLDER}/node_modules/folder/index.js`, '');
for (const folder of [...Object.keys(packages), 'folder']) {
  if (folder !== 'idle') LOAD
}
// Node itself would not load it.
fs.writeFileSync(`${FOLDER}/node_modules/broken/package.json`, '{"name":"broken",');
"#;

async fn check(version: u32, module: Module) {
    let (head, folder, load) = match module {
        Module::CommonJs => {
            ("const fs = require('fs');", "__dirname", "require(`./node_modules/${folder}/index.js`);")
        }
        Module::EcmaScript => (
            "import fs from 'fs'; import { fileURLToPath } from 'url';",
            "fileURLToPath(new URL('.', import.meta.url)).slice(0, -1)",
            "await import(`./node_modules/${folder}/index.js`);",
        ),
    };
    let make = MAKE.replace("FOLDER", folder).replace("LOAD", load);
    let node = Node::prepared(version, module, &format!("{head}\n{make}")).await;
    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    let found = session.packages().await.expect("packages");
    let top = fs::canonicalize(node.folder.path()).expect("it is there").join("node_modules");
    let told: Vec<_> = found
        .iter()
        .map(|package| {
            let folder =
                package.folder.strip_prefix(&top.display().to_string()).expect("below the program's");
            (folder, package.name.as_str(), package.version.as_str())
        })
        .collect();
    let expected = [
        ("/.pnpm/linked@8.17.1/node_modules/linked", "linked", "8.17.1"),
        ("/@scope/cache", "@scope/cache", "4.0.0-rc.1"),
        ("/alias", "original", "5.0.0"),
        ("/plain", "plain", "1.2.3"),
        ("/plain/node_modules/inner", "inner", "0.1.0"),
    ];
    assert_eq!(told, expected, "Node {version}, {module:?}");
    // What is not loaded, and what is nowhere.
    let plain = top.join("plain").display().to_string();
    let folders = [plain.clone(), top.join("gone").display().to_string()];
    let asked = session.packages_in(&folders).await.expect("packages");
    let asked: Vec<_> = asked.iter().map(|package| (&package.folder, package.version.as_str())).collect();
    assert_eq!(asked, [(&plain, "1.2.3")], "Node {version}, {module:?}");
    session.leave(Parting::CloseInspector(None)).await;
}

#[tokio::test]
async fn versions_of_loaded_packages_are_read() {
    for version in VERSIONS {
        check(version, Module::CommonJs).await;
        check(version, Module::EcmaScript).await;
    }
}
