//! Words that all layers share.

pub mod bucket;
pub mod delay;
pub mod limits;
pub mod seq;
pub mod slab;
pub mod time;
