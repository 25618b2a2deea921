//! A slot that is sent: one stream name for life, whatever fills it.

use super::command::{PayloadType, Slot, Source, Wish};
use super::layer::{Offered, choose};
use super::peer::PeerKey;
use super::report::Delivery;
use super::resend::Resends;
use super::rewrite::Segments;
use super::up::UpKey;
use crate::base::slab::Key;
use crate::wire::codec::Codec;

pub(super) type DownKey = Key<Down>;

/// A layer of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) up: UpKey,
    pub(super) layer: u8,
}

/// A slot that is sent. What every packet needs stands first and together: with a thousand slots the rest is not in the
/// caches.
#[repr(C)]
pub(super) struct Down {
    pub(super) peer: PeerKey,
    /// Up to which arrival of what it shows it was served.
    pub(super) taken: u64,
    /// What is sent now.
    pub(super) showing: Option<Shown>,
    /// What will be sent from its next keyframe on.
    pub(super) target: Option<Shown>,
    pub(super) ssrc: u32,
    pub(super) repair_ssrc: Option<u32>,
    payload_types: [Option<PayloadType>; 5],
    pub(super) video: bool,
    /// Its packets never wait for others of their frame.
    pub(super) prompt: bool,
    pub(super) resends: Resends,
    pub(super) delivery: Delivery,
    pub(super) segments: Segments,
    /// Its number among the watcher's slots.
    pub(super) slot: usize,
    pub(super) rank: u8,
    /// What fills it.
    pub(super) source: Option<UpKey>,
    /// What will fill it, once another worker has said what tracks there are.
    pub(super) awaits: Option<Source>,
    pub(super) wish: Wish,
    pub(super) allowed: Wish,
}

impl Down {
    /// `chance` gives the first sequence number and timestamp, which must be unpredictable (RFC 3550 §5.1).
    pub(super) fn new(peer: PeerKey, number: usize, slot: Slot, chance: u64) -> Self {
        let mut payload_types = [None; 5];
        for known in slot.payload_types {
            let first = &mut payload_types[known.codec as usize];
            *first = first.or(Some(known));
        }
        Self {
            peer,
            showing: None,
            target: None,
            taken: 0,
            segments: Segments::new(chance),
            payload_types,
            ssrc: slot.ssrc,
            repair_ssrc: slot.repair_ssrc,
            video: slot.video,
            delivery: Delivery::default(),
            resends: Resends::new(chance),
            slot: number,
            rank: slot.rank,
            source: None,
            awaits: None,
            wish: Wish::UpTo(u8::MAX),
            allowed: Wish::UpTo(0),
            prompt: false,
        }
    }

    /// How this watcher names a codec.
    pub(super) fn payload_type(&self, codec: Codec) -> Option<PayloadType> {
        self.payload_types[codec as usize]
    }

    /// The layer it would show if every layer up to `top` came. On a line that has shown its limit that is one more
    /// than it is allowed now, so that there is something to try.
    pub(super) fn wanted(&self, top: u8, thin: bool) -> Option<u8> {
        let Wish::UpTo(wish) = self.wish else { return None };
        let allowed = match self.allowed {
            Wish::UpTo(allowed) if thin => allowed.saturating_add(1),
            Wish::Off if thin => 0,
            _ => top,
        };
        Some(wish.min(top).min(allowed))
    }

    /// Whether its line allows less than it could have.
    pub(super) fn is_held_back(&self, offered: &Offered) -> bool {
        self.video && choose(offered, self.wish, self.allowed) != choose(offered, self.wish, Wish::UpTo(u8::MAX))
    }

    /// Whether it shows what filled it before, because nothing arrives yet of what fills it now.
    pub(super) fn waits_for_its_source(&self) -> bool {
        let wanted = self.source.is_some() && self.wish.min(self.allowed) != Wish::Off;
        wanted && self.target.is_none() && self.showing.map(|shown| shown.up) != self.source
    }

    /// Stops sending, and forgets what was to be sent.
    pub(super) fn stop(&mut self) {
        (self.showing, self.target) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    const CACHE_LINE: usize = 64;

    /// With the newest of its segments.
    #[test]
    fn what_every_packet_needs_of_a_slot_is_four_cache_lines() {
        assert!(offset_of!(Down, delivery) + 16 <= 2 * CACHE_LINE, "packets, octets and whether they are fresh");
        assert!(offset_of!(Down, segments) + 72 <= 4 * CACHE_LINE, "the next numbers and the newest segment");
    }
}
