//! Applications that have turned their world against whoever comes: in each of them the inspector closes again, whether we
//! leave or vanish, and the application goes on without an error. `tests/hostile/kinds.js` holds what they do.

use std::path::Path;
use std::sync::Arc;

use leakhunt_inspector::{Farewell, Identity, Parting, WhenGone};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::node::{Module, Node, VERSIONS, start_ticks};

const KINDS: &str = include_str!("../hostile/kinds.js");

/// Everything is there before the application turns; then it says its port.
const COMMON: &str = "
    const { writeSync } = fs;
    const say = (text) => writeSync(1, text);
    process.on('uncaughtException', (error) => say('uncaught ' + error.message + '\\n'));
    process.on('unhandledRejection', () => say('uncaught rejection\\n'));
    setInterval(() => say('beat\\n'), 50);
    http.createServer(() => {}).listen(0, '127.0.0.1', function () {
      const line = this.address().port + '\\n';
      turn();
      say(line);
    });
    const turn = () => {\n";

/// Names, and what each does.
fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.split("//: ").skip(1).map(|kind| kind.split_once('\n').expect("a name and code"))
}

fn source(module: Module, code: &str) -> String {
    const MODULES: [&str; 9] =
        ["async_hooks", "events", "fs", "http", "inspector", "timers", "v8", "zlib", "perf_hooks"];
    let mut text = String::new();
    for name in MODULES {
        text += &match module {
            Module::CommonJs => format!("const {name} = require('{name}');\n"),
            Module::EcmaScript => format!("import {name} from '{name}';\n"),
        };
    }
    text += match module {
        Module::CommonJs => "const Module = require('module');\n",
        Module::EcmaScript => {
            "import Module from 'module'; const require = Module.createRequire(import.meta.url);\n"
        }
    };
    let ses =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/ses/node_modules/ses/dist/ses.cjs");
    assert!(ses.exists(), "SES is missing: run `cargo xtask setup`");
    text + &format!("const SES = {:?};\n", ses.to_string_lossy()) + COMMON + code + "};\n"
}

#[derive(Debug, Clone, Copy)]
enum End {
    Leave,
    Vanish,
}

async fn check(code: &str, version: u32, module: Module) {
    let mut node = Node::launch(version, module, &source(module, code), &[]).await;
    let meant = Identity { pid: node.pid, start: Some(start_ticks(node.pid)) };
    // Some of these break promises for Node's own module loader, too, if that is still at work: such an error is not of our making.
    node.eventually("it goes on", || node.said("beat") > 1).await;
    let own = node.said("uncaught");
    for end in [End::Leave, End::Vanish] {
        let session = node.attach().await;
        let planted = session.plant(WhenGone::CloseInspector, "ours", Some(meant)).await.expect("planted");
        assert_eq!((planted.identity, planted.unwatched), (meant, None), "{end:?}");
        session.hold_marker().await.expect("held");
        match end {
            End::Leave => {
                let left = session.leave(Parting::CloseInspector(Some(meant))).await;
                assert_eq!((left.farewell, left.evidence_off), (Farewell::Closing, true));
            }
            End::Vanish => drop(session),
        }
        node.closed().await;
        let before = node.said("beat");
        node.eventually("it goes on", || node.said("beat") > before + 1).await;
        // Of its own it has some, now and then.
        assert!(node.said("uncaught") <= own, "{end:?}: {:?}", node.lines());
        if let End::Leave = end {
            node.open().await;
        }
    }
}

/// Each kind on each version, in turn as CommonJS and as an ECMAScript module.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inspector_closes_in_all_of_them() {
    assert!(kinds().count() >= 30);
    let room = Arc::new(Semaphore::new(8));
    let mut checks = JoinSet::new();
    for (number, (name, code)) in kinds().enumerate() {
        for (turn, version) in VERSIONS.into_iter().enumerate() {
            let module =
                if (number + turn).is_multiple_of(2) { Module::CommonJs } else { Module::EcmaScript };
            let room = Arc::clone(&room);
            checks.spawn(async move {
                let _room = room.acquire_owned().await.expect("never closed");
                let checked = tokio::spawn(check(code, version, module)).await;
                checked.map_err(|panic| format!("{name}, Node {version}, {module:?}: {panic}"))
            });
        }
    }
    let checked = checks.join_all().await;
    let wrong: Vec<String> = checked.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} went wrong:\n{}", wrong.len(), wrong.join("\n"));
}
