//! One peer: how it is reached, its keys, and what it sends or receives.

use std::ops::AddAssign;

use super::bridge::Mirror;
use super::clock::PeerClock;
use super::command::{Extensions, SessionId, UplinkFeedback};
use super::down::DownKey;
use super::ice::Credentials;
use super::line::Line;
use super::rate::Rate;
use super::report::UplinkEstimate;
use super::road::Road;
use super::srtp::{Opener, Sealer};
use super::twcc::Arrivals;
use super::up::UpKey;
use crate::base::limits::{LAYERS_MAX, ROADS_MAX, TRACKS_MAX};
use crate::base::slab::Key;
use crate::base::time::Time;

pub(super) type PeerKey = Key<Peer>;

pub(super) use super::command::SERVER_SSRC as OUR_SSRC;

/// Which stream an SSRC of a publisher is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StreamOf {
    pub(super) up: UpKey,
    pub(super) layer: u8,
    pub(super) repair: bool,
}

/// What a publisher has beyond a peer.
pub(super) struct Publisher {
    pub(super) ups: Vec<UpKey>,
    /// By SSRC; a media and a repair stream for each layer at most.
    pub(super) streams: Vec<(u32, StreamOf)>,
    pub(super) clock: PeerClock,
    pub(super) feedback: UplinkFeedback,
    pub(super) arrivals: Arrivals,
    pub(super) estimate: UplinkEstimate,
    /// When it last heard of its packets' arrivals.
    pub(super) told: Time,
    /// The share of what it sent that was lost in the last second, of its worst stream.
    pub(super) loss: f32,
    /// A request to it is on its way.
    pub(super) asking: bool,
    /// An SSRC that another has just taken the place of.
    pub(super) replaced: Option<u32>,
    /// It is another worker's, and its packets come by a lane.
    pub(super) mirror: Option<Mirror>,
    /// Other workers that get its packets.
    pub(super) lanes: Vec<u8>,
}

impl Publisher {
    pub(super) fn new(feedback: UplinkFeedback) -> Self {
        Self {
            ups: Vec::with_capacity(TRACKS_MAX),
            streams: Vec::with_capacity(TRACKS_MAX * LAYERS_MAX * 2),
            clock: PeerClock::default(),
            feedback,
            arrivals: Arrivals::new(),
            estimate: UplinkEstimate::default(),
            told: Time::default(),
            loss: 0.0,
            asking: false,
            replaced: None,
            mirror: None,
            lanes: Vec::new(),
        }
    }

    pub(super) fn stream(&self, ssrc: u32) -> Option<StreamOf> {
        self.streams.iter().find(|(known, _)| *known == ssrc).map(|(_, stream)| *stream)
    }
}

/// What a watcher has beyond a peer.
pub(super) struct Watcher {
    pub(super) downs: Vec<DownKey>,
    pub(super) line: Line,
}

/// What a peer is there for.
pub(super) enum Side {
    Publisher(Box<Publisher>),
    Watcher(Box<Watcher>),
}

/// Media that was sent to a peer, in bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Sent {
    /// With headers.
    pub(super) bytes: usize,
    /// Of that, what the receiver estimates by: payloads of packets that carry a send time.
    pub(super) measured: usize,
}

impl AddAssign for Sent {
    fn add_assign(&mut self, more: Self) {
        self.bytes += more.bytes;
        self.measured += more.measured;
    }
}

/// One peer. What every packet to it needs stands first and together.
#[repr(C)]
pub(super) struct Peer {
    /// Where everything is sent.
    pub(super) road: Option<Road>,
    pub(super) extensions: Extensions,
    pub(super) sealer: Option<Sealer>,
    pub(super) session: SessionId,
    /// What was sent since its line last heard of it.
    pub(super) untold: Sent,
    pub(super) side: Side,
    pub(super) credentials: Credentials,
    /// Those before the last restart.
    pub(super) older: Option<Credentials>,
    /// Where authentic checks came from, newest first.
    pub(super) roads: [Option<Road>; ROADS_MAX],
    pub(super) opener: Option<Box<Opener>>,
    /// The SSRC of its own RTCP: how it is known again from a new address.
    pub(super) rtcp_ssrc: Option<u32>,
    /// When anything authentic came last.
    pub(super) heard: Time,
    /// Handshake datagrams it may still send in this second.
    pub(super) handshakes_left: u32,
    pub(super) received: Rate,
    pub(super) reported: Time,
    pub(super) answered: Time,
}

impl Peer {
    pub(super) const fn publisher(&mut self) -> Option<&mut Publisher> {
        match &mut self.side {
            Side::Publisher(publisher) => Some(publisher),
            Side::Watcher(_) => None,
        }
    }

    pub(super) const fn watcher(&mut self) -> Option<&mut Watcher> {
        match &mut self.side {
            Side::Watcher(watcher) => Some(watcher),
            Side::Publisher(_) => None,
        }
    }

    /// Lets a watcher's line know what was sent: not with each packet, for the line is not beside what a packet needs.
    pub(super) fn tell_line(&mut self, now: Time) {
        let sent = std::mem::take(&mut self.untold);
        if let Side::Watcher(watcher) = &mut self.side {
            watcher.line.note(now, sent);
        }
    }

    /// The road and the keys, if there are both.
    pub(super) fn way(&mut self) -> Option<(Road, &mut Sealer)> {
        Some((self.road?, self.sealer.as_mut()?))
    }

    /// Puts a road first among those known; gives the one that no longer fits, if any.
    pub(super) fn learn_road(&mut self, road: Road) -> Option<Road> {
        if let Some(place) = self.roads.iter().position(|known| *known == Some(road)) {
            self.roads[..=place].rotate_right(1);
            return None;
        }
        self.roads.rotate_right(1);
        self.roads[0].replace(road)
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    const CACHE_LINE: usize = 64;

    #[test]
    fn what_every_packet_needs_of_a_peer_is_two_cache_lines() {
        assert!(offset_of!(Peer, side) <= 2 * CACHE_LINE);
    }
}
