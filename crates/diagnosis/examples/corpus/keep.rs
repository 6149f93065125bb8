//! From a recording to the archive of it that is kept in the tree.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::corpus::recording::{KEPT_AT, PROCESS, Recording, SNAPSHOTS};
use crate::pack::pack;
use crate::reduce::reduce;

/// The best that zstd has without asking much memory of who unpacks it.
const LEVEL: i32 = 19;
/// Of so many bytes, as a power of two, zstd remembers what it has written.
const WINDOW_LOG: u32 = 25;

/// Where everything is.
pub(crate) struct Folders<'a> {
    /// The programs as they are in the tree.
    pub(crate) corpus: &'a Path,
    /// The programs that ran.
    pub(crate) programs: &'a Path,
    /// What was recorded of them.
    pub(crate) recordings: &'a Path,
    /// Node.js among them.
    pub(crate) tools: &'a str,
    /// Where archives go.
    pub(crate) kept: &'a Path,
}

/// Keeps each recording, if what is kept says the same.
pub(crate) fn keep(folders: &Folders<'_>, names: &[&str]) -> ExitCode {
    std::fs::create_dir_all(folders.kept).expect("a folder for the archives");
    let mut failed = 0;
    for name in names {
        match keep_one(name, folders) {
            Ok(bytes) => println!("{name:<22} {:>7} kB", bytes / 1000),
            Err(error) => {
                println!("{name:<22} {error}");
                failed += 1;
            }
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn keep_one(name: &str, folders: &Folders<'_>) -> io::Result<u64> {
    let Folders { corpus, programs, recordings, tools, kept } = *folders;
    let whole = Recording::whole(&recordings.join(name))?;
    let said = whole.diagnose();
    // Where the programs and their tools lie is this machine's affair.
    let home = programs.parent().expect("programs lie beside what they import");
    // As Node.js names what it has loaded.
    let home = home.canonicalize()?.display().to_string();
    // Node.js looks for packages in each folder above, too.
    let above: Vec<String> = Path::new(tools)
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("node_modules").display().to_string())
        .collect();
    let mut renamed = vec![(home.as_str(), KEPT_AT), (tools, "/tools")];
    renamed.extend(above.iter().map(|folder| (folder.as_str(), "/node_modules")));
    let rename = |text: &str| renamed.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let archive = kept.join(format!("{name}.tar.zst"));
    let partial = kept.join(format!("{name}.partial"));
    let mut encoder = zstd::Encoder::new(File::create(&partial)?, LEVEL)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(WINDOW_LOG)?;
    let mut writer = tar::Builder::new(encoder);
    add(&mut writer, SNAPSHOTS, &pack(&reduce(&whole.snapshots, &renamed)))?;
    add(&mut writer, "memory.json", &whole.readings)?;
    if let Some(process) = &whole.process {
        add(&mut writer, PROCESS, rename(&String::from_utf8_lossy(process)).as_bytes())?;
    }
    for (path, text) in whole.read.borrow().iter() {
        let path = rename(path);
        let inside = path.strip_prefix(KEPT_AT).and_then(|path| path.strip_prefix("/programs/"));
        let here = inside.and_then(|path| std::fs::read_to_string(corpus.join(path)).ok());
        if here.as_ref() != Some(text) {
            add(&mut writer, path.trim_start_matches('/'), rename(text).as_bytes())?;
        }
    }
    writer.into_inner()?.finish()?.flush()?;
    let says = Recording::kept(&partial, corpus)?.diagnose();
    let (said, says) = (rename(&json(&said)), json(&says));
    // Of a known leak it is asked who holds it.
    let essence = if whole.process.is_some() { first_holder } else { essence };
    if essence(&said) != essence(&says) {
        std::fs::write(kept.join(format!("{name}.whole.json")), said)?;
        std::fs::write(kept.join(format!("{name}.kept.json")), says)?;
        return Err(io::Error::other("says something else when it is reduced"));
    }
    std::fs::rename(&partial, &archive)?;
    Ok(std::fs::metadata(&archive)?.len())
}

fn first_holder(findings: &str) -> Vec<Value> {
    let findings: Value = serde_json::from_str(findings).expect("findings are JSON");
    let first = &findings["suspects"][0];
    ["kind", "holder", "package", "known"].map(|name| first[name].clone()).to_vec()
}

/// What must not be lost: the verdict, and what each suspect is, where, and by how many it grows. (How many there are of it
/// counts a few more where one is held by something else as well that is not kept.)
fn essence(findings: &str) -> Vec<Value> {
    let findings: Value = serde_json::from_str(findings).expect("findings are JSON");
    let suspects = findings["suspects"].as_array().into_iter().flatten();
    let of_suspect = |suspect: &Value| {
        let names = ["class", "kind", "location", "original_location", "holder"];
        let mut essence: Vec<Value> = names.iter().map(|name| suspect[name].clone()).collect();
        // Where Node's own code makes a holder is not the program's affair.
        let made_at = &essence[4]["location"];
        if made_at["file"].as_str().is_some_and(|file| file.starts_with("node:")) {
            essence[4]["location"] = Value::Null;
        }
        let counts = suspect["growth"]["counts"].as_array().into_iter().flatten().filter_map(Value::as_i64);
        let counts: Vec<i64> = counts.collect();
        essence.extend(counts.windows(2).map(|pair| Value::from(pair[1] - pair[0])));
        Value::from(essence)
    };
    std::iter::once(findings["verdict"].clone()).chain(suspects.map(of_suspect)).collect()
}

fn json(findings: &leakhunt_diagnosis::Findings) -> String {
    serde_json::to_string_pretty(findings).expect("findings are JSON")
}

fn add(archive: &mut tar::Builder<impl io::Write>, path: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, bytes)
}
