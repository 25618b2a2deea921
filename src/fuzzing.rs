//! One body for three uses: fuzz targets, the replay of their corpus, and plain random tests.
//!
//! Each takes any bytes, and asserts what must hold whatever they are.

mod rtcp;
mod rtp;
mod stun;

pub use rtcp::rtcp;
pub use rtp::rtp;
pub use stun::stun;

use crate::wire::classify::{Kind, classify};

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

/// A datagram as it arrives on a media port.
pub fn datagram(bytes: &[u8]) {
    match classify(bytes) {
        Some(Kind::Stun) => stun(bytes),
        Some(Kind::Rtp) => rtp(bytes),
        Some(Kind::Rtcp) => rtcp(bytes),
        Some(Kind::Dtls) | None => {}
    }
    // A worker is driven with it here, once there is one.
}

/// A description as it arrives in a request's body.
#[cfg(feature = "server")]
pub fn sdp(bytes: &[u8]) {
    let Ok(_text) = std::str::from_utf8(bytes) else { return };
    // It is negotiated here, once that can be done.
}

#[cfg(test)]
mod replay;
