//! Any machine behind SSH, by libssh2: no local port.
//!
//! How it is reached is what ssh's own configuration says (see `settings.rs`). Every dialogue and every connection is an SSH
//! connection of its own, with a thread of its own that bridges its one channel to a socket pair (see `bridge.rs`); nothing
//! listens on this machine. A connection costs a handshake more that way, and a stalled one stalls no other.
//!
//! From the bottom up: `target`, `passphrase` and `config`, the words of whoever wants to go there; `settings`, the way that comes of them;
//! `keys`, `known`, `bridge` and `login`, an SSH connection; `shell`, `machine` and `forward`, what it is for.

mod bridge;
mod config;
mod forward;
mod keys;
mod known;
mod login;
mod machine;
mod passphrase;
mod settings;
mod shell;
mod target;

pub use config::{Config, Forwarding};
pub(crate) use forward::SshForward;
pub use machine::Ssh;
pub use passphrase::{AskPassphrase, Passphrases};
pub(crate) use shell::Shell;
pub use target::SshTarget;
