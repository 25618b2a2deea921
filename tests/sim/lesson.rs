//! A lesson driven by hand: one track, rooms that watch it, packets and time handed in one at a time.
//!
//! The benches measure it, too.

use std::net::SocketAddr;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, UplinkFeedback};
use tongke::sfu::outbox::Outbox;
use tongke::sfu::road::{Road, TcpId};
use tongke::sfu::worker::Worker;
use tongke::wire::rtcp::Block;
use tongke::wire::rtp::Header;

use crate::client::{Client, at, packet, payload_types};

const SSRC: u32 = 70;
const VIDEO_TYPE: u8 = 96;
const VOICE_TYPE: u8 = 111;

/// What is taught.
pub(crate) struct Lesson {
    pub(crate) worker: Worker,
    pub(crate) outbox: Outbox,
    pub(crate) now: Time,
    video: bool,
    lead: Client,
    clients: Vec<Client>,
    index: u64,
}

impl Lesson {
    /// A picture or a voice that some rooms get.
    pub(crate) fn begin(rooms: usize, video: bool, outbox: usize) -> Self {
        let mut lead = Client::new(1, 5, address(1));
        let (worker, outbox) = (Worker::new(3), Outbox::new(outbox));
        let mut lesson = Self {
            worker,
            outbox,
            now: at(0),
            video,
            lead: Client::new(1, 5, address(1)),
            clients: Vec::new(),
            index: 0,
        };
        let track = Track {
            video,
            mid: b"0".to_vec(),
            payload_types: lesson.payload_types(),
            rids: Vec::new(),
            streams: vec![(SSRC, None)],
            nack: false,
        };
        lesson.join(&mut lead, Role::Publisher { tracks: vec![track], feedback: UplinkFeedback::ReportsOnly });
        for session in (2..).take(rooms) {
            let mut room = Client::new(session, 5, address(session));
            let (payload_types, repair_ssrc) = (lesson.payload_types(), video.then_some(10));
            let slot = Slot { video, ssrc: 9, repair_ssrc, payload_types, rank: 0 };
            lesson.join(&mut room, Role::Watcher { slots: vec![slot] });
            let source = Some(Source { session: SessionId(1), track: 0, lane: None });
            lesson.worker.handle_command(lesson.now, Command::Fill { session: SessionId(session), slot: 0, source });
            lesson.clients.push(room);
        }
        lesson.settle();
        lesson
    }

    fn payload_types(&self) -> Vec<tongke::sfu::command::PayloadType> {
        payload_types(if self.video { VIDEO_TYPE } else { VOICE_TYPE }, self.video, self.video)
    }

    fn join(&mut self, client: &mut Client, role: Role) {
        let (session, credentials) = (client.session, client.credentials.clone());
        let extensions = Extensions { abs_send_time: self.video.then_some(3), ..Extensions::default() };
        self.worker.handle_command(self.now, Command::Add { session, credentials, extensions, role });
        let mut check = client.check(true);
        self.worker.handle_datagram(self.now, Road::udp(client.address), &mut check);
        self.worker.handle_command(self.now, client.keys());
        self.send(|_| {});
    }

    /// The first packets open every slot, and lines show that they are good.
    fn settle(&mut self) {
        for frame in 0..3 {
            let mut packet = self.packet(100, frame, true);
            self.hand(&mut packet);
            self.send(|_| {});
            self.pass(Duration::from_millis(20));
            self.send(|_| {});
        }
    }

    /// The next packet of the track, as the lead teacher sends it: a key frame, as far as anybody can tell.
    pub(crate) fn packet(&mut self, payload: usize, frame: u32, marker: bool) -> Vec<u8> {
        let mut bytes = vec![7; payload];
        if self.video {
            bytes[..2].copy_from_slice(&[0x10, 0]);
        }
        let header = Header {
            payload_type: if self.video { VIDEO_TYPE } else { VOICE_TYPE },
            marker,
            sequence: self.index as u16,
            timestamp: frame * 3_000,
            ssrc: SSRC,
            ..Header::default()
        };
        let (mut out, length) = packet(&header, &[], &bytes);
        self.lead.seal(&mut out, length, self.index);
        self.index += 1;
        out
    }

    /// A packet of the lead teacher arrives.
    pub(crate) fn hand(&mut self, packet: &mut [u8]) {
        self.worker.handle_datagram(self.now, Road::udp(self.lead.address), packet);
    }

    /// The first room says what share of a hundred packets it lost.
    pub(crate) fn report_loss(&mut self, share: f32) {
        let room = &mut self.clients[0];
        for highest in [0, 100] {
            let block = Block { ssrc: 9, fraction_lost: (share * 256.0) as u8, highest, ..Block::default() };
            let mut reports = room.reports(|writer| writer.receiver_report(1, &[block]).expect("it fits"));
            self.worker.handle_datagram(self.now, Road::udp(room.address), &mut reports);
        }
    }

    /// The first room can no longer be reached by UDP.
    pub(crate) fn move_to_tcp(&mut self) {
        let room = &mut self.clients[0];
        let road = Road::tcp(TcpId(0), room.address);
        self.worker.handle_datagram(self.now, road, &mut room.check(true));
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.worker.handle_timeout(self.now);
    }

    /// Sends all there is to send; `look` sees each full outbox.
    pub(crate) fn send(&mut self, mut look: impl FnMut(&Outbox)) {
        while self.worker.poll_transmit(self.now, &mut self.outbox) || !self.outbox.is_empty() {
            look(&self.outbox);
            self.outbox.clear();
        }
        while self.worker.poll_event().is_some() {}
    }

    /// How many media packets leave now, and in how many runs.
    pub(crate) fn leaving(&mut self) -> (usize, usize) {
        let (mut packets, mut runs) = (0, 0);
        self.send(|outbox| {
            for run in outbox.runs() {
                let media = run.datagrams().filter(|datagram| is_media(datagram)).count();
                packets += media;
                runs += usize::from(media > 0);
            }
        });
        (packets, runs)
    }
}

fn is_media(datagram: &[u8]) -> bool {
    Header::read(datagram).is_some_and(|header| [VIDEO_TYPE, VOICE_TYPE].contains(&header.payload_type))
}

fn address(number: u64) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 1_000 + number as u16))
}
