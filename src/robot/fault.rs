//! Why the robot cannot teach: one sentence each, for the person who started it.

use std::error::Error;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum Fault {
    #[error("{0:?} is no address of a server; give one like https://127.0.0.1:8443")]
    NoAddress(String),
    #[error("the server at {base} cannot be reached: {cause}")]
    Unreachable { base: String, cause: String },
    #[error("the server refuses the key ({code}): {title}")]
    KeyRefused { code: String, title: String },
    #[error("the key is not a teacher's; take the one of a link with /teach")]
    NotATeacher,
    #[error("somebody is teaching this lesson already; close that page first")]
    AlreadyTaught,
    #[error("a newer page of this teacher has taken the lesson over")]
    Replaced,
    #[error("the lesson is over")]
    LessonOver,
    #[error("the server refuses ({status} {code}): {title}")]
    Refused { status: u16, code: String, title: String },
    #[error("the server's answer cannot be read: {0}")]
    Unreadable(String),
    #[error(
        "there is no ffmpeg on this machine, which draws and sounds the lesson; on Debian `apt-get install ffmpeg`"
    )]
    NoFfmpeg,
    #[error("ffmpeg has stopped by itself: {0}")]
    Ffmpeg(String),
    #[error("no media passes between this machine and the server: {0}")]
    NoMedia(&'static str),
    #[error("the server has lost the session")]
    SessionLost,
    #[error("the media library: {0}")]
    Media(#[from] webrtc::error::Error),
    #[error("this machine: {0}")]
    Io(#[from] std::io::Error),
}

impl Fault {
    /// Whether trying again may help without anybody doing anything.
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::NoMedia(_) | Self::SessionLost | Self::Media(_))
            || matches!(self, Self::Refused { status: 500.., .. })
    }
}

/// What lies at the bottom of an error of a library, which wraps it several times.
pub(super) fn bottom(fault: &dyn Error) -> String {
    let mut bottom = fault;
    while let Some(source) = bottom.source() {
        bottom = source;
    }
    bottom.to_string()
}
