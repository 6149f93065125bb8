//! Programs that leak as public packages did, each in a folder with a truth: hunted, and the answer graded by what a person
//! needs of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use super::hunted::{self, Program};
use super::{Args, CORPUS};
use crate::{setup, tools};

const SAMPLES: u32 = 5;

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    let leakhunt = hunted::leakhunt(&sh, args.hunts.leakhunt.as_deref())?;
    let (mut totals, mut failed): (BTreeMap<Grade, u32>, u32) = (BTreeMap::new(), 0);
    let names = programs(args)?;
    for name in &names {
        for samples in args.samples(&[SAMPLES]) {
            match one(&sh, name, samples, &leakhunt, args) {
                Ok(graded) => {
                    print(name, samples, &graded);
                    *totals.entry(graded.grade).or_default() += 1;
                }
                // The others are worth their time.
                Err(error) => {
                    eprintln!("{name:<24} {samples} snapshots: {error:#}");
                    failed += 1;
                }
            }
        }
    }
    let total = |grade: Grade| totals.get(&grade).copied().unwrap_or_default();
    eprintln!(
        "\n{} perfect, {} with the right holder, {} vague, {} wrong, {failed} not hunted",
        total(Grade::Perfect),
        total(Grade::Holder),
        total(Grade::Vague),
        total(Grade::Wrong)
    );
    if failed > 0 || totals.keys().any(|grade| *grade != Grade::Perfect) {
        bail!("not every answer has all that a person needs");
    }
    Ok(())
}

fn one(sh: &Shell, name: &str, samples: u32, leakhunt: &Path, args: &Args) -> anyhow::Result<Graded> {
    let (corpus, home) = (corpus(name), tools::folder("wild").join(name));
    let truth = truth(sh, &corpus)?;
    let usual = truth["node"].as_str().context("truth.json names no node")?;
    let entry = truth["entry"].as_str().context("truth.json names no entry")?;
    let out = tools::target().join("wild").join(name).join(samples.to_string());
    let findings = if args.recorded {
        hunted::analysed(leakhunt, &hunted::session(&out)?, &home)?
    } else {
        build(sh, &corpus, &home, &truth)?;
        let node = setup::node_version(sh, args.hunts.node.as_deref().unwrap_or(usual))?;
        let program = Program::start(&node, &home, entry)?;
        hunted::findings(&program.hunt(leakhunt, samples, &out)?)?
    };
    if args.keep && !findings["suspects"][0]["known"].is_null() {
        keep(sh, name, &hunted::session(&out)?, &findings)?;
    }
    Ok(grade(&findings, &truth, &corpus))
}

/// Where a program lies.
pub(super) fn corpus(name: &str) -> PathBuf {
    tools::workspace().join("tests/wild").join(name)
}

pub(super) fn truth(sh: &Shell, corpus: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(&sh.read_file(corpus.join("truth.json"))?)?)
}

/// Puts a program where it runs, built as its truth says.
pub(super) fn build(sh: &Shell, corpus: &Path, home: &Path, truth: &Value) -> anyhow::Result<()> {
    hunted::install(sh, corpus, home)?;
    if let Some(asked) = truth["build"].as_array() {
        let _there = sh.push_dir(home);
        let asked: Vec<&str> = asked.iter().filter_map(Value::as_str).collect();
        cmd!(sh, "node_modules/.bin/esbuild --log-level=error {asked...}").quiet().run()?;
    }
    Ok(())
}

/// Of a known leak so many snapshots are kept: who holds it is what is asked of them.
const KEPT: usize = 3;

/// Keeps what a hunt of a known leak brought back, reduced, for the tests of these.
fn keep(sh: &Shell, name: &str, session: &Path, findings: &Value) -> anyhow::Result<()> {
    let recordings = tools::target().join("wild-recordings");
    let recording = recordings.join(name);
    sh.remove_path(&recording)?;
    sh.create_dir(&recording)?;
    for at in 1..=KEPT {
        let file = format!("{at}.heapsnapshot");
        std::fs::hard_link(session.join(&file), recording.join(&file))?;
    }
    let columns = findings["memory"].as_object().context("findings have the readings")?;
    let rows: Vec<Value> = (0..KEPT)
        .map(|at| columns.iter().map(|(name, column)| (name.clone(), column[at].clone())).collect())
        .collect();
    sh.write_file(recording.join("memory.json"), serde_json::to_string(&rows)?)?;
    let told: Value = serde_json::from_str(&sh.read_file(session.join("session.json"))?)?;
    let process = json!({ "node_version": told["process"]["node_version"], "packages": told["packages"] });
    sh.write_file(recording.join("process.json"), process.to_string())?;
    let _here = sh.push_dir(tools::workspace());
    let (sources, kept) = ("tests/wild", "crates/diagnosis/tests/recordings/known");
    let (programs, tools) = (tools::folder("wild"), tools::folder("").canonicalize()?);
    cmd!(sh, "cargo {CORPUS...} keep {sources} {programs} {recordings} {tools} {kept} {name}")
        .quiet()
        .run()
        .context("a recording says something else when it is reduced")
}

/// How much of what a person needs an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    /// All of it, and nothing that is false.
    Perfect,
    /// What holds it, but not the line, the package, or something else that was asked for.
    Holder,
    /// The right verdict, and somebody else's name, or none.
    Vague,
    /// The verdict itself is wrong.
    Wrong,
}

impl Grade {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Perfect => "perfect",
            Self::Holder => "holder",
            Self::Vague => "vague",
            Self::Wrong => "wrong",
        }
    }
}

#[derive(Debug)]
pub(super) struct Graded {
    pub(super) grade: Grade,
    /// What it should have said, and what it should not.
    amiss: Vec<String>,
    sentence: String,
}

fn print(name: &str, samples: u32, graded: &Graded) {
    let Graded { grade, amiss, sentence } = graded;
    eprintln!("{name:<24} {samples} snapshots: {}", grade.name());
    if !amiss.is_empty() {
        eprintln!("    {}", amiss.join("; "));
    }
    eprintln!("    {sentence}");
}

/// Compares what a hunt said with the truth beside the program.
pub(super) fn grade(findings: &Value, truth: &Value, corpus: &Path) -> Graded {
    let sentence = findings["sentence"].as_str().unwrap_or_default().to_owned();
    let said = without_paths(&sentence, truth, corpus).to_lowercase();
    let says = |word: &String| said.contains(&word.to_lowercase());
    let verdict = findings["verdict"].as_str().unwrap_or_default().to_owned();
    let right = strings(&truth["verdict"]).contains(&verdict);
    let names = strings(&truth["holder"]);
    let holder = names.is_empty() || names.iter().any(says);
    let mut amiss = Vec::new();
    if !right {
        amiss.push(format!("verdict {verdict}"));
    }
    if !holder {
        amiss.push(format!("not the holder ({})", names.join(", ")));
    }
    let file = truth["file"].as_str();
    if let Some(file) = file.filter(|_| !is_at(findings, truth, corpus)) {
        amiss.push(format!("no line of {file}"));
    }
    let packages = strings(&truth["packages"]);
    if !packages.is_empty() && !packages.iter().any(says) {
        let named = packages.iter().filter_map(|package| package.split(' ').next()).map(str::to_owned);
        let version = if named.into_iter().any(|name| says(&name)) { "version of the " } else { "" };
        amiss.push(format!("no {version}package ({})", packages.join(", ")));
    }
    for group in truth["says"].as_array().into_iter().flatten().map(strings) {
        if !group.iter().any(says) {
            amiss.push(format!("does not say {}", group.join(" or ")));
        }
    }
    for claim in strings(&truth["never"]).into_iter().filter(|claim| says(claim)) {
        amiss.push(format!("claims \"{claim}\""));
    }
    let grade = match (right, holder) {
        (false, _) => Grade::Wrong,
        (true, _) if amiss.is_empty() => Grade::Perfect,
        (true, true) if !names.is_empty() => Grade::Holder,
        (true, _) => Grade::Vague,
    };
    Graded { grade, amiss, sentence }
}

/// A sentence without the names of the program's folder and files, which may be those of what is looked for.
fn without_paths(sentence: &str, truth: &Value, corpus: &Path) -> String {
    let folder = corpus.file_name().map(|name| name.to_string_lossy().into_owned());
    let files = ["entry", "file", "orFile"].into_iter().filter_map(|field| truth[field].as_str());
    let files = files.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned());
    folder.into_iter().chain(files).fold(sentence.to_owned(), |text, name| text.replace(&name, ""))
}

/// Whether the first suspect lies at, or the sentence names, one of the lines where a person would change the program.
fn is_at(findings: &Value, truth: &Value, corpus: &Path) -> bool {
    let sentence = findings["sentence"].as_str().unwrap_or_default();
    [("file", "at"), ("orFile", "orAt")].into_iter().any(|(file, at)| {
        let Some(place) = Place::of(truth, (file, at), corpus) else { return false };
        let first = &findings["suspects"][0];
        ["original_location", "location"].into_iter().any(|field| place.is(&first[field]))
            || lines_of(sentence, &place.path).any(|line| place.has(line))
    })
}

/// Lines of a program.
pub(super) struct Place {
    path: String,
    text: String,
    snippets: Vec<String>,
}

impl Place {
    /// Those that two fields of a truth name: the file, and what stands in its lines.
    pub(super) fn of(truth: &Value, (file, at): (&str, &str), corpus: &Path) -> Option<Self> {
        let path = truth[file].as_str()?.to_owned();
        let text = std::fs::read_to_string(corpus.join(&path)).unwrap_or_default();
        Some(Self { path, text, snippets: strings(&truth[at]) })
    }

    /// Those where a person changes the program, and those where it allocates what it leaks.
    pub(super) fn all_of(truth: &Value, corpus: &Path) -> Vec<Self> {
        let holding = [("file", "at"), ("orFile", "orAt")].map(|fields| (truth, fields));
        let allocating = truth["allocates"].as_array().into_iter().flatten();
        let places = holding.into_iter().chain(allocating.map(|place| (place, ("file", "at"))));
        places.filter_map(|(truth, fields)| Self::of(truth, fields, corpus)).collect()
    }

    /// Whether a location of the findings is one of them.
    pub(super) fn is(&self, location: &Value) -> bool {
        let (file, line) = (location["file"].as_str(), location["line"].as_u64());
        file.is_some_and(|file| file.ends_with(&self.path)) && line.is_some_and(|line| self.has(line))
    }

    /// Whether a location is the beginning of a function, or of another block, in which one of them lies: so V8's profiles name
    /// functions.
    pub(super) fn is_within(&self, location: &Value) -> bool {
        let (file, line) = (location["file"].as_str(), location["line"].as_u64());
        let Some(first) = line.filter(|_| file.is_some_and(|file| file.ends_with(&self.path))) else {
            return false;
        };
        let mut open = 0_i64;
        for (line, text) in (first..).zip(self.text.lines().skip(first.saturating_sub(1) as usize)) {
            if self.has(line) {
                return true;
            }
            open += text.matches('{').count() as i64 - text.matches('}').count() as i64;
            if open <= 0 {
                return false;
            }
        }
        false
    }

    fn has(&self, line: u64) -> bool {
        let line = usize::try_from(line).ok().and_then(|line| self.text.lines().nth(line.checked_sub(1)?));
        line.is_some_and(|line| self.snippets.iter().any(|snippet| line.contains(snippet.as_str())))
    }
}

/// The lines of a file that a sentence names: `src/api.ts:12`, or by the last part of its path.
fn lines_of<'s>(sentence: &'s str, path: &'s str) -> impl Iterator<Item = u64> + 's {
    let name = path.rsplit('/').next().unwrap_or(path);
    sentence.match_indices(name).filter_map(move |(at, _)| {
        let rest = sentence[at + name.len()..].strip_prefix(':')?;
        let digits = rest.find(|other: char| !other.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok()
    })
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn programs(args: &Args) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(tools::workspace().join("tests/wild"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().join("truth.json").exists() && args.wants(&name) {
            names.push(name);
        }
    }
    names.sort();
    if names.is_empty() {
        bail!("no program of tests/wild has such a name");
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn graded(sentence: &str, verdict: &str) -> Graded {
        let corpus = tools::workspace().join("tests/wild/debug-instances");
        let text = std::fs::read_to_string(corpus.join("line.js")).expect("the program is there");
        let line = 1 + text.lines().position(|line| line.contains("debug(`")).expect("it makes a logger");
        let sentence = sentence.replace("LINE", &line.to_string());
        let truth = json!({
            "verdict": ["leak"], "holder": ["instances"], "packages": ["debug 4.1.1"],
            "file": "line.js", "at": ["debug(`"], "says": [["array", "list"]], "never": ["nothing clears it"],
        });
        grade(&json!({ "verdict": verdict, "sentence": sentence }), &truth, &corpus)
    }

    #[test]
    fn an_answer_with_all_that_is_needed() {
        let graded = graded("leak: the list instances of debug 4.1.1, filled from line.js:LINE", "leak");
        assert_eq!((graded.grade, graded.amiss.len()), (Grade::Perfect, 0));
    }

    #[test]
    fn a_function_has_the_lines_down_to_its_end() {
        let text = "function one() {\n  if (x) {\n  }\n  keep(1);\n}\nfunction two() {\n}\nkeep(2);\n";
        let place =
            Place { path: "a.js".to_owned(), text: text.to_owned(), snippets: vec!["keep(".to_owned()] };
        let within = |line: u64| place.is_within(&json!({ "file": "/app/a.js", "line": line }));
        let lines: Vec<u64> = (1..12).filter(|line| within(*line)).collect();
        assert_eq!(lines, [1, 4, 8]);
        assert!(
            !place.is_within(&json!({ "file": "/app/b.js", "line": 4 })) && !place.is_within(&Value::Null)
        );
    }

    #[test]
    fn answers_that_lack_something() {
        let of = |sentence: &str| graded(sentence, "leak");
        for (sentence, amiss) in [
            ("leak: the list instances of debug 4.1.1, line.js:1", "no line of line.js"),
            ("leak: the list instances of debug, line.js:LINE", "no version of the package (debug 4.1.1)"),
            ("leak: the list instances, line.js:LINE", "no package (debug 4.1.1)"),
            ("leak: instances of debug 4.1.1, line.js:LINE", "does not say array or list"),
            (
                "leak: the list instances of debug 4.1.1, line.js:LINE; nothing clears it",
                "claims \"nothing clears it\"",
            ),
        ] {
            let graded = of(sentence);
            assert_eq!((graded.grade, graded.amiss.join("; ").as_str()), (Grade::Holder, amiss));
        }
        assert_eq!(of("leak: the list of debug 4.1.1, line.js:LINE").grade, Grade::Vague);
        assert_eq!(of("leak: the list of debug 4.1.1, debug-instances/line.js:LINE").grade, Grade::Vague);
        assert_eq!(graded("healthy", "healthy").grade, Grade::Wrong);
    }
}
