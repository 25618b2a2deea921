//! What it costs to give one packet to one more room, beside the least that any server must do for it.
//!
//! `cargo bench --bench forward` prints a table: nanoseconds a delivered packet through the worker's public face (receive,
//! open, keep, rewrite, seal for each watcher), and in the same run the floor: AES-128-GCM and a copy of the same bytes
//! into an arena of the same size. `alone` is a voice, whose packets go one by one; `frames` a picture whose packets wait
//! for one another, four to a frame. Sealing with one key is the floor; the same with a key of its own for each room is
//! what no server can do without, and shows what a thousand rooms' keys ask of the caches. Ratios can be compared between
//! machines, times cannot. Numbers behind `--` choose rows by their rooms or payload.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use tongke::base::limits::{DATAGRAM_BYTES_MAX, OUTBOX_SLOTS};
use tongke::sfu::counters::Count;
use tongke::wire::rtp::FIXED_BYTES;

#[expect(dead_code, reason = "shared with the simulator")]
#[path = "../tests/sim/client.rs"]
mod client;
#[expect(dead_code, reason = "shared with the simulator")]
#[path = "../tests/sim/lesson.rs"]
mod lesson;

use lesson::Lesson;

/// A county has 404 rooms.
const FANOUTS: [usize; 6] = [1, 10, 100, 404, 1_000, 3_000];
const PAYLOADS: [usize; 2] = [100, 1_100];
/// Runs of which the median is shown.
const RUNS: usize = 15;
/// Packets delivered in a run, at least.
const DELIVERED: usize = 20_000;
/// Packets of a frame.
const FRAME: usize = 4;

fn main() {
    let only: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let wanted = |number: &usize| only.is_empty() || only.contains(number);
    println!(
        "{:>8} {:>8} {:>8} {:>10} {:>10} {:>8} {:>10} {:>8}",
        "packets", "rooms", "payload", "worker ns", "floor ns", "ratio", "own keys", "ratio"
    );
    for video in [false, true] {
        for payload in PAYLOADS.into_iter().filter(wanted) {
            for rooms in FANOUTS.into_iter().filter(wanted) {
                compare(video, payload, rooms);
            }
        }
    }
}

fn compare(video: bool, payload: usize, rooms: usize) {
    let mut lesson = Lesson::begin(rooms, video, OUTBOX_SLOTS);
    let mut frame = 10;
    let (mut worker, mut floor, mut own) = (Vec::new(), Vec::new(), Vec::new());
    let (one, each) = (keys(1), keys(rooms));
    // In turns, so that a machine that slows down slows both.
    for _ in 0..RUNS {
        worker.push(deliver(&mut lesson, rooms, payload, video, &mut frame));
        floor.push(floor_run(&one, payload, together(video)));
        own.push(floor_run(&each, payload, together(video)));
    }
    let (worker, floor, own) = (median(worker), median(floor), median(own));
    let kind = if video { "frames" } else { "alone" };
    println!(
        "{kind:>8} {rooms:>8} {payload:>8} {worker:>10.0} {floor:>10.0} {:>8.2} {own:>10.0} {:>8.2}",
        worker / floor,
        worker / own
    );
}

/// Packets that a room gets one behind the other.
const fn together(video: bool) -> usize {
    if video { FRAME } else { 1 }
}

fn keys(rooms: usize) -> Vec<LessSafeKey> {
    let key = |_| LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("16 bytes"));
    (0..rooms).map(key).collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed(act: impl FnOnce()) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}

fn per_packet(time: Duration, packets: usize) -> f64 {
    time.as_secs_f64() * 1e9 / packets as f64
}

/// Nanoseconds a delivered packet.
fn deliver(lesson: &mut Lesson, rooms: usize, payload: usize, video: bool, frame: &mut u32) -> f64 {
    let together = together(video);
    let frames = DELIVERED.div_ceil(rooms * together);
    let mut packets = Vec::new();
    for _ in 0..frames {
        *frame += 1;
        packets.extend((0..together).map(|part| lesson.packet(payload, *frame, part + 1 == together)));
    }
    let before = lesson.worker.counters().count(Count::PacketsForwarded);
    let time = timed(|| {
        for frame in packets.chunks_mut(together) {
            frame.iter_mut().for_each(|packet| lesson.hand(packet));
            lesson.send(|outbox| {
                black_box(outbox.runs().count());
            });
        }
    });
    let delivered = lesson.worker.counters().count(Count::PacketsForwarded) - before;
    assert_eq!(delivered, (packets.len() * rooms) as u64, "every room got every packet");
    per_packet(time, packets.len() * rooms)
}

/// Nanoseconds to copy a payload into an arena and seal it there, with one key after the other.
fn floor_run(keys: &[LessSafeKey], payload: usize, together: usize) -> f64 {
    let mut arena = vec![0_u8; OUTBOX_SLOTS * DATAGRAM_BYTES_MAX];
    let (header, body) = ([0x80; FIXED_BYTES], vec![7; payload]);
    let time = timed(|| {
        for number in 0..DELIVERED {
            let slot = &mut arena[number % OUTBOX_SLOTS * DATAGRAM_BYTES_MAX..][..DATAGRAM_BYTES_MAX];
            let (head, rest) = slot.split_at_mut(FIXED_BYTES);
            head.copy_from_slice(&header);
            let (sealed, tag) = rest.split_at_mut(payload);
            sealed.copy_from_slice(&body);
            let mut nonce = [0; 12];
            nonce[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let nonce = Nonce::assume_unique_for_key(nonce);
            let key = &keys[number / together % keys.len()];
            let made = key.seal_in_place_separate_tag(nonce, Aad::from(&*head), sealed).expect("a short packet");
            tag[..16].copy_from_slice(made.as_ref());
            black_box(&slot);
        }
    });
    per_packet(time, DELIVERED)
}
