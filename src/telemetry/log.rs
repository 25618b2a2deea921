//! The one place that decides where log lines go and what they look like.

use std::io::{self, IsTerminal};

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// What a log line looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: time, level, target, message and fields.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Why logging could not start.
#[derive(Debug, Error)]
pub enum LogFault {
    /// The levels are not written as `info` or `info,tongke::control=debug`.
    #[error("the log level cannot be read: {0}")]
    Level(#[from] ParseError),
    /// Logging was started before.
    #[error("logging has already started: {0}")]
    Twice(#[from] TryInitError),
}

/// Libraries that warn of what any peer may do, packet by packet; what matters of it is counted.
const QUIET: [&str; 2] = ["rtc_dtls=error", "rtc_sdp=error"];

/// Starts logging to standard error, for the rest of the process. `levels` is one level, or levels by target with
/// commas between: `info,tongke::control=debug`.
///
/// # Errors
/// If `levels` cannot be read, or logging was started before.
pub fn start(levels: &str, format: Format) -> Result<(), LogFault> {
    let mut filter = EnvFilter::try_new(levels)?;
    for quiet in QUIET {
        filter = filter.add_directive(quiet.parse()?);
    }
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        Format::Text => lines.with_ansi(io::stderr().is_terminal()).finish().try_init()?,
        Format::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_cannot_be_read_is_refused_with_words() {
        let fault = start("tongke=loud", Format::Text).expect_err("there is no such level");
        assert!(matches!(fault, LogFault::Level(_)), "{fault}");
    }
}
