//! Programs that run on Node.js and are nobody's app: what installs, builds, edits and tests, desktop apps, and a hunt's own relay. They
//! are never chosen by themselves; `--pid` may name one.

use crate::data::NodeProcess;

/// What a program is for, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    PackageManager,
    Build,
    EditorServer,
    TestRunner,
    Desktop,
    Relay,
}

/// By the names of packages and their `bin`s on the npm registry, and by the folders in which editors keep their servers
/// (`~/.vscode-server`, `~/.cursor-server`, JetBrains' remote development). Read from a running system of each where one could
/// be had, else from the package's own manifest.
const PROGRAMS: [(Program, &[&str]); 4] = [
    (
        Program::PackageManager,
        &[
            "npm",
            "npm-cli.js",
            "npx",
            "npx-cli.js",
            "yarn",
            "yarn.js",
            "yarnpkg",
            "pnpm",
            "pnpm.cjs",
            "pnpx",
            "corepack",
            "corepack.js",
            "lerna",
            "ncu",
        ],
    ),
    (
        Program::Build,
        &[
            "webpack",
            "webpack.js",
            "webpack-cli",
            "webpack-dev-server",
            "vite",
            "vite.js",
            "tsc",
            "tsup",
            "tsc-watch",
            "esbuild",
            "rollup",
            "parcel",
            "gulp",
            "gulp.js",
            "grunt",
            "turbo",
            "nx",
            "nx.js",
            "swc",
            "babel",
            "ng",
            "rspack",
            "rsbuild",
            "eslint",
            "eslint.js",
            "prettier",
            "eslint_d",
        ],
    ),
    (
        Program::EditorServer,
        &[
            "tsserver.js",
            "typingsInstaller.js",
            "typescript-language-server",
            "eslintServer.js",
            "copilot-language-server",
            "bash-language-server",
            "pyright-langserver",
            "vscode-langservers-extracted",
            "tailwindcss-language-server",
            "server-main.js",
            "code-server",
            "bootstrap-fork",
        ],
    ),
    (
        Program::TestRunner,
        &[
            "jest",
            "jest.js",
            "jest-worker",
            "processChild.js",
            "mocha",
            "mocha.js",
            "_mocha",
            "vitest",
            "vitest.mjs",
            "playwright",
            "cypress",
            "ava",
            "tap",
            "karma",
            "cucumber-js",
            "wdio",
            "nyc",
            "c8",
        ],
    ),
];

/// Folders on the way to an executable or a script that belong to an editor's server.
const EDITORS: [&str; 6] = [
    "/.vscode-server",
    "/.vscode-remote",
    "/.cursor-server",
    "/.windsurf-server",
    "/.vscodium-server",
    "/JetBrains/",
];

/// Executables of desktop apps on Electron, which embeds Node.js, as their Linux packages call them.
const DESKTOP: [&str; 16] = [
    "electron",
    "code",
    "code-insiders",
    "codium",
    "cursor",
    "windsurf",
    "slack",
    "discord",
    "Discord",
    "signal-desktop",
    "teams-for-linux",
    "obsidian",
    "element-desktop",
    "postman",
    "Postman",
    "notion-app",
];

/// Programs that build with one word and serve with another: the word that makes them a build.
const SOMETIMES: [(&str, &str); 5] =
    [("next", "build"), ("nuxt", "build"), ("nuxi", "build"), ("astro", "build"), ("remix", "build")];

/// Stands in the script of a relay that Node.js runs (`crates/host/src/relay/relay.sh`).
const RELAY: &str = "/* a relay of leakhunt */";

impl Program {
    /// What this process runs, if it is one of them.
    pub(crate) fn of(process: &NodeProcess) -> Option<Self> {
        let words: Vec<&str> = process.command.split_whitespace().collect();
        if process.command.contains(RELAY) {
            return Some(Self::Relay);
        }
        if EDITORS
            .iter()
            .any(|folder| process.executable.contains(folder) || process.command.contains(folder))
        {
            return Some(Self::EditorServer);
        }
        // Chromium's own children say what they are.
        let child = words.iter().skip(1).any(|word| word.starts_with("--type="));
        let executable = file_name(process.executable.trim_end_matches(" (deleted)"));
        if DESKTOP.contains(&executable) || (child && !is_node(executable)) {
            return Some(Self::Desktop);
        }
        // `npm start`, a title; or `node [OPTIONS] /path/of/npm-cli.js start`.
        let named = words.first().is_some_and(|first| !is_node(first));
        let at =
            if named { 0 } else { 1 + words.iter().skip(1).take_while(|word| word.starts_with('-')).count() };
        let script = file_name(words.get(at)?);
        let known = PROGRAMS.iter().find(|(_, names)| names.contains(&script)).map(|found| found.0);
        let builds = || {
            let does = words.get(at + 1);
            SOMETIMES.iter().any(|(name, word)| script == *name && does == Some(word)).then_some(Self::Build)
        };
        let runs_tests = || words[..at].contains(&"--test").then_some(Self::TestRunner);
        known.or_else(builds).or_else(runs_tests)
    }

    /// As it stands behind "is".
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::PackageManager => "a package manager",
            Self::Build => "a build",
            Self::EditorServer => "an editor's server",
            Self::TestRunner => "a test runner",
            Self::Desktop => "a desktop app",
            Self::Relay => "a relay of another hunt",
        }
    }
}

fn is_node(word: &str) -> bool {
    matches!(file_name(word), "node" | "nodejs" | "exe") || file_name(word).starts_with("node")
}

fn file_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expected: Option<Program>) {
        let process = NodeProcess { command: command.into(), ..NodeProcess::default() };
        assert_eq!(Program::of(&process), expected, "{command}");
    }

    #[test]
    fn what_is_nobodys_app_is_known() {
        check("npm start", Some(Program::PackageManager));
        check("npm run dev", Some(Program::PackageManager));
        check("node /usr/lib/node_modules/npm/bin/npm-cli.js run start", Some(Program::PackageManager));
        check("/usr/bin/node /usr/share/yarn/bin/yarn.js start", Some(Program::PackageManager));
        check("node --no-warnings /home/a/node_modules/.bin/vite --port 3000", Some(Program::Build));
        check("node /app/node_modules/.bin/next build", Some(Program::Build));
        check("node /home/a/.vscode-server/bin/0f/out/server-main.js --port=0", Some(Program::EditorServer));
        check(
            "node --max-old-space-size=3072 /app/node_modules/typescript/lib/tsserver.js",
            Some(Program::EditorServer),
        );
        check("node /app/node_modules/.bin/jest --watch", Some(Program::TestRunner));
        check("node --test test/", Some(Program::TestRunner));
        check(
            "/proc/42/exe --max-semi-space-size=1 -e /* a relay of leakhunt */ const",
            Some(Program::Relay),
        );
    }

    #[test]
    fn a_desktop_app_is_known_by_its_executable() {
        #[track_caller]
        fn check(executable: &str, command: &str, expected: Option<Program>) {
            let process = NodeProcess {
                executable: executable.into(),
                command: command.into(),
                ..NodeProcess::default()
            };
            assert_eq!(Program::of(&process), expected, "{executable}");
        }
        check("/usr/share/code/code", "/usr/share/code/code --unity-launch", Some(Program::Desktop));
        check("/usr/lib/slack/slack (deleted)", "/usr/lib/slack/slack", Some(Program::Desktop));
        check("/opt/Own/own", "/opt/Own/own --type=zygote", Some(Program::Desktop));
        check("/usr/bin/node", "node worker.js --type=mail", None);
        check("/srv/app/shop", "/srv/app/shop", None);
    }

    #[test]
    fn an_app_is_an_app() {
        for command in [
            "node server.js",
            "node --inspect-port=0 /app/jest.config.server/index.js",
            "node /app/node_modules/.bin/next start -p 3000",
            "next-server (v15.1.0)",
            "node",
            "",
            "node server.js --test",
            "node dist/webpack-stats-server.js",
        ] {
            check(command, None);
        }
    }
}
