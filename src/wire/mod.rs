//! Bytes to views and back: no state, no clock, and never a panic on what arrives.

pub mod classify;
pub mod codec;
pub mod rtcp;
pub mod rtp;
pub mod rtp_ext;
pub mod stun;
pub mod twcc;

mod big_endian;

#[cfg(all(test, feature = "server"))]
mod oracle;
