//! What may hold what grows, each with what its recogniser has found out.

use super::callback::Callback;
use crate::findings::Kind;
use crate::graph::Node;

/// What holds what grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// A timer of Node's that has not run out.
    Timer {
        callback: Option<Callback>,
        /// It is an interval; none where the timer itself is not among the growing objects.
        repeats: Option<bool>,
        /// The longest of their delays.
        delay_ms: Option<u64>,
        /// Something other than Node's own lists knows the timer, and could clear it.
        is_kept: bool,
    },
    /// A listener on an `EventEmitter` or `EventTarget`.
    Listener { emitter: Node, event: Option<String>, callback: Option<Callback> },
    /// The buffer of a stream, or the list of what it is piped into.
    Stream {
        stream: Node,
        is_piped: bool,
        /// It can be read from, and does not only take.
        is_readable: bool,
        /// It is one of the Web's: `ReadableStream`, `WritableStream`.
        is_web: bool,
    },
    /// A promise that is not settled, or what waits for it.
    Promise {
        /// The function that waits, or is called.
        code: Option<Callback>,
        /// The async function of the program whose result it is.
        result_of: Option<Node>,
        /// Something waits for it: it has not settled.
        is_pending: bool,
    },
    Collection {
        collection: Collection,
        /// A function that it keeps, or that what it keeps waits in.
        code: Option<Callback>,
    },
    /// Objects linked one to the next.
    List,
    /// A variable of a function's context, or a function.
    Closure { code: Option<Callback> },
    /// A field of an object, or a plain object used as a dictionary.
    Object,
    /// Something of Node's or V8's own, such as a handle that is open.
    Native {
        /// What is open keeps itself alive, and its listeners with it.
        code: Option<Callback>,
        /// They are handles of Node's, which stay open until they are closed.
        is_open: bool,
    },
}

/// V8's own collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collection {
    Map,
    Set,
    Array,
}

impl Held {
    /// Its kind in the findings.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Timer { .. } => Kind::Timer,
            Self::Listener { .. } => Kind::Listener,
            Self::Stream { .. } => Kind::Stream,
            Self::Promise { .. } => Kind::Promise,
            Self::Collection { collection: Collection::Map, .. } => Kind::Map,
            Self::Collection { collection: Collection::Set, .. } => Kind::Set,
            Self::Collection { collection: Collection::Array, .. } => Kind::Array,
            Self::List => Kind::List,
            Self::Closure { .. } => Kind::Closure,
            Self::Object => Kind::Object,
            Self::Native { .. } => Kind::Native,
        }
    }

    /// The function that runs, or would run, for a growing object.
    pub(crate) fn callback(&self) -> Option<&Callback> {
        match self {
            Self::Timer { callback, .. } | Self::Listener { callback, .. } => callback.as_ref(),
            Self::Promise { code, .. }
            | Self::Collection { code, .. }
            | Self::Closure { code }
            | Self::Native { code, .. } => code.as_ref(),
            Self::Stream { .. } | Self::List | Self::Object => None,
        }
    }
}
