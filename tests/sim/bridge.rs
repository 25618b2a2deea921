//! One lesson on two workers: rooms of the second get what the first one's publisher sends.

use std::collections::VecDeque;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::bridge::Lanes;
use tongke::sfu::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, UplinkFeedback};
use tongke::sfu::counters::Count;
use tongke::sfu::discard::Discard;
use tongke::sfu::event::Event;
use tongke::sfu::outbox::Outbox;
use tongke::sfu::road::Road;
use tongke::sfu::worker::Worker;
use tongke::wire::rtcp::{Packet, packets};
use tongke::wire::rtp::Header;

use crate::client::{Client, RID, at, packet, payload_types};
use crate::school::ms;

const LEAD: SessionId = SessionId(1);
const SSRC: u32 = 70;
const FRAME: Duration = Duration::from_millis(20);
/// Parcels that a lane holds.
const ROOM: usize = 64;

/// Lanes of one worker: parcels that wait for each other one.
#[derive(Default)]
struct Shelf {
    waiting: [VecDeque<Vec<u8>>; 2],
    /// Nothing goes through.
    blocked: bool,
}

impl Lanes for Shelf {
    fn put(&mut self, lane: u8, head: &[u8], body: &[u8]) -> bool {
        let waiting = &mut self.waiting[usize::from(lane)];
        let room = waiting.len() < ROOM && !self.blocked;
        if room {
            waiting.push_back([head, body].concat());
        }
        room
    }
}

/// A teacher with a picture in two layers on the first worker, rooms on the second.
struct Building {
    workers: [Worker; 2],
    shelves: [Shelf; 2],
    now: Time,
    lead: Client,
    rooms: Vec<Client>,
    sequence: [u64; 2],
    ssrc: u32,
    /// Sequence numbers of pictures that came to each room, in order.
    came: Vec<Vec<u16>>,
    /// Keyframes the teacher was asked for.
    asked: usize,
    events: Vec<Event>,
}

impl Building {
    fn open(rooms: u64) -> Self {
        let client = |number: u64| Client::new(number, 5, ([192, 0, 2, 1], 1_000 + number as u16).into());
        let mut building = Self {
            workers: [Worker::new(3), Worker::new(4)],
            shelves: Default::default(),
            now: at(0),
            lead: client(1),
            rooms: (2..2 + rooms).map(client).collect(),
            sequence: [0; 2],
            ssrc: SSRC,
            came: vec![Vec::new(); rooms as usize],
            asked: 0,
            events: Vec::new(),
        };
        let track = Track {
            video: true,
            mid: b"0".to_vec(),
            payload_types: payload_types(96, false, true),
            rids: vec![b"q".to_vec(), b"f".to_vec()],
            streams: vec![(SSRC, None), (SSRC + 1, None)],
            nack: false,
        };
        let role = Role::Publisher { tracks: vec![track], feedback: UplinkFeedback::ReportsOnly };
        let mut lead = client(1);
        building.join(0, &mut lead, role);
        for number in 2..2 + rooms {
            let slot = Slot {
                video: true,
                ssrc: number as u32,
                repair_ssrc: None,
                payload_types: payload_types(96, false, true),
                rank: 0,
            };
            building.join(1, &mut client(number), Role::Watcher { slots: vec![slot] });
        }
        building
    }

    fn join(&mut self, worker: usize, client: &mut Client, role: Role) {
        let (session, credentials) = (client.session, client.credentials.clone());
        let extensions = Extensions { rid: Some(RID), ..Extensions::default() };
        let add = Command::Add { session, credentials, extensions, role };
        self.workers[worker].handle_command(self.now, add);
        self.workers[worker].handle_datagram(self.now, Road::udp(client.address), &mut client.check(true));
        self.workers[worker].handle_command(self.now, client.keys());
        self.settle();
    }

    fn fill(&mut self, room: usize, source: Option<SessionId>) {
        let source = source.map(|session| Source { session, track: 0, lane: Some(0) });
        let session = self.rooms[room].session;
        self.workers[1].handle_command(self.now, Command::Fill { session, slot: 0, source });
        self.settle();
    }

    /// All that can happen without time passing.
    fn settle(&mut self) {
        for _ in 0..4 {
            for worker in 0..2 {
                self.send(worker);
                self.workers[worker].poll_parcels(&mut self.shelves[worker]);
                while let Some(parcel) = self.shelves[worker].waiting[1 - worker].pop_front() {
                    self.workers[1 - worker].handle_parcel(self.now, worker as u8, &parcel);
                }
            }
        }
    }

    fn send(&mut self, worker: usize) {
        let mut outbox = Outbox::new(9);
        while self.workers[worker].poll_transmit(self.now, &mut outbox) || !outbox.is_empty() {
            let leaving: Vec<_> = outbox.datagrams().map(|(road, sent)| (road.address(), sent.to_vec())).collect();
            outbox.clear();
            leaving.into_iter().for_each(|(to, datagram)| self.deliver(to, datagram));
        }
        while let Some(event) = self.workers[worker].poll_event() {
            self.events.push(event);
        }
    }

    fn deliver(&mut self, to: std::net::SocketAddr, mut datagram: Vec<u8>) {
        if to == self.lead.address {
            let reports = tongke::wire::classify::classify(&datagram) == Some(tongke::wire::classify::Kind::Rtcp);
            if let Some(length) = reports.then(|| self.lead.open_reports(&mut datagram)).flatten() {
                let asks = |packet: &Packet<'_>| matches!(packet, Packet::Pli { .. });
                self.asked += packets(&datagram[..length]).flatten().filter(asks).count();
            }
        } else if let Some(header) = Header::read(&datagram).filter(|header| header.payload_type == 96) {
            self.came[header.ssrc as usize - 2].push(header.sequence);
        }
    }

    /// Time passes, and both layers send a frame of two packets.
    fn frame(&mut self, number: u32, key: bool) {
        self.now = self.now + FRAME;
        self.workers.iter_mut().for_each(|worker| worker.handle_timeout(self.now));
        for layer in 0..2 {
            for part in 0..2 {
                let kind = if key && part == 0 { [0x10, 0] } else { [0, 1] };
                self.packet(layer, number, part == 1, kind);
            }
        }
        self.settle();
    }

    fn packet(&mut self, layer: usize, frame: u32, marker: bool, kind: [u8; 2]) {
        let mut payload = vec![7; 200 + layer * 300];
        payload[..2].copy_from_slice(&kind);
        let index = self.sequence[layer];
        self.sequence[layer] += 1;
        let header = Header {
            payload_type: 96,
            marker,
            sequence: index as u16,
            timestamp: frame * 1_800,
            ssrc: self.ssrc + layer as u32,
            ..Header::default()
        };
        let rid: &[u8] = if layer == 0 { b"q" } else { b"f" };
        let (mut out, length) = packet(&header, &[(RID, rid)], &payload);
        self.lead.seal(&mut out, length, index);
        self.workers[0].handle_datagram(self.now, Road::udp(self.lead.address), &mut out);
    }

    fn play(&mut self, frames: std::ops::Range<u32>) {
        frames.for_each(|number| self.frame(number, number % 50 == 0));
    }

    fn gaps(&self, room: usize) -> usize {
        self.came[room].windows(2).filter(|pair| pair[1] != pair[0].wrapping_add(1)).count()
    }
}

#[test]
fn rooms_of_another_worker_see_the_lesson_from_its_next_keyframe_on() {
    let mut building = Building::open(3);
    building.play(0..10);
    (0..3).for_each(|room| building.fill(room, Some(LEAD)));
    building.play(10..200);
    assert!(building.asked > 0, "the teacher is asked for the keyframe they need");
    for room in 0..3 {
        assert!(building.came[room].len() > 250, "{} packets", building.came[room].len());
        assert_eq!(building.gaps(room), 0);
    }
    let crossed = building.workers[0].counters().count(Count::PacketsBridged);
    assert!((700..=4 * 200).contains(&crossed), "each packet crosses once for all three rooms: {crossed}");
    let told = |event: &&Event| matches!(event, Event::Live { .. } | Event::Quiet { .. });
    assert_eq!(building.events.iter().filter(told).count(), 1, "only its home speaks of a publisher");
}

#[test]
fn the_teacher_is_told_what_rooms_elsewhere_watch() {
    let mut building = Building::open(1);
    building.fill(0, Some(LEAD));
    building.play(0..200);
    let watched = |building: &Building| {
        building.events.iter().rev().find_map(|event| match event {
            Event::Figures(figures) if figures.session == LEAD => Some(figures.watched[0]),
            _ => None,
        })
    };
    assert!(watched(&building).is_some_and(|layers| layers[0] || layers[1]));
    building.fill(0, None);
    building.play(200..400);
    assert_eq!(watched(&building), Some([false; 3]));
}

#[test]
fn a_full_lane_makes_packets_late_and_loses_none() {
    let mut building = Building::open(1);
    building.fill(0, Some(LEAD));
    building.play(0..60);
    let before = building.came[0].len();
    building.shelves[0].blocked = true;
    building.play(60..100);
    assert_eq!(building.came[0].len(), before);
    building.shelves[0].blocked = false;
    building.play(100..110);
    assert!(building.came[0].len() >= before + 100);
    assert_eq!(building.gaps(0), 0);
    assert!(building.workers[0].counters().count(Count::LaneWaits) > 0);
}

#[test]
fn a_subscription_that_was_lost_or_came_too_early_is_repeated() {
    let mut building = Building::open(1);
    building.shelves[1].blocked = true;
    building.fill(0, Some(LEAD));
    building.shelves[1].waiting[0].clear();
    building.shelves[1].blocked = false;
    let late = SessionId(99);
    building.fill(0, Some(late));
    building.play(0..20);
    assert!(building.came[0].is_empty() && building.workers[0].counters().discarded(Discard::ParcelStray) > 1);
    building.fill(0, Some(LEAD));
    building.play(20..120);
    assert!(building.came[0].len() > 100);
}

#[test]
fn a_teacher_who_leaves_is_gone_everywhere_and_a_mirror_nobody_needs_is_given_up() {
    let mut building = Building::open(1);
    building.fill(0, Some(LEAD));
    building.play(0..60);
    building.fill(0, None);
    building.play(60..700);
    let crossed = building.workers[0].counters().count(Count::PacketsBridged);
    building.play(700..750);
    assert_eq!(building.workers[0].counters().count(Count::PacketsBridged), crossed, "nothing crosses for nobody");
    assert_eq!(building.workers[1].holdings().ups, 0);
    building.fill(0, Some(LEAD));
    building.play(750..900);
    assert_eq!(building.workers[1].holdings().ups, 1);
    building.workers[0].handle_command(building.now, Command::Remove { session: LEAD });
    building.settle();
    assert_eq!((building.workers[0].holdings().ups, building.workers[1].holdings().ups), (0, 0));
}

#[test]
fn a_worker_that_begins_anew_is_told_to_be_a_stranger() {
    let mut building = Building::open(1);
    building.fill(0, Some(LEAD));
    building.play(0..60);
    building.workers[1] = Worker::new(5);
    building.play(60..70);
    let crossed = building.workers[0].counters().count(Count::PacketsBridged);
    building.play(70..80);
    assert_eq!(building.workers[0].counters().count(Count::PacketsBridged), crossed);
}

#[test]
fn a_stream_that_begins_anew_does_so_elsewhere_too() {
    let mut building = Building::open(1);
    building.fill(0, Some(LEAD));
    building.play(0..110);
    let (before, asked) = (building.came[0].len(), building.asked);
    // Another name, and numbers that have been here already.
    building.ssrc += 10;
    building.sequence = [5; 2];
    building.play(111..140);
    assert_eq!(building.came[0].len(), before, "nothing without a keyframe");
    assert!(building.asked > asked);
    building.play(150..200);
    assert!(building.came[0].len() >= before + 98);
    assert_eq!(building.gaps(0), 0);
}

#[test]
fn noise_in_a_lane_harms_nobody() {
    let mut building = Building::open(1);
    building.fill(0, Some(LEAD));
    building.play(0..100);
    let before = building.came[0].len();
    building.now = building.now + ms(1);
    for length in 0..60 {
        building.workers[1].handle_parcel(building.now, 0, &vec![6; length]);
    }
    building.play(100..150);
    assert!(building.came[0].len() >= before + 98);
    assert_eq!(building.gaps(0), 0);
}
