//! What operators read: metrics and logs.

pub mod catalog;
pub mod log;
pub mod prometheus;

pub use prometheus::Telemetry;
