//! Lanes between media threads: from each to each a bounded ring of bytes, written by one thread and read by another.

use std::io::{Read, Write};
use std::sync::Arc;

use rtrb::{Consumer, Producer, RingBuffer};

use super::mailbox::Bell;
use crate::base::limits::{DATAGRAM_BYTES_MAX, LANE_BYTES};
use crate::sfu::bridge::Lanes;

/// In front of each parcel: its length.
const LENGTH_BYTES: usize = 2;
/// A parcel is a packet and less than so many bytes around it.
const PARCEL_BYTES_MAX: usize = DATAGRAM_BYTES_MAX + 64;
/// Parcels taken from one lane before the sockets have their turn.
const PARCELS_AT_ONCE: usize = 256;

/// The ends that a thread writes, by the number of the thread that reads.
#[derive(Default)]
pub(super) struct LanesOut {
    ways: Vec<Option<Way>>,
}

struct Way {
    ring: Producer<u8>,
    bell: Arc<Bell>,
    /// Something was put in since the bell was rung.
    used: bool,
}

/// The ends that a thread reads, with the number of the thread that writes.
#[derive(Default)]
pub(super) struct LanesIn {
    rings: Vec<(u8, Consumer<u8>)>,
    parcel: Vec<u8>,
}

/// Lanes from each thread to each other one, whose bells these are.
pub(super) fn connect(bells: &[Arc<Bell>]) -> Vec<(LanesOut, LanesIn)> {
    let threads = bells.len();
    let mut ends: Vec<_> = (0..threads).map(|_| (LanesOut::default(), LanesIn::default())).collect();
    for from in 0..threads {
        for (to, bell) in bells.iter().enumerate() {
            let Some(number) = u8::try_from(from).ok().filter(|_| from != to) else {
                ends[from].0.ways.push(None);
                continue;
            };
            let (ring, reader) = RingBuffer::new(LANE_BYTES);
            ends[from].0.ways.push(Some(Way { ring, bell: bell.clone(), used: false }));
            ends[to].1.rings.push((number, reader));
        }
    }
    ends
}

impl Lanes for LanesOut {
    fn put(&mut self, lane: u8, head: &[u8], body: &[u8]) -> bool {
        let Some(Some(way)) = self.ways.get_mut(usize::from(lane)) else { return true };
        let length = head.len() + body.len();
        let Some(said) = u16::try_from(length).ok().filter(|_| length <= PARCEL_BYTES_MAX) else { return true };
        if way.ring.slots() < LENGTH_BYTES + length {
            return false;
        }
        way.used = true;
        // There is room for all three: none of them is cut short.
        [&said.to_be_bytes(), head, body].iter().all(|part| way.ring.write_all(part).is_ok())
    }
}

impl LanesOut {
    /// Wakes those for whom something was put in, each once.
    pub(super) fn ring_bells(&mut self) {
        for way in self.ways.iter_mut().flatten().filter(|way| way.used) {
            // If the kernel does not wake the thread now, it looks by itself within a second.
            way.used = way.bell.ring().is_err();
        }
    }
}

impl LanesIn {
    /// Hands over what has come, lane by lane; `true` if there may be more.
    pub(super) fn take(&mut self, mut hand_over: impl FnMut(u8, &[u8])) -> bool {
        let mut more = false;
        for (lane, ring) in &mut self.rings {
            let mut taken = 0;
            while taken < PARCELS_AT_ONCE && next(ring, &mut self.parcel) {
                hand_over(*lane, &self.parcel);
                taken += 1;
            }
            more |= taken == PARCELS_AT_ONCE;
        }
        more
    }
}

/// Takes the next parcel out of a ring; `false` if it is not all there yet.
fn next(ring: &mut Consumer<u8>, parcel: &mut Vec<u8>) -> bool {
    let Some(length) = peek(ring) else { return false };
    if ring.slots() < LENGTH_BYTES + length {
        return false;
    }
    let mut said = [0; LENGTH_BYTES];
    parcel.resize(length, 0);
    ring.read_exact(&mut said).is_ok() && ring.read_exact(parcel).is_ok()
}

/// The length that the next parcel says it has, left where it is.
fn peek(ring: &mut Consumer<u8>) -> Option<usize> {
    let chunk = ring.read_chunk(LENGTH_BYTES).ok()?;
    let (first, second) = chunk.as_slices();
    Some(first.iter().chain(second).fold(0, |length, byte| length << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use mio::{Poll, Token, Waker};

    use super::*;

    fn two() -> (LanesOut, LanesIn, [Poll; 2]) {
        let polls = [Poll::new().unwrap(), Poll::new().unwrap()];
        let bells = polls.each_ref().map(|poll| Arc::new(Bell::new(Waker::new(poll.registry(), Token(0)).unwrap())));
        let mut ends = connect(&bells);
        let (_, there) = ends.pop().unwrap();
        let (here, _) = ends.pop().unwrap();
        (here, there, polls)
    }

    fn take_all(lanes: &mut LanesIn) -> Vec<(u8, Vec<u8>)> {
        let mut all = Vec::new();
        while lanes.take(|lane, parcel| all.push((lane, parcel.to_vec()))) {}
        all
    }

    #[test]
    fn parcels_arrive_whole_and_in_order_though_the_ring_goes_round() {
        let (mut here, mut there, _polls) = two();
        for round in 0..2_000_u32 {
            let body = vec![round as u8; 700 + round as usize % 300];
            assert!(here.put(1, &round.to_be_bytes(), &body));
            assert!(here.put(1, b"note", b""));
            let wanted = [[&round.to_be_bytes()[..], &body].concat(), b"note".to_vec()];
            assert_eq!(take_all(&mut there), wanted.map(|parcel| (0, parcel)));
        }
    }

    #[test]
    fn a_full_lane_takes_nothing_until_there_is_room_for_all_of_it() {
        let (mut here, mut there, _polls) = two();
        let mut put = 0;
        while here.put(1, &[1; 20], &[2; 1_200]) {
            put += 1;
        }
        assert_eq!(put, LANE_BYTES / 1_222);
        assert_eq!(take_all(&mut there).len(), put);
        assert!(here.put(1, &[1; 20], &[2; 1_200]));
        assert!(here.put(0, b"to nobody", b"") && here.put(9, b"to nobody", b""), "is lost, and no reason to wait");
    }
}
