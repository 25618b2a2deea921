//! Why there is no load: one sentence each, for the person who started it.

use std::error::Error;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum Fault {
    #[error("the links in {from} cannot be read: {cause}")]
    Links { from: String, cause: String },
    #[error(
        "the links name no running lesson with a teacher and a room; make them with `tongke serve --demo-rooms N --links-json FILE`"
    )]
    NoLessons,
    #[error("{asked} lessons are asked for and the links have {there}")]
    TooFewLessons { asked: usize, there: usize },
    #[error("{asked} watchers are asked for, and {rooms} rooms may have {each} each; more rooms: `--demo-rooms`")]
    TooFewRooms { asked: u32, rooms: usize, each: usize },
    #[error("{0:?} is no address of a server")]
    NoAddress(String),
    #[error("the server at {base} cannot be reached: {cause}")]
    Unreachable { base: String, cause: String },
    #[error("the server refuses the link ({code}): {title}")]
    LinkRefused { code: String, title: String },
    #[error("the server refuses ({status} {code}): {title}")]
    Refused { status: u16, code: String, title: String },
    #[error("the server's answer cannot be read: {0}")]
    Unreadable(String),
    #[error("the server names no IPv4 address of this machine for media; it has to run on the same machine")]
    NotHere,
    #[error("the transport did not come up: {0}")]
    NoTransport(String),
    #[error("lesson {lesson} has no publisher: {cause}")]
    NoPublisher { lesson: String, cause: Box<Fault> },
    #[error("no watcher joined; the first said: {0}")]
    NobodyJoined(String),
    #[error("there is no process {pid} whose figures may be read: {source}")]
    NoProcess { pid: u32, source: std::io::Error },
    #[error("no thread can be kept on processor {cpu}: {source}")]
    NoCpu { cpu: usize, source: std::io::Error },
    #[error("stopped before the end")]
    Stopped,
    #[error("a thread has stopped by itself")]
    ThreadEnded,
    #[error("the DTLS library: {0}")]
    Handshake(#[from] crate::control::handshake::HandshakeFault),
    #[error("this machine: {0}")]
    Io(#[from] std::io::Error),
}

/// What lies at the bottom of an error of a library, which wraps it several times.
pub(super) fn bottom(fault: &dyn Error) -> String {
    let mut bottom = fault;
    while let Some(source) = bottom.source() {
        bottom = source;
    }
    bottom.to_string()
}
