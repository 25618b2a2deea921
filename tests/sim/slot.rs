//! One slot as its watcher sees it: what came, what is missing, what it was told of time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tongke::base::seq::Seen;
use tongke::base::time::Time;
use tongke::sfu::command::{Command, SessionId, Slot};
use tongke::wire::codec::Codec;
use tongke::wire::rtcp::Block;

use crate::client::payload_types;
use crate::payload::{Picture, Tag};

const REORDER_WAIT: Duration = Duration::from_millis(15);
const GIVE_UP: Duration = Duration::from_millis(1_200);

/// A packet that came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came {
    pub(crate) at: Time,
    pub(crate) timestamp: u32,
    pub(crate) codec: Codec,
    /// `None` if it was padding alone.
    pub(crate) said: Option<(Tag, Option<Picture>)>,
    pub(crate) repaired: bool,
}

/// What a sender report said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) at: Time,
    pub(crate) ntp: u64,
    pub(crate) timestamp: u32,
}

/// One slot of a watcher.
pub(crate) struct Seat {
    pub(crate) video: bool,
    pub(crate) ssrc: u32,
    pub(crate) repair_ssrc: Option<u32>,
    pub(crate) seen: Seen,
    pub(crate) repair_seen: Seen,
    pub(crate) came: BTreeMap<u64, Came>,
    missing: BTreeMap<u64, (Time, Time)>,
    pub(crate) given_up: BTreeSet<u64>,
    pub(crate) told: Vec<Told>,
    /// It cannot decode.
    pub(crate) stuck: bool,
    pub(crate) first: Option<u64>,
    /// When it last looked for what is missing.
    pub(crate) looked: Time,
    received: u64,
    before: (u64, u64),
}

impl Seat {
    pub(crate) fn new(number: usize, video: bool, session: SessionId, repair: bool) -> Self {
        let ssrc = session.0 as u32 * 100 + number as u32 * 2;
        Self {
            video,
            ssrc,
            repair_ssrc: (video && repair).then_some(ssrc + 1),
            seen: Seen::default(),
            repair_seen: Seen::default(),
            came: BTreeMap::new(),
            missing: BTreeMap::new(),
            given_up: BTreeSet::new(),
            told: Vec::new(),
            stuck: false,
            first: None,
            looked: Time::default(),
            received: 0,
            before: (0, 0),
        }
    }

    pub(crate) fn slot(&self, rank: u8) -> Slot {
        let payload_types = payload_types(if self.video { 100 } else { 120 }, self.repair_ssrc.is_some(), self.video);
        Slot { video: self.video, ssrc: self.ssrc, repair_ssrc: self.repair_ssrc, payload_types, rank }
    }

    /// Takes a packet in; `false` if it was here before.
    pub(crate) fn take(&mut self, index: u64, came: Came) -> bool {
        if self.came.contains_key(&index) {
            return false;
        }
        if !came.repaired {
            self.received += 1;
            self.first.get_or_insert(index);
        }
        let highest = self.came.last_key_value().map(|(highest, _)| *highest);
        let after = highest.map_or(index, |highest| highest + 1);
        self.missing.extend((after..index).map(|lost| (lost, (came.at, came.at + REORDER_WAIT))));
        self.missing.remove(&index);
        self.given_up.remove(&index);
        self.stuck |= self.video && highest.is_none() && came.said.is_none_or(|(tag, _)| !tag.key);
        self.stuck &= !came.said.is_some_and(|(tag, _)| tag.key && tag.part == 0);
        self.came.insert(index, came);
        true
    }

    /// What to ask for now; what has been missing for too long is given up.
    pub(crate) fn ask(&mut self, now: Time, again: Duration) -> Vec<u16> {
        self.looked = now;
        let late: Vec<_> =
            self.missing.iter().filter(|(_, gap)| now.since(gap.0) > GIVE_UP).map(|gap| *gap.0).collect();
        for index in late {
            self.missing.remove(&index);
            self.given_up.insert(index);
            self.stuck |= self.video;
        }
        let due = self.missing.iter_mut().filter(|(_, gap)| gap.1 <= now);
        due.map(|(index, gap)| {
            gap.1 = now + again;
            *index as u16
        })
        .take(200)
        .collect()
    }

    /// What its receiver report says.
    pub(crate) fn block(&mut self, now: Time) -> Option<Block> {
        let (first, highest) = (self.first?, *self.came.last_key_value()?.0);
        let expected = (highest + 1).saturating_sub(first);
        let (interval, got) = (expected.saturating_sub(self.before.0), self.received - self.before.1);
        self.before = (expected, self.received);
        let lost = interval.saturating_sub(got);
        let told = self.told.last();
        Some(Block {
            ssrc: self.ssrc,
            fraction_lost: (lost * 256).checked_div(interval).unwrap_or(0).min(255) as u8,
            cumulative_lost: expected.saturating_sub(self.received) as i32,
            highest: highest as u32,
            jitter: 0,
            last_sr: told.map_or(0, |told| (told.ntp >> 16) as u32),
            delay: told.map_or(0, |told| ((now.since(told.at).as_micros() << 16) / 1_000_000) as u32),
        })
    }

    /// The share of all numbers from the first to the last that arrived in the end.
    pub(crate) fn whole(&self) -> f64 {
        let (Some(first), Some(last)) = (self.came.first_key_value(), self.came.last_key_value()) else { return 1.0 };
        self.came.len() as f64 / (last.0 - first.0 + 1) as f64
    }

    /// Media packets that came at or after `since`.
    pub(crate) fn since(&self, since: Time) -> impl Iterator<Item = (&u64, &Came)> {
        self.came.iter().filter(move |(_, came)| came.at >= since)
    }

    /// Bytes of media that came at or after `since`.
    pub(crate) fn bytes_since(&self, since: Time) -> usize {
        self.since(since).filter_map(|(_, came)| came.said).map(|(tag, _)| usize::from(tag.length) + 56).sum()
    }

    /// The runs of numbers that did not come: the first, how many, and when what is behind them came.
    pub(crate) fn holes(&self) -> Vec<(u64, u64, Time)> {
        let pairs = self.came.iter().zip(self.came.iter().skip(1));
        pairs.filter(|(a, b)| b.0 - a.0 > 1).map(|(a, b)| (a.0 + 1, b.0 - a.0 - 1, b.1.at)).collect()
    }

    fn last(&self) -> Option<Tag> {
        self.came.values().next_back().and_then(|came| came.said).map(|(tag, _)| tag)
    }

    /// The layer of what came last.
    pub(crate) fn layer(&self) -> Option<u8> {
        self.last().map(|tag| tag.layer)
    }

    /// The publisher of what came last.
    pub(crate) fn source(&self) -> Option<u64> {
        self.last().map(|tag| u64::from(tag.publisher))
    }

    /// The last number.
    pub(crate) fn highest(&self) -> u16 {
        self.came.last_key_value().map_or(0, |(index, _)| *index as u16)
    }

    /// The first picture or sound.
    pub(crate) fn opening(&self) -> Option<Tag> {
        self.came.values().find_map(|came| came.said).map(|(tag, _)| tag)
    }
}

/// Fills `slot` of a watcher with a track.
pub(crate) fn fill(session: SessionId, slot: usize, source: Option<(SessionId, usize)>) -> Command {
    let source = source.map(|(session, track)| tongke::sfu::command::Source { session, track, lane: None });
    Command::Fill { session, slot, source }
}
