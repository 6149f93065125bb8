//! The threads of a process, each of which has a heap of its own.

use std::fmt;

use serde::Serialize;

/// Which thread's heap is to be hunted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WhichThread {
    /// The main thread's.
    Main,
    /// That of a worker thread, by its `threadId` or the name that the program gave it.
    #[serde(untagged)]
    Worker(String),
}

impl From<&str> for WhichThread {
    fn from(text: &str) -> Self {
        if text == "main" { Self::Main } else { Self::Worker(text.to_owned()) }
    }
}

/// The worker thread whose heap is hunted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkerThread {
    /// Its `threadId`.
    pub thread: u64,
    /// The name that the program gave it; without secrets.
    pub name: Option<String>,
    /// The URL of its script.
    pub script: Option<String>,
}

impl fmt::Display for WorkerThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "worker thread {} ({name})", self.thread),
            None => write!(f, "worker thread {}", self.thread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_is_a_thread_of_its_own() {
        let written = |text: &str| serde_json::to_string(&WhichThread::from(text)).unwrap();
        assert_eq!(written("main"), r#""main""#);
        assert_eq!(written("3"), r#""3""#);
        assert_eq!(WhichThread::from("main"), WhichThread::Main);
        assert_eq!(WhichThread::from("resize"), WhichThread::Worker("resize".to_owned()));
    }
}
