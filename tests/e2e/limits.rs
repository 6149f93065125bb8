//! The limit of a cache that no line of the source says and no snapshot shows: the process is asked for it.

use serde_json::{Value, json};

use crate::outside::{hunt_in, started};

/// A cache that is filled slowly, whose limit is computed. Whoever calls the function behind its `max` ends it.
const CACHE: [(&str, &str); 1] = [(
    "app.js",
    "class Pages {
       constructor(limit) {
         this.limit = limit;
         this.pages = new Map();
         Object.defineProperty(this, 'max', { get: () => process.exit(3), enumerable: true });
       }
       put(key, page) {
         this.pages.set(key, page);
         while (this.pages.size > this.limit) this.pages.delete(this.pages.keys().next().value);
       }
     }
     const pages = new Pages(2 ** 20);
     let asked = 0;
     setInterval(() => pages.put(`page ${asked++}`, { text: 'a'.repeat(100) + asked, tags: new Array(200).fill(asked) }), 2);",
)];

#[test]
fn a_limit_that_no_snapshot_shows_is_asked_of_the_process() {
    for (major, samples) in [(18, "5"), (22, "5"), (26, "3")] {
        let folder = tempfile::tempdir().expect("a folder");
        let program = started(major, folder.path(), &CACHE);
        let asked = ["--samples", samples, "--growth", "300kB", "--max-wait", "20s"];
        let hunt = hunt_in(&folder, &program, &asked);
        let ran = hunt.end();
        ran.code(0).left_nothing_here();
        let told = ran.session_json();
        assert_eq!(told["numbers"][0]["fields"], json!({ "limit": 1_048_576.0 }), "Node {major}");
        let findings = std::fs::read(ran.session().join("findings.json")).expect("findings");
        let findings: Value = serde_json::from_slice(&findings).expect("JSON");
        assert_eq!(findings["verdict"], "healthy", "Node {major}: {findings:#}");
        assert!(ran.stdout.contains(" of 1,048,576"), "Node {major}: {}", ran.stdout);
    }
}
