//! What goes wrong with a disk or a database.

use std::error::Error;

/// One fault: what was being done, and what came in the way.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct Fault {
    what: String,
    source: Box<dyn Error + Send + Sync>,
}

impl Fault {
    /// While doing `what`, as a sentence without its full stop.
    pub fn new(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.into(), source: source.into() }
    }
}
