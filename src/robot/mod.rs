//! A lead teacher made of software, for trying things alone and for tests.

pub mod client;
pub mod door;
mod fault;

pub use fault::Fault;

use crate::config::cli::RobotArgs;

/// Teaches until stopped.
pub fn run(_args: &RobotArgs) -> Result<(), Fault> {
    Err(Fault::NoFfmpeg)
}
