//! One body for three uses: fuzz targets, the replay of their corpus, and plain random tests.
//!
//! Each takes any bytes, and asserts what must hold whatever they are.

mod datagram;
mod rtcp;
mod rtp;
mod stun;

pub use datagram::datagram;
pub use rtcp::rtcp;
pub use rtp::rtp;
pub use stun::stun;

/// A body that takes any bytes.
pub type Target = fn(&[u8]);

/// Every body, under the name of its fuzz target and its folder in `fuzz/corpus`.
pub const TARGETS: &[(&str, Target)] = &[
    ("datagram", datagram),
    ("rtp", rtp),
    ("rtcp", rtcp),
    ("stun", stun),
    #[cfg(feature = "server")]
    ("sdp", sdp),
];

/// A description as it arrives in a request's body.
#[cfg(feature = "server")]
pub use crate::control::negotiate::fuzz_sdp as sdp;

#[cfg(test)]
mod replay;
