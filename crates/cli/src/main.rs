//! Find the line that leaks, in the production process that leaks, and leave that process as it was found.

mod args;
mod commands;
mod consent;
mod failure;
mod human;
mod progress;
mod state;
mod table;

fn main() -> std::process::ExitCode {
    leakhunt_heap::keep_freed_memory();
    let args = args::parse();
    let code = commands::run(args).unwrap_or_else(|failure| failure.print());
    std::process::ExitCode::from(code)
}
