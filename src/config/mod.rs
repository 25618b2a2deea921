//! What was typed, checked, and what was meant.

mod check;
pub mod cli;
mod fault;
mod raw;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lesson::county::County;
use crate::store::Place;

use cli::ServeArgs;
use raw::Typed;

pub use fault::{Fault, Faults};

/// What was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The folder for everything that is kept.
    pub data_dir: PathBuf,
    /// Whether to start with the demo's school and lesson.
    pub demo: bool,
    /// Instead of the demo's one lesson, this many, each with this many rooms.
    pub county: Option<County>,
    /// The doors.
    pub http: Http,
    /// The media threads.
    pub media: Media,
    /// Where operators' figures are served: plain HTTP, for a scraper nearby.
    pub ops_listen: SocketAddr,
    /// Where the store is.
    pub store: Place,
    /// Keys and tokens.
    pub admission: Admission,
    /// Rooms on stage at once.
    pub stage_places: usize,
    /// What is written to the log.
    pub log: Log,
    /// How much is taken on.
    pub limits: Limits,
}

/// The doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Plain HTTP, for this machine or behind a proxy; none is off.
    pub listen: Option<SocketAddr>,
    /// HTTPS; none is off.
    pub tls_listen: Option<SocketAddr>,
    /// What HTTPS shows.
    pub certificate: Certificate,
    /// How links begin, without a slash at the end; none is guessed from the addresses.
    pub public_url: Option<String>,
    /// How long a request may take to arrive.
    pub request_timeout: Duration,
    /// How many connections are open at most.
    pub connections_max: usize,
    /// The addresses of proxies, which may say for whom they ask.
    pub proxies: Vec<IpAddr>,
}

/// What HTTPS shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// One that the server makes for itself in this folder, once.
    SelfMade(PathBuf),
    /// One from files in PEM.
    Files {
        /// The chain, the server's own first.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// The media threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The address that UDP is bound to.
    pub listen: IpAddr,
    /// The port of the first thread; each further thread has the next. Zero takes any free ones.
    pub port_first: u16,
    /// How many threads; none is one per core.
    pub threads: Option<usize>,
    /// The CPU of each thread; none runs wherever the kernel likes.
    pub pin: Vec<usize>,
    /// The addresses that are announced; none are this machine's own.
    pub addresses: Vec<IpAddr>,
    /// What each socket's receive buffer is asked to hold.
    pub receive_buffer_bytes: usize,
    /// What each socket's send buffer is asked to hold.
    pub send_buffer_bytes: usize,
    /// Whether the kernel is given, and gives, several datagrams at once where it can.
    pub offload: bool,
    /// So many sessions more than the calmest thread a lesson's own thread has before further rooms go there.
    pub spread: usize,
}

/// Keys and tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The file with the secret that signs them; made if it is not there.
    pub secret_file: PathBuf,
    /// How long a token lives.
    pub token_life: Duration,
    /// How long a key lives that is not bound to a day.
    pub key_life: Duration,
    /// How long a person who has logged in stays so.
    pub login_life: Duration,
}

/// What is written to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// From which level on: `error`, `warn`, `info`, `debug` or `trace`.
    pub level: &'static str,
    /// In which shape.
    pub format: LogFormat,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// How much is taken on; what is more is refused as `busy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Media sessions at once.
    pub sessions_max: usize,
    /// Live lessons at once.
    pub lessons_max: usize,
}

impl Config {
    /// From the file and the flags of `tongke serve`; a flag wins over the file.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(args: &ServeArgs) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let mut typed = match &args.config {
            Some(path) => Typed::read(path, &mut faults),
            None => Typed::default(),
        };
        typed.overlay(args);
        check::check(&typed, faults)
    }

    /// From one file alone, as `tongke check-config` does.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load_file(path: &Path) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let typed = Typed::read(path, &mut faults);
        check::check(&typed, faults)
    }
}

#[cfg(test)]
mod tests;
