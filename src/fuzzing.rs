//! One body for three uses: fuzz targets, the replay of their corpus, and plain random tests.
//!
//! Each takes any bytes, and asserts what must hold whatever they are.

mod datagram;
mod plan;
mod rtcp;
mod rtp;
#[cfg(feature = "server")]
mod sheets;
mod stun;

pub use datagram::datagram;
pub use plan::plan;
#[cfg(test)]
pub(crate) use plan::plan_commands;
pub use rtcp::rtcp;
pub use rtp::rtp;
#[cfg(feature = "server")]
pub use sheets::sheets;
pub use stun::stun;

/// A body that takes any bytes.
pub type Target = fn(&[u8]);

/// Every body, under the name of its fuzz target and its folder in `fuzz/corpus`.
pub const TARGETS: &[(&str, Target)] = &[
    ("datagram", datagram),
    ("rtp", rtp),
    ("rtcp", rtcp),
    ("stun", stun),
    ("plan", plan),
    #[cfg(feature = "server")]
    ("sdp", sdp),
    #[cfg(feature = "server")]
    ("sheets", sheets),
];

/// A description as it arrives in a request's body.
#[cfg(feature = "server")]
pub use crate::control::negotiate::fuzz_sdp as sdp;

#[cfg(test)]
mod replay;
