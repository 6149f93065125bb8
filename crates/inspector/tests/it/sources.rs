//! The program's scripts and their source maps, on every Node version.

use std::fs;

use leakhunt_inspector::{Error, MappedScript, Parting, SourceFile, WhenGone};

use crate::node::{Module, Node, VERSIONS};

async fn check(version: u32, module: Module) {
    let node = Node::start(version, module).await;
    let folder = node.folder.path();
    for name in ["lib/deep", "node_modules/package"] {
        fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    // More than one block, and nothing that is text.
    let map: Vec<u8> = (0..300_000_u32).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
    fs::write(folder.join("lib/a.map"), &map).expect("a file");
    write("lib/deep/a.mjs", "let a;\n//# sourceMappingURL=../a.map\n");
    write(
        "lib/inline.js",
        &format!("//# sourceMappingURL=data:application/json;base64,{}", "e30A".repeat(400)),
    );
    write("lib/plain.js", "let plain;\n");
    write("lib/lost.js", "//# sourceMappingURL=lost.js.map");
    write("lib/far.js", "//# sourceMappingURL=https://maps.example/far.js.map");
    write("node_modules/package/index.js", "//# sourceMappingURL=../../lib/a.map");

    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    let mut found = session.sources().await.expect("scripts");
    found.sort_by(|a, b| a.script.path.cmp(&b.script.path));
    let file = |name: &str| SourceFile {
        path: folder.join(name).display().to_string(),
        bytes: fs::metadata(folder.join(name)).expect("it is there").len(),
    };
    let expected = [
        MappedScript { script: file("lib/deep/a.mjs"), map: Some(file("lib/a.map")) },
        MappedScript { script: file("lib/inline.js"), map: None },
    ];
    assert_eq!(found, expected);

    let path = &file("lib/a.map").path;
    assert_eq!(session.source(path, 1 << 20).await.expect("it is there"), map);
    let too_large = session.source(path, 1000).await;
    assert!(matches!(too_large, Err(Error::Refused { .. })), "{too_large:?}");
    for nothing in ["lib", "lib/lost.js.map"] {
        let answer = session.source(&folder.join(nothing).display().to_string(), 1 << 20).await;
        assert!(matches!(answer, Err(Error::Refused { .. })), "{answer:?}");
    }
    let spent = session.memory().await.expect("a reading").spent;
    assert!(spent.as_millis() < 1000, "{spent:?}");
    session.leave(Parting::CloseInspector(None)).await;
}

#[tokio::test]
async fn scripts_with_maps_are_found_and_read() {
    for version in VERSIONS {
        check(version, Module::CommonJs).await;
        check(version, Module::EcmaScript).await;
    }
}
