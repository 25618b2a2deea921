//! What a worker is told to do.

use super::ice::Credentials;
use super::srtp::Keys;
use crate::wire::codec::Codec;

pub use super::ice::Credentials as IceCredentials;

/// Names one peer in commands and events; given by whoever commands, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// The stream name under which the server itself speaks RTCP to publishers.
pub const SERVER_SSRC: u32 = 1;

/// How a codec is named on one side's wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadType {
    /// The codec.
    pub codec: Codec,
    /// Its RTP payload type.
    pub media: u8,
    /// The payload type of its retransmissions (RFC 4588), if agreed on.
    pub repair: Option<u8>,
}

/// The numbers of RTP header extensions that were agreed on (RFC 8285); common to a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// Section name.
    pub mid: Option<u8>,
    /// Simulcast layer.
    pub rid: Option<u8>,
    /// Simulcast layer of a retransmission.
    pub repaired_rid: Option<u8>,
    /// Transport-wide sequence number.
    pub transport_cc: Option<u8>,
    /// Send time for receivers that estimate.
    pub abs_send_time: Option<u8>,
}

/// One track that a publisher will send.
#[derive(Clone, Debug)]
pub struct Track {
    /// Picture or sound.
    pub video: bool,
    /// Its section's name.
    pub mid: Vec<u8>,
    /// Codecs it may come in.
    pub payload_types: Vec<PayloadType>,
    /// Simulcast layers, lowest first; empty for a single stream.
    pub rids: Vec<Vec<u8>>,
    /// Streams that the offer named: media, and its retransmissions.
    pub streams: Vec<(u32, Option<u32>)>,
    /// Whether the publisher answers negative acknowledgements.
    pub nack: bool,
}

/// How a publisher learns what its line can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UplinkFeedback {
    /// It is told when each packet arrived.
    TransportCc,
    /// It is told a rate.
    Remb,
    /// It reads receiver reports.
    ReportsOnly,
}

/// One slot of a watcher: it has these names on the wire for its whole life.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Picture or sound.
    pub video: bool,
    /// Stream name.
    pub ssrc: u32,
    /// Stream name of retransmissions, if agreed on.
    pub repair_ssrc: Option<u32>,
    /// Codecs the watcher takes.
    pub payload_types: Vec<PayloadType>,
    /// Who goes first when the line is thin: 0 before 1.
    pub rank: u8,
}

/// What a peer is there for.
#[derive(Clone, Debug)]
pub enum Role {
    /// Sends tracks.
    Publisher {
        /// The tracks, in the order by which they are named later.
        tracks: Vec<Track>,
        /// How it wants to hear of its line.
        feedback: UplinkFeedback,
    },
    /// Receives slots.
    Watcher {
        /// The slots, in the order by which they are named later.
        slots: Vec<Slot>,
    },
}

/// The largest layer that is of use to a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Nothing.
    Off,
    /// This layer or a lower one; 0 is the lowest.
    UpTo(u8),
}

/// A publisher's track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The publisher.
    pub session: SessionId,
    /// The number of its track.
    pub track: usize,
    /// The lane to the worker that has the publisher, if that is another one.
    pub lane: Option<u8>,
}

/// What a worker is told to do.
#[derive(Debug)]
pub enum Command {
    /// Expect a peer.
    Add {
        /// Its name from now on.
        session: SessionId,
        /// What its checks must be signed with.
        credentials: Credentials,
        /// Header extensions agreed on.
        extensions: Extensions,
        /// What it is there for.
        role: Role,
    },
    /// Checks signed with these are good too; the ones before stay good.
    Restart {
        /// The peer.
        session: SessionId,
        /// The new ones.
        credentials: Credentials,
    },
    /// Send these handshake bytes.
    Handshake {
        /// The peer.
        session: SessionId,
        /// One datagram.
        datagram: Box<[u8]>,
    },
    /// The handshake is over: media may flow.
    Keys {
        /// The peer.
        session: SessionId,
        /// Both directions' keys.
        keys: Box<Keys>,
    },
    /// Show this track in this slot from its next keyframe on; nothing, if `None`.
    Fill {
        /// The watcher.
        session: SessionId,
        /// The number of its slot.
        slot: usize,
        /// What to show.
        source: Option<Source>,
    },
    /// No larger layer than this is of use to the slot.
    Wish {
        /// The watcher.
        session: SessionId,
        /// The number of its slot.
        slot: usize,
        /// The largest useful layer.
        wish: Wish,
    },
    /// Forget the peer and all it has.
    Remove {
        /// The peer.
        session: SessionId,
    },
}
