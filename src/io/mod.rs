//! The thin shell of the media threads: the only place with sockets and a clock.

pub mod clock;
