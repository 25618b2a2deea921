//! After connect the media core allocates nothing: a counting allocator watches a lesson being forwarded.
#![expect(unsafe_code, reason = "an allocator can only be written so")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, UplinkFeedback, Wish};
use tongke::sfu::counters::Count;
use tongke::sfu::event::Event;
use tongke::sfu::outbox::Outbox;
use tongke::sfu::road::Road;
use tongke::sfu::worker::{Holdings, Worker};
use tongke::wire::codec::Codec;
use tongke::wire::rtcp::{Block, SenderInfo};
use tongke::wire::rtp::Header;

#[expect(dead_code, reason = "shared with the simulator")]
#[path = "sim/client.rs"]
mod client;

use client::{Client, MID, RID, WIDE, at, packet, payload_types};

/// The system's allocator, with a count for each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() -> usize {
    COUNT.with(Cell::get)
}

// SAFETY: everything is passed on to the system's allocator as it came; counting touches a constant-initialised
// thread local without a destructor, which allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROOMS: u64 = 12;
const FRAME: Duration = Duration::from_millis(20);
/// Frames of an hour.
const HOUR: u32 = 180_000;
const LAYERS: [&str; 3] = ["q", "h", "f"];

/// A publisher of a camera in layers and a voice, and rooms that watch both.
struct Lesson {
    worker: Worker,
    outbox: Outbox,
    now: Time,
    lead: Client,
    rooms: Vec<Client>,
    wide: u16,
    /// The last sequence number of each room's picture.
    latest: [u16; 16],
    /// What the worker allocated.
    allocated: usize,
}

impl Lesson {
    fn begin() -> Self {
        let address = |number: u64| SocketAddr::from(([192, 0, 2, 1], 1_000 + number as u16));
        let mut lesson = Self {
            worker: Worker::new(3),
            outbox: Outbox::new(64),
            now: at(0),
            lead: Client::new(1, 5, address(1)),
            rooms: (2..2 + ROOMS).map(|number| Client::new(number, 5, address(number))).collect(),
            wide: 0,
            latest: [0; 16],
            allocated: 0,
        };
        let extensions =
            Extensions { mid: Some(MID), rid: Some(RID), transport_cc: Some(WIDE), ..Extensions::default() };
        let (session, credentials) = (lesson.lead.session, lesson.lead.credentials.clone());
        let role = Role::Publisher { tracks: tracks(), feedback: UplinkFeedback::TransportCc };
        lesson.command(Command::Add { session, credentials, extensions, role });
        for room in 0..lesson.rooms.len() {
            let (session, credentials) = (lesson.rooms[room].session, lesson.rooms[room].credentials.clone());
            let role = Role::Watcher { slots: slots(session) };
            lesson.command(Command::Add { session, credentials, extensions, role });
        }
        lesson.check();
        for keys in std::iter::once(&lesson.lead).chain(&lesson.rooms).map(Client::keys).collect::<Vec<_>>() {
            lesson.command(keys);
        }
        for room in 0..lesson.rooms.len() {
            for slot in 0..2 {
                let (session, source) =
                    (lesson.rooms[room].session, Source { session: SessionId(1), track: slot, lane: None });
                lesson.command(Command::Fill { session, slot, source: Some(source) });
            }
        }
        lesson
    }

    /// Everyone shows that it is still there.
    fn check(&mut self) {
        for member in 0..=self.rooms.len() {
            let client = if member == 0 { &mut self.lead } else { &mut self.rooms[member - 1] };
            let (from, check) = (client.address, client.check(true));
            self.hand(from, check);
        }
    }

    fn watch<T>(&mut self, act: impl FnOnce(&mut Worker, Time) -> T) -> T {
        let before = count();
        let outcome = act(&mut self.worker, self.now);
        self.allocated += count() - before;
        outcome
    }

    fn command(&mut self, command: Command) {
        self.watch(|worker, now| worker.handle_command(now, command));
        self.drain();
    }

    fn hand(&mut self, from: SocketAddr, mut datagram: Vec<u8>) {
        self.watch(|worker, now| worker.handle_datagram(now, Road::udp(from), &mut datagram));
        self.drain();
    }

    fn drain(&mut self) {
        let before = count();
        while self.worker.poll_transmit(self.now, &mut self.outbox) || !self.outbox.is_empty() {
            for header in self.outbox.datagrams().filter_map(|(_, sent)| Header::read(sent)) {
                if header.ssrc % 10 == 0 && header.payload_type == 96 {
                    self.latest[(header.ssrc / 10) as usize % 16] = header.sequence;
                }
            }
            self.outbox.clear();
        }
        while let Some(event) = self.worker.poll_event() {
            assert!(!matches!(event, Event::Handshake { .. }), "the one event that carries bytes");
        }
        self.allocated += count() - before;
    }

    /// One frame of everything, and what comes back.
    fn frame(&mut self, number: u32) {
        self.now = self.now + FRAME;
        self.watch(|worker, now| worker.handle_timeout(now));
        for layer in 0..LAYERS.len() {
            let lost = number % 10 == 3 && layer == 0;
            if !lost {
                self.publish(number, Some(layer));
            }
        }
        self.publish(number, None);
        if number.is_multiple_of(25) {
            self.report(number);
        }
        if number.is_multiple_of(200) {
            // Everyone gets another address.
            let clients = std::iter::once(&mut self.lead).chain(&mut self.rooms);
            clients.for_each(|client| client.address.set_port(client.address.port().wrapping_add(100)));
        }
        if number.is_multiple_of(50) {
            self.check();
            let wish = Wish::UpTo((number / 50 % 3) as u8);
            let session = self.rooms[0].session;
            self.command(Command::Wish { session, slot: 0, wish });
        }
        self.drain();
    }

    fn publish(&mut self, number: u32, layer: Option<usize>) {
        let header = Header {
            payload_type: if layer.is_some() { 96 } else { 111 },
            marker: true,
            sequence: number as u16,
            timestamp: number * if layer.is_some() { 1_800 } else { 960 },
            ssrc: 70 + layer.map_or(9, |layer| layer as u32),
            ..Header::default()
        };
        let wide = self.wide.to_be_bytes();
        self.wide = self.wide.wrapping_add(1);
        let mut extensions: Vec<(u8, &[u8])> = vec![(MID, if layer.is_some() { b"0" } else { b"1" }), (WIDE, &wide)];
        extensions.extend(layer.map(|layer| (RID, LAYERS[layer].as_bytes())));
        // Every fifth picture is a keyframe, so that slots can switch.
        let key = u8::from(!number.is_multiple_of(5));
        let mut payload =
            vec![0x90, 0xe0, 0x80 | (number >> 8) as u8 & 0x7f, number as u8, number as u8, 0, 0x10 | key];
        payload.resize(if layer.is_some() { 900 } else { 90 }, 7);
        let (mut out, length) = packet(&header, &extensions, &payload);
        self.lead.seal(&mut out, length, u64::from(number));
        let from = self.lead.address;
        self.hand(from, out);
    }

    /// Reports of everyone: sender reports, receiver reports, losses, estimates and keyframe requests.
    fn report(&mut self, number: u32) {
        let (now, from) = (self.now, self.lead.address);
        let reports = self.lead.reports(|writer| {
            for ssrc in [70, 71, 72, 79] {
                let info = SenderInfo { ssrc, ntp: now.ntp(), rtp: number * 1_800, packets: number, octets: number };
                writer.sender_report(&info, &[]).expect("it fits");
            }
        });
        self.hand(from, reports);
        for room in 0..self.rooms.len() {
            let ssrc = self.rooms[room].session.0 as u32 * 10;
            let latest = self.latest[ssrc as usize / 10];
            let lost: Vec<_> = (0..20).rev().map(|back| latest.wrapping_sub(back)).collect();
            let from = self.rooms[room].address;
            let reports = self.rooms[room].reports(|writer| {
                let block = Block { ssrc, fraction_lost: (number % 10) as u8, last_sr: 1, ..Block::default() };
                writer.receiver_report(1, &[block]).expect("it fits");
                writer.nack(1, ssrc, lost);
                writer.pli(1, ssrc).expect("it fits");
                writer.remb(1, 900_000 + u64::from(number % 7) * 500_000, &[ssrc]).expect("it fits");
            });
            self.hand(from, reports);
        }
    }
}

fn tracks() -> Vec<Track> {
    let track = |video: bool, mid: &[u8], first, rids: Vec<Vec<u8>>| Track {
        video,
        mid: mid.to_vec(),
        payload_types: payload_types(first, true, video),
        rids,
        streams: Vec::new(),
        nack: video,
    };
    let rids = LAYERS.map(|rid| rid.as_bytes().to_vec()).to_vec();
    vec![track(true, b"0", 96, rids), track(false, b"1", 111, Vec::new())]
}

fn slots(session: SessionId) -> Vec<Slot> {
    let slot = |video: bool, first, number| {
        let (ssrc, payload_types) = (session.0 as u32 * 10 + number, payload_types(first, true, video));
        Slot { video, ssrc, repair_ssrc: video.then_some(ssrc + 1), payload_types, rank: 0 }
    };
    vec![slot(true, 96, 0), slot(false, 111, 5)]
}

/// Plays frames; what the worker holds then.
fn held(lesson: &mut Lesson, frames: std::ops::Range<u32>) -> Holdings {
    frames.for_each(|number| lesson.frame(number));
    lesson.worker.holdings()
}

#[test]
fn a_lesson_that_has_begun_allocates_nothing_in_an_hour() {
    let mut lesson = Lesson::begin();
    lesson.allocated = 0;
    let begun = held(&mut lesson, 0..3_000);
    assert_eq!(held(&mut lesson, 3_000..HOUR), begun, "nothing grows in an hour");
    let counted = |what| lesson.worker.counters().count(what);
    assert!(counted(Count::PacketsForwarded) > 20_000, "{}", counted(Count::PacketsForwarded));
    for what in [
        Count::RepairsSent,
        Count::NacksSent,
        Count::KeyframeRequestsSent,
        Count::Switches,
        Count::ChecksAnswered,
        Count::Moves,
        Count::Unrepaired,
    ] {
        assert!(counted(what) > 20, "{} happened", what.name());
    }
    assert_eq!(lesson.allocated, 0, "allocations in {} packets", counted(Count::PacketsReceived));
}

#[test]
fn the_counter_counts() {
    let before = count();
    let one = Box::new(Codec::Opus);
    assert_eq!(count() - before, 1);
    let mut grows = vec![one];
    let before = count();
    grows.reserve(100);
    assert_eq!(count() - before, 1);
    let before = count();
    drop(grows);
    assert_eq!(count(), before, "giving back is not counted");
}
