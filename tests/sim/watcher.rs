//! A room's page: it records all it gets, asks for what is missing, and says what its line can take.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::command::{Command, Extensions, Role};
use tongke::wire::classify::{Kind, classify};
use tongke::wire::codec::Codec;
use tongke::wire::rtcp::{Packet, packets};
use tongke::wire::rtp::{Header, payload};

use crate::chance::Chance;
use crate::client::Client;
use crate::payload::read;
use crate::slot::{Came, Seat, Told};

const LOOK_EVERY: Duration = Duration::from_millis(20);
const PLI_EVERY: Duration = Duration::from_millis(300);
const ESTIMATE_EVERY: Duration = Duration::from_millis(250);
/// More delay than this on top of the least is a queue.
const QUEUE: Duration = Duration::from_millis(60);
/// Over what the rate is measured.
const WINDOW: Duration = Duration::from_millis(500);

/// What kind of page it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watching {
    /// It takes repairs on streams of their own.
    pub(crate) repair: bool,
    /// It says what its line can take.
    pub(crate) estimates: bool,
    /// Slots: picture or sound. The first ranks highest among its kind.
    pub(crate) slots: &'static [bool],
}

impl Watching {
    /// Camera, voice, screen, as tracks of a publisher are numbered.
    pub(crate) const ROOM: Self = Self { repair: true, estimates: true, slots: &[true, false, true] };
}

/// A room's page.
pub(crate) struct Watcher {
    pub(crate) client: Client,
    kind: Watching,
    pub(crate) seats: Vec<Seat>,
    keyed: bool,
    look: Time,
    reports: Time,
    pli: Time,
    estimate: Time,
    arrived: VecDeque<(Time, usize)>,
    least: Duration,
    delay: Duration,
    /// How long to wait before asking again.
    again: Duration,
    /// It asks for what is missing.
    pub(crate) asks: bool,
    /// It asks for a keyframe of everything, all the time.
    pub(crate) begs: bool,
    /// Packets that were here before.
    pub(crate) twice: usize,
    pub(crate) dismissed: bool,
}

impl Watcher {
    pub(crate) fn new(session: u64, kind: Watching, chance: &mut Chance, address: SocketAddr, now: Time) -> Self {
        let client = Client::new(session, chance.number(), address);
        let slots = kind.slots.iter().enumerate();
        let seats = slots.map(|(number, video)| Seat::new(number, *video, client.session, kind.repair)).collect();
        Self {
            client,
            kind,
            seats,
            keyed: false,
            look: now,
            reports: now,
            pli: now,
            estimate: now,
            arrived: VecDeque::new(),
            least: Duration::MAX,
            delay: Duration::ZERO,
            again: Duration::from_millis(100),
            asks: true,
            begs: false,
            twice: 0,
            dismissed: false,
        }
    }

    /// What the worker is told of it.
    pub(crate) fn command(&self) -> Command {
        let slots = self.seats.iter().enumerate().map(|(number, seat)| seat.slot(number as u8)).collect();
        Command::Add {
            session: self.client.session,
            credentials: self.client.credentials.clone(),
            extensions: Extensions { abs_send_time: self.kind.estimates.then_some(3), ..Extensions::default() },
            role: Role::Watcher { slots },
        }
    }

    pub(crate) fn begin(&mut self, now: Time) {
        self.keyed = true;
        self.look = now;
        (self.reports, self.estimate) = (now + Duration::from_millis(330), now + WINDOW);
    }

    pub(crate) const fn next(&self) -> Time {
        if self.keyed { self.look } else { Time::NEVER }
    }

    /// What it sends now.
    pub(crate) fn tick(&mut self, now: Time) -> Vec<Vec<u8>> {
        if !self.keyed {
            return Vec::new();
        }
        self.look = now + LOOK_EVERY;
        let asks: Vec<_> = self.seats.iter_mut().map(|seat| (seat.ssrc, seat.ask(now, self.again))).collect();
        let asks: Vec<_> = asks.into_iter().filter(|(_, lost)| self.asks && !lost.is_empty()).collect();
        let blind = now.since(self.pli) >= PLI_EVERY;
        let blind: Vec<_> = self.seats.iter().filter(|seat| blind && (seat.stuck || self.begs && seat.video)).collect();
        let blind: Vec<_> = blind.into_iter().map(|seat| seat.ssrc).collect();
        if !blind.is_empty() {
            self.pli = now;
        }
        let blocks = if now >= self.reports { self.blocks(now) } else { Vec::new() };
        let estimate = if now >= self.estimate { self.estimated(now) } else { None };
        if asks.is_empty() && blind.is_empty() && blocks.is_empty() && estimate.is_none() {
            return Vec::new();
        }
        let ours = self.client.session.0 as u32 * 100 + 99;
        vec![self.client.reports(|writer| {
            writer.receiver_report(ours, &blocks).expect("a few blocks fit");
            asks.into_iter().for_each(|(ssrc, lost)| _ = writer.nack(ours, ssrc, lost));
            blind.into_iter().for_each(|ssrc| _ = writer.pli(ours, ssrc));
            if let Some(bps) = estimate {
                writer.remb(ours, bps, &[ours]).expect("an estimate fits");
            }
        })]
    }

    fn blocks(&mut self, now: Time) -> Vec<tongke::wire::rtcp::Block> {
        self.reports = now + Duration::from_secs(1);
        self.seats.iter_mut().filter_map(|seat| seat.block(now)).collect()
    }

    /// Once a queue grows: the rate that came through it; before, half as much again as what came.
    fn estimated(&mut self, now: Time) -> Option<u64> {
        self.estimate = now + ESTIMATE_EVERY;
        while self.arrived.front().is_some_and(|(at, _)| now.since(*at) > WINDOW) {
            self.arrived.pop_front();
        }
        let bytes: usize = self.arrived.iter().map(|(_, bytes)| bytes).sum();
        let rate = bytes as u64 * 8 * 2;
        let queued = self.delay > self.least.saturating_add(QUEUE);
        (self.kind.estimates && rate > 0).then_some(if queued { rate * 19 / 20 } else { rate * 3 / 2 })
    }

    /// Takes what the server sent.
    pub(crate) fn receive(&mut self, now: Time, datagram: &mut [u8]) {
        match classify(datagram) {
            Some(Kind::Rtp) => self.receive_media(now, datagram),
            Some(Kind::Rtcp) => self.receive_reports(now, datagram),
            kind => panic!("{kind:?} is not for a watcher"),
        }
    }

    fn receive_media(&mut self, now: Time, datagram: &mut [u8]) {
        let header = Header::read(datagram).expect("the server writes well-formed packets");
        let of = |seat: &&mut Seat| seat.ssrc == header.ssrc || seat.repair_ssrc == Some(header.ssrc);
        let seat = self.seats.iter_mut().find(of).expect("a slot of this watcher");
        let repaired = seat.repair_ssrc == Some(header.ssrc);
        let seen = if repaired { &mut seat.repair_seen } else { &mut seat.seen };
        let index = seen.index(header.sequence);
        seen.note(index);
        let length = self.client.open(datagram, &header, index);
        let mut body = payload(&datagram[..length], &header).expect("a payload");
        // As browsers do, it estimates by the payloads of packets that say when they were sent.
        if header.extension.is_some() {
            self.arrived.push_back((now, body.len()));
        }
        let mut index = index;
        if repaired {
            let (original, rest) = body.split_first_chunk::<2>().expect("a repair says of what");
            index = seat.seen.index(u16::from_be_bytes(*original));
            body = rest;
        }
        let codec = match header.payload_type {
            120 => Codec::Opus,
            100 | 101 => Codec::Vp8,
            102 | 103 => Codec::H264,
            other => panic!("payload type {other} was not agreed on"),
        };
        assert_eq!(repaired, codec.is_video() && header.payload_type % 2 == 1, "a repair has its own payload type");
        let said = read(body, codec);
        if let Some((tag, _)) = said.filter(|_| !repaired) {
            self.delay = now.since(tag.captured);
            self.least = self.least.min(self.delay);
        }
        let came = Came { at: now, timestamp: header.timestamp, codec, said, repaired };
        self.twice += usize::from(!seat.take(index, came));
    }

    fn receive_reports(&mut self, now: Time, datagram: &mut [u8]) {
        let Some(length) = self.client.open_reports(datagram) else { return };
        for packet in packets(&datagram[..length]) {
            match packet.expect("the server writes well-formed reports") {
                Packet::SenderReport { ssrc, ntp, rtp, .. } => {
                    let seat = self.seats.iter_mut().find(|seat| seat.ssrc == ssrc).expect("a slot of this watcher");
                    seat.told.push(Told { at: now, ntp, timestamp: rtp });
                }
                Packet::Bye(_) => self.dismissed = true,
                Packet::SourceDescription => {}
                other => panic!("{other:?} is not for a watcher"),
            }
        }
    }
}
