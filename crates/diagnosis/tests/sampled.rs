//! Sampling profiles of programs whose leaks are known, as a hunt took them on Node.js 20 to 24: what comes first is the line where
//! the program allocates or keeps what it leaks.
//!
//! They show what V8's profiles are like: functions that it has inlined stand on no stack, and what it inlines changes between the two
//! cuts.

use std::path::{Path, PathBuf};

use leakhunt_diagnosis::{Evidence, Memory, grown_allocations, judge_without_snapshots};
use serde_json::{Value, json};

/// Where a program lies, and its truth.
fn program(name: &str) -> (PathBuf, Value) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests");
    if name == "banner" {
        let truth =
            json!({ "file": "components/DiscountBanner.js", "at": ["this.countdown +=", "text.join("] });
        return (tests.join("rig/apps/banner"), truth);
    }
    let folder = tests.join("wild").join(name);
    let truth = std::fs::read_to_string(folder.join("truth.json")).expect("its truth");
    (folder, serde_json::from_str(&truth).expect("JSON"))
}

#[track_caller]
fn check(name: &str) {
    let (folder, truth) = program(name);
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sampled").join(name);
    let cut = |file: &str| std::fs::read_to_string(recorded.join(file)).expect("recorded");
    let sources = |path: &str| std::fs::read_to_string(folder.join(path.strip_prefix("/app/")?)).ok();
    let evidence = Evidence::of_sources(&sources);
    let told = grown_allocations(&cut("1.heapprofile"), &cut("2.heapprofile"), false, &evidence);
    let (found, _) = told.expect("profiles").expect("cuts of one run");
    let line = found[0].line.as_ref().unwrap_or_else(|| panic!("no line of {:#?}", found[0]));
    let at = &line.location;
    let text = sources(&at.file).expect("one of the program's files");
    let code = text.lines().nth(at.line as usize - 1).expect("a line of it");
    let more = truth["allocates"].as_array().into_iter().flatten();
    let is_right = std::iter::once(&truth).chain(more).any(|place| {
        let is_there = place["file"].as_str().is_some_and(|file| at.file.ends_with(file));
        let mut snippets = place["at"].as_array().into_iter().flatten().filter_map(Value::as_str);
        is_there && snippets.any(|snippet| code.contains(snippet))
    });
    assert!(is_right, "{}:{}: {code}", at.file, at.line);
    let sentence = judge_without_snapshots(Memory::default(), Some(found.clone()), None, None).sentence;
    assert!(sentence.contains(&line.code), "{sentence}");
}

macro_rules! programs {
    ($($test:ident $name:literal)*) => {
        $(#[test] fn $test() { check($name); })*

        #[test]
        fn every_recording_is_judged() {
            let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sampled");
            let mut there: Vec<String> = std::fs::read_dir(recorded)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect();
            there.sort();
            assert_eq!(there, [$($name),*]);
        }
    };
}

programs! {
    a_package_is_called "ajv-per-call"
    a_function_is_inlined_that_hands_a_closure_to_a_package "axios-interceptors"
    a_method_is_inlined_that_calls_what_v8_has "banner"
    a_method_of_what_another_module_has_made_is_inlined "debug-instances"
    a_package_is_called_again "i18next-backends"
    a_callback_allocates_what_its_caller_keeps "lru-without-max"
    a_function_is_inlined_and_then_no_more "marked-renderers"
    a_function_is_inlined_that_listens "mitt-visitors"
    a_function_is_inlined_at_the_first_cut_alone "moment-locale-updates"
    a_method_is_inlined_that_calls_a_package "mustache-templates"
    a_function_is_inlined_at_the_second_cut_alone "nunjucks-environments"
}
