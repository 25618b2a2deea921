//! Bytes to views and back: no state, no clock, and never a panic on what arrives.

pub mod codec;
