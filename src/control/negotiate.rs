//! Offers read and answered (RFC 8829, RFC 9725): pure text in, text and a plan out.
//!
//! The order of an offer's sections says what they are for (`docs/protocol.md` §4 and §5), so an answer never needs
//! a second round.

mod answer;
mod fragment;
mod fuzz;
mod offer;
mod publish;
#[cfg(test)]
mod tests;
mod transport;
mod watch;

use std::net::SocketAddr;

use crate::control::handshake::Fingerprint;
use crate::lesson::Slot;
use crate::lesson::slot::Place;
use crate::wire::codec::Codec;

pub use fragment::{Fragment, read_fragment, write_fragment};
#[doc(hidden)]
pub use fuzz::fuzz_sdp;
pub use offer::{Direction, Feedback, Format, Kind, Offer, Section, read_offer};
pub use publish::{PublishPlan, TrackPlan, publish_answer};
pub use watch::{CNAME, SlotPlan, WatchPlan, watch_answer};

/// Why an offer was not answered; the sentence says where in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferFault {
    /// It is not SDP, or not within its limits.
    #[error("{0}")]
    Unreadable(String),
    /// It can be read, but nothing can come of it.
    #[error("{0}")]
    Unusable(String),
}

/// What a room on stage is called as a stream, by its place.
const STAGES: [&str; Place::ALL.len()] = ["stage1", "stage2", "stage3", "stage4", "stage5", "stage6"];

/// Which slots are seen and heard as one: their clocks are kept together by the player.
const fn stream_of(slot: Slot) -> &'static str {
    match slot {
        Slot::Picture | Slot::Camera | Slot::Voice => "lesson",
        Slot::Screen => "screen",
        Slot::Stage(place) | Slot::StageVoice(place) => STAGES[place as usize],
    }
}

/// Our side of an answer.
#[derive(Clone, Debug)]
pub struct Local {
    /// The ICE user name fragment that finds the peer again in its checks.
    pub ufrag: String,
    /// The ICE password that its checks are signed with.
    pub pwd: String,
    /// Of our certificate.
    pub fingerprint: Fingerprint,
    /// Where we listen, best first.
    pub candidates: Vec<Candidate>,
    /// Any number; names this session in the answer's `o=` line.
    pub session_id: u64,
}

/// A place where we listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The address and port.
    pub address: SocketAddr,
    /// For TCP connections from the peer (RFC 6544); else UDP.
    pub tcp: bool,
}

/// A codec that both sides have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecPlan {
    /// Which.
    pub codec: Codec,
    /// Its number in RTP headers.
    pub payload_type: u8,
    /// The number of its retransmissions (RFC 4588).
    pub rtx: Option<u8>,
}

impl From<&Format> for CodecPlan {
    fn from(format: &Format) -> Self {
        Self { codec: format.codec, payload_type: format.payload_type, rtx: format.rtx }
    }
}

/// The header extensions that are spoken (RFC 8285).
mod extension {
    /// Which section a packet belongs to (RFC 9143 §15.1).
    pub(super) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    /// Which simulcast layer (RFC 8852 §3.1).
    pub(super) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    /// Which simulcast layer a retransmission is of (RFC 8852 §3.2).
    pub(super) const RRID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    /// A number over all packets of a transport (draft-holmer-rmcat-transport-wide-cc-extensions).
    pub(super) const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    /// When a packet was sent, which REMB estimates are made from.
    pub(super) const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    /// How loud the sound in a packet is (RFC 6464).
    pub(super) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
}
