//! The media core: one value per media thread, told the time, writing into slots it is lent.

pub mod srtp;
