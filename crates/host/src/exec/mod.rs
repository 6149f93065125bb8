//! Any place in which a command can be run with stdin and stdout: a container by `docker exec -i`, a pod by `kubectl exec -i`, a machine
//! of Fly.io by `flyctl ssh console`, any machine by one's own `ssh`.
//!
//! Nothing else is needed of it. A dialogue is one such command; a connection to a port is one more, which starts a relay there
//! (see `relay`), so that no port is opened on this machine. Each is a child of its own.
//!
//! What is known of a tool beyond that is a room of its own: how its command is put together, what its refusals are called, and what it
//! says of the place ([`Docker`], [`Kubectl`], [`Fly`]). [`Tool`] is where they are told apart, and nothing else here does. What is the same of
//! all that start and end is in `life`.

mod config;
mod docker;
pub mod fly;
pub mod kubectl;
mod life;
mod place;
mod streams;
mod template;

pub use config::{Config, Tool};
pub use docker::{ContainerName, Docker, Engine};
pub use fly::Fly;
pub use kubectl::Kubectl;
pub use life::{How, Life, PlaceEnd, PlaceKind};
pub use place::Exec;
pub use template::{BadTemplate, ExecTemplate, ForwardTemplate};
