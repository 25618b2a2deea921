//! Words that all layers share.

pub mod limits;
pub mod seq;
pub mod slab;
pub mod time;
