//! The only layer that speaks both of lessons and of media.

pub mod admit;
pub mod handshake;
pub mod negotiate;
