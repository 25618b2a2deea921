//! A school in virtual time: rooms and teachers on simulated lines around one real worker, judged by an oracle.

mod bridge;
mod chance;
mod client;
mod hold;
mod lesson;
mod net;
mod oracle;
mod payload;
mod publisher;
mod school;
mod script;
mod slot;
mod stories;
mod sweep;
mod watcher;
