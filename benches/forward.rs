//! What it costs to give one packet to one more room, beside the least that any server must do for it.
//!
//! `cargo bench --bench forward` prints a table: nanoseconds a delivered packet through the worker's public face (receive,
//! open, keep, rewrite, seal for each watcher), and in the same run the floor: AES-128-GCM and a copy of the same bytes
//! into an arena of the same size. Ratios can be compared between machines, times cannot.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use tongke::base::limits::{DATAGRAM_BYTES_MAX, OUTBOX_SLOTS};
use tongke::base::time::Time;
use tongke::sfu::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, UplinkFeedback};
use tongke::sfu::counters::Count;
use tongke::sfu::outbox::Outbox;
use tongke::sfu::road::Road;
use tongke::sfu::worker::Worker;
use tongke::wire::rtp::{FIXED_BYTES, Header};

#[expect(dead_code, reason = "shared with the simulator")]
#[path = "../tests/sim/client.rs"]
mod client;

use client::{Client, at, packet, payload_types};

const FANOUTS: [usize; 4] = [1, 10, 100, 1_000];
const PAYLOADS: [usize; 2] = [100, 1_100];
/// Runs of which the median is shown.
const RUNS: usize = 151;
/// Packets delivered in a run, at least.
const DELIVERED: usize = 20_000;
const SSRC: u32 = 70;

fn main() {
    println!("{:>8} {:>8} {:>12} {:>12} {:>8}", "rooms", "payload", "worker ns", "floor ns", "ratio");
    let only: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let wanted = |number| only.is_empty() || only.contains(&number);
    for payload in PAYLOADS.into_iter().filter(|payload| wanted(*payload)) {
        for rooms in FANOUTS.into_iter().filter(|rooms| wanted(*rooms)) {
            let mut lesson = Lesson::begin(rooms, payload);
            let (mut worker, mut floor) = (Vec::new(), Vec::new());
            // In turns, so that a machine that slows down slows both.
            for _ in 0..RUNS {
                worker.push(lesson.run());
                floor.push(floor_run(payload));
            }
            let (worker, floor) = (median(worker), median(floor));
            println!("{rooms:>8} {payload:>8} {worker:>12.0} {floor:>12.0} {:>8.2}", worker / floor);
        }
    }
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

/// A voice that some rooms hear.
struct Lesson {
    worker: Worker,
    outbox: Outbox,
    lead: Client,
    now: Time,
    rooms: usize,
    payload: usize,
    index: u64,
}

impl Lesson {
    fn begin(rooms: usize, payload: usize) -> Self {
        let (worker, outbox) = (Worker::new(3), Outbox::new(OUTBOX_SLOTS));
        let lead = Client::new(1, 5, address(1));
        let mut lesson = Self { worker, outbox, lead, now: at(0), rooms, payload, index: 0 };
        let track = Track {
            video: false,
            mid: b"0".to_vec(),
            payload_types: payload_types(111, false, false),
            rids: Vec::new(),
            streams: vec![(SSRC, None)],
            nack: false,
        };
        let role = Role::Publisher { tracks: vec![track], feedback: UplinkFeedback::ReportsOnly };
        let mut lead = Client::new(1, 5, address(1));
        lesson.join(&mut lead, role);
        for number in 0..rooms {
            let session = number as u64 + 2;
            let mut room = Client::new(session, 5, address(session));
            let payload_types = payload_types(111, false, false);
            let slot = Slot { video: false, ssrc: 9, repair_ssrc: None, payload_types, rank: 0 };
            lesson.join(&mut room, Role::Watcher { slots: vec![slot] });
            let source = Some(Source { session: SessionId(1), track: 0 });
            lesson.worker.handle_command(lesson.now, Command::Fill { session: SessionId(session), slot: 0, source });
        }
        lesson.settle();
        lesson
    }

    fn join(&mut self, client: &mut Client, role: Role) {
        let (session, credentials) = (client.session, client.credentials.clone());
        let add = Command::Add { session, credentials, extensions: Extensions::default(), role };
        self.worker.handle_command(self.now, add);
        let mut check = client.check(true);
        self.worker.handle_datagram(self.now, Road::udp(client.address), &mut check);
        self.worker.handle_command(self.now, client.keys());
        self.drain();
    }

    /// The first packets open every slot.
    fn settle(&mut self) {
        for _ in 0..3 {
            let mut packet = self.packets(1).remove(0);
            self.worker.handle_datagram(self.now, Road::udp(self.lead.address), &mut packet);
            self.drain();
            self.now = self.now + Duration::from_millis(20);
            self.worker.handle_timeout(self.now);
            self.drain();
        }
    }

    fn packets(&mut self, count: usize) -> Vec<Vec<u8>> {
        let payload = vec![7; self.payload];
        let sealed = (0..count).map(|_| {
            let (sequence, timestamp) = (self.index as u16, self.index as u32 * 960);
            let header = Header { payload_type: 111, sequence, timestamp, ssrc: SSRC, ..Header::default() };
            let (mut out, length) = packet(&header, &[], &payload);
            self.lead.seal(&mut out, length, self.index);
            self.index += 1;
            out
        });
        sealed.collect()
    }

    /// Nanoseconds a delivered packet.
    fn run(&mut self) -> f64 {
        let count = DELIVERED.div_ceil(self.rooms);
        let mut packets = self.packets(count);
        let (road, before) = (Road::udp(self.lead.address), self.worker.counters().count(Count::PacketsForwarded));
        let time = timed(|| {
            for packet in &mut packets {
                self.worker.handle_datagram(self.now, road, packet);
                self.drain();
            }
        });
        let delivered = self.worker.counters().count(Count::PacketsForwarded) - before;
        assert_eq!(delivered, (count * self.rooms) as u64, "every room got every packet");
        per_packet(time, count * self.rooms)
    }

    fn drain(&mut self) {
        while self.worker.poll_transmit(self.now, &mut self.outbox) || !self.outbox.is_empty() {
            black_box(self.outbox.runs().count());
            self.outbox.clear();
        }
        while self.worker.poll_event().is_some() {}
    }
}

/// Nanoseconds to copy a payload into an arena and seal it there.
fn floor_run(payload: usize) -> f64 {
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("16 bytes"));
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
            let made = key.seal_in_place_separate_tag(nonce, Aad::from(&*head), sealed).expect("a short packet");
            tag[..16].copy_from_slice(made.as_ref());
            black_box(&slot);
        }
    });
    per_packet(time, DELIVERED)
}

fn address(number: u64) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 1_000 + number as u16))
}
