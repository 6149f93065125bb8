//! Find the line of code that leaks memory in a running Node.js process, safely in production.
//!
//! Arguments, the screen, exit codes. From the top down, each room knowing only what is below it: `usage` (words into a command),
//! `commands` (one file each), `alarms`, `fleet`, `runbooks`, `idle`, `hunt`, `analysis` (what several commands share), `files`, `comparison`, `progress`, `consent`, `passphrase`,
//! `events` (for a program that reads along), `advice`, and at the bottom `failure`, `risk`, `terminal`, `table`, `human`, `exit`.

mod acts;
mod advice;
mod alarms;
mod allocator;
mod analysis;
mod commands;
mod comparison;
mod consent;
mod events;
mod exit;
mod failure;
mod files;
mod fleet;
mod held;
mod human;
mod hunt;
mod idle;
mod passphrase;
mod progress;
mod risk;
mod runbooks;
mod state;
mod table;
mod terminal;
mod usage;

fn main() -> std::process::ExitCode {
    allocator::keep_freed_memory();
    let words: Vec<_> = std::env::args_os().collect();
    let code = match usage::parse(&words) {
        Ok(cli) => {
            let json = cli.json();
            commands::run(cli).unwrap_or_else(|failure| failure.end(json))
        }
        Err(no_command) => no_command.print(),
    };
    std::process::ExitCode::from(code)
}
