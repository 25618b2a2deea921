//! The thin shell of the media threads: the only place with sockets and a clock.

pub mod board;
pub mod clock;
pub mod cpu;
pub mod mailbox;
pub mod pool;
pub mod run;
pub mod socket;

mod lane;
mod panics;
mod send;
mod sys;
#[cfg(feature = "load")]
pub use sys::shared;
mod tcp;
