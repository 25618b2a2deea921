//! Tongke carries a lead school's lesson to the classrooms paired with it.
//!
//! The layers, lowest first; a layer uses only those above it in this list (`tests/tidy.rs` holds that).
//! The first four are pure: no clock, no socket, no thread, no log.

pub mod base;
pub mod wire;

pub mod lesson;
pub mod sfu;

#[cfg(feature = "server")]
pub mod io;
#[cfg(feature = "server")]
pub mod sheets;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod telemetry;

#[cfg(feature = "server")]
pub mod control;

#[cfg(feature = "server")]
pub mod config;

#[cfg(feature = "server")]
pub mod http;

#[doc(hidden)]
pub mod fuzzing;

#[cfg(feature = "server")]
pub mod app;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "robot")]
pub mod robot;
