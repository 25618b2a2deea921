//! A classroom as far as the server can tell: it takes packets, reports on them, and says that it is still there.

use std::sync::Arc;
use std::time::Instant;

use super::mark::Mark;
use super::peer::{Peer, Sends, Step};
use super::sdp::{Answer, EXT_WIDE};
use super::stream::Stream;
use super::table::SendTable;
use super::tally::Tally;
use crate::base::time::Time;
use crate::control::handshake::Identity;
use crate::control::negotiate::Kind as Section;
use crate::sfu::twcc::Arrivals;
use crate::wire::classify::{Kind, classify};
use crate::wire::codec::Codec;
use crate::wire::rtcp::{Block, Packet, Writer, packets};
use crate::wire::rtp::{Header, payload};
use crate::wire::{rtp_ext, twcc};

/// One of so many packets is opened and checked, once it is known what comes.
const OPEN_EVERY: u64 = 64;
/// As libwebrtc reports on pictures.
const REPORT_EVERY_US: u64 = 1_000_000;
/// As libwebrtc tells of arrivals (between 50 and 250 ms, by the rate).
const FEEDBACK_EVERY_US: u64 = 100_000;
/// Missing packets are asked for this often, as libwebrtc does it.
const ASK_EVERY_US: u64 = 20_000;
/// Under which a watcher reports.
const OWN_SSRC: u32 = 1;
/// What the line is said to carry: more than any lesson needs, so that the server is measured and not its estimator.
const REMB_BPS: u64 = 20_000_000;

/// What a watcher knows of one of its slots.
struct Slot {
    ssrc: u32,
    repair: Option<u32>,
    video: bool,
    track: u8,
    table: Arc<SendTable>,
    stream: Stream,
    repairs: Stream,
    chance: Chance,
    heard: bool,
    /// Packets since they were last counted.
    came: u64,
    /// The middle of the last sender report's time, and when it came.
    last_report: (u32, u64),
}

/// A watcher.
pub(super) struct Watcher {
    pub(super) peer: Peer,
    lesson: u16,
    slots: Vec<Slot>,
    remb: bool,
    nack: bool,
    /// When it was first asked for.
    began_ns: u64,
    /// When each packet came, if the server's estimator wants to know.
    arrivals: Option<Arrivals>,
    report_us: u64,
    ask_us: u64,
    feedback_us: u64,
    heard_all: bool,
}

/// Of whom and of what a watcher is.
pub(super) struct Watching {
    pub(super) lesson: u16,
    pub(super) answer: Answer,
    pub(super) voice: Arc<SendTable>,
    pub(super) camera: Arc<SendTable>,
    pub(super) nack: bool,
    /// Of its packets this many are thrown away, as if its line were bad.
    pub(super) lose_percent: f64,
    pub(super) began_ns: u64,
}

/// Numbers of tracks in marks.
pub(super) const VOICE: u8 = 0;
pub(super) const CAMERA: u8 = 1;

impl Watcher {
    pub(super) fn new(peer: Peer, watching: Watching, now_us: u64) -> Self {
        let slots = watching.answer.streams.iter().map(|(kind, ssrc, repair)| {
            let video = *kind == Section::Video;
            let (track, table) = if video { (CAMERA, &watching.camera) } else { (VOICE, &watching.voice) };
            Slot {
                ssrc: *ssrc,
                repair: *repair,
                video,
                track,
                table: table.clone(),
                stream: Stream::default(),
                repairs: Stream::default(),
                chance: Chance::new(*ssrc, watching.lose_percent),
                heard: false,
                came: 0,
                last_report: (0, 0),
            }
        });
        Self {
            peer,
            lesson: watching.lesson,
            slots: slots.collect(),
            remb: watching.answer.remb,
            nack: watching.nack,
            began_ns: watching.began_ns,
            arrivals: watching.answer.wide.then(Arrivals::new),
            // Not all at once: a thousand classrooms did not begin in the same millisecond.
            report_us: now_us
                + u64::from(watching.answer.streams.first().map_or(0, |stream| stream.1)) % REPORT_EVERY_US,
            ask_us: now_us,
            feedback_us: now_us,
            heard_all: false,
        }
    }

    /// Takes a datagram that the kernel took in at `at_ns`.
    pub(super) fn receive(
        &mut self,
        (at_ns, now): (u64, &Now<'_>),
        datagram: &mut [u8],
        tally: &mut Tally,
        sends: &mut Sends,
    ) -> Step {
        match classify(datagram) {
            Some(Kind::Rtp) => {
                self.media(at_ns, datagram, tally);
                Step::Nothing
            }
            Some(Kind::Rtcp) => {
                self.reports(now.us, datagram);
                Step::Nothing
            }
            Some(Kind::Stun) => self.peer.stun(now.us, now.instant, now.identity, datagram, sends),
            Some(Kind::Dtls) => {
                let step = self.peer.dtls(now.instant, datagram, sends);
                if matches!(step, Step::Up) {
                    tally.joining.note_ns(at_ns.saturating_sub(self.began_ns));
                }
                step
            }
            None => Step::Nothing,
        }
    }

    fn media(&mut self, at_ns: u64, datagram: &mut [u8], tally: &mut Tally) {
        let Some(header) = Header::read(datagram) else {
            tally.wrong += 1;
            return;
        };
        // Before the handshake has ended here too, it is nobody's.
        let Some(media) = self.peer.media() else { return };
        tally.packets += 1;
        tally.bytes += datagram.len() as u64;
        let of = |slot: &&mut Slot| slot.ssrc == header.ssrc || slot.repair == Some(header.ssrc);
        let Some(slot) = self.slots.iter_mut().find(of) else {
            tally.wrong += 1;
            return;
        };
        slot.came += 1;
        if let Some(arrivals) = &mut self.arrivals
            && let Some([high, low]) = rtp_ext::find(datagram, &header, EXT_WIDE)
        {
            arrivals.note(u16::from_be_bytes([*high, *low]), Time::from_micros(at_ns / 1_000));
        }
        let open = |datagram: &mut [u8], index| media.opener.open_rtp(datagram, usize::from(header.length), index).ok();
        if slot.ssrc == header.ssrc {
            slot.media(at_ns, datagram, (&header, self.lesson), open, tally);
        } else {
            slot.repaired(datagram, &header, open, tally);
        }
        if !self.heard_all {
            slot.heard = true;
            self.heard_all = self.slots.iter().all(|slot| slot.heard);
            if self.heard_all {
                tally.hearing.note_ns(at_ns.saturating_sub(self.began_ns));
            }
        }
    }

    fn reports(&mut self, now_us: u64, datagram: &mut [u8]) {
        let Some(media) = self.peer.media() else { return };
        let Ok(length) = media.opener.open_rtcp(datagram) else { return };
        for packet in packets(&datagram[..length]) {
            if let Ok(Packet::SenderReport { ssrc, ntp, .. }) = packet
                && let Some(slot) = self.slots.iter_mut().find(|slot| slot.ssrc == ssrc)
            {
                #[expect(clippy::cast_possible_truncation, reason = "the middle 32 bits")]
                let middle = (ntp >> 16) as u32;
                slot.last_report = (middle, now_us);
            }
        }
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: &Now<'_>, sends: &mut Sends) -> Step {
        let step = self.peer.tick(now.us, now.instant, sends);
        if !self.peer.is_up() {
            return step;
        }
        if now.us >= self.report_us {
            self.report_us = now.us + REPORT_EVERY_US;
            sends.extend(self.report(now.us));
        }
        if self.arrivals.is_some() && now.us >= self.feedback_us {
            self.feedback_us = now.us + FEEDBACK_EVERY_US;
            sends.extend(self.feedback());
        }
        if self.nack && now.us >= self.ask_us {
            self.ask_us = now.us + ASK_EVERY_US;
            sends.extend(self.ask(now.us));
        }
        step
    }

    /// What came, and what the line would carry.
    fn report(&mut self, now_us: u64) -> Option<Vec<u8>> {
        let blocks: Vec<_> = self.slots.iter_mut().filter_map(|slot| slot.block(now_us)).collect();
        let remb = self.remb;
        let streams: Vec<_> = self.slots.iter().filter(|slot| slot.video).map(|slot| slot.ssrc).collect();
        self.peer.reports(|writer| {
            // There is room for a few blocks and one estimate.
            let _fits = writer.receiver_report(OWN_SSRC, &blocks);
            if remb {
                let _fits = writer.remb(OWN_SSRC, REMB_BPS, &streams);
            }
        })
    }

    fn feedback(&mut self) -> Option<Vec<u8>> {
        let (arrivals, media) = (self.arrivals.as_mut()?, self.slots.first()?.ssrc);
        arrivals.report().map(drop)?;
        self.peer.reports(|writer| write_feedback(writer, media, arrivals))
    }

    fn ask(&mut self, now_us: u64) -> Option<Vec<u8>> {
        // Sound is not asked for again: it was not offered.
        let repairable = self.slots.iter_mut().filter(|slot| slot.repair.is_some());
        let asks: Vec<_> = repairable.map(|slot| (slot.ssrc, slot.stream.ask(now_us))).collect();
        if asks.iter().all(|(_, lost)| lost.is_empty()) {
            return None;
        }
        self.peer.reports(|writer| {
            let _fits = writer.receiver_report(OWN_SSRC, &[]);
            asks.into_iter().for_each(|(ssrc, lost)| _ = writer.nack(OWN_SSRC, ssrc, lost));
        })
    }

    /// Puts what came since the last time into the books. At the `last`, what never came counts as lost.
    pub(super) fn drain(&mut self, last: bool, tally: &mut Tally) {
        let mut silent = false;
        for slot in &mut self.slots {
            silent |= std::mem::take(&mut slot.came) == 0;
            let came = slot.stream.drain();
            tally.expected += came.expected + if last { slot.stream.tail(&slot.table) } else { 0 };
            tally.received += came.received;
        }
        tally.silent += u64::from(silent && self.peer.is_up());
    }
}

impl Slot {
    fn media(
        &mut self,
        at_ns: u64,
        datagram: &mut [u8],
        (header, lesson): (&Header, u16),
        open: impl FnOnce(&mut [u8], u64) -> Option<usize>,
        tally: &mut Tally,
    ) {
        if self.chance.loses() {
            return;
        }
        let Some(index) = self.stream.take(header.sequence) else {
            tally.duplicates += 1;
            return;
        };
        let clock_rate = if self.video { 90_000 } else { Codec::Opus.clock_rate() };
        self.stream.note_arrival(at_ns, header.timestamp, clock_rate);
        if !self.stream.is_matched() || index.is_multiple_of(OPEN_EVERY) {
            let opened = open(datagram, index).and_then(|length| payload(datagram.get(..length)?, header));
            let mine = |mark: &Mark| (mark.publisher, mark.track) == (lesson, self.track);
            let good = match opened.map(Mark::find) {
                None => false,
                Some(None) => true,
                Some(Some(mark)) => mine(&mark) && self.stream.learn(index, header.timestamp, mark, &self.table),
            };
            tally.wrong += u64::from(!good);
        }
        match self.stream.sent(index, header.timestamp, &self.table) {
            Some(sent) => {
                let latency = at_ns.saturating_sub(sent.at_ns);
                tally.latency.note_ns(latency);
                if !self.video {
                    tally.sound.note_ns(latency);
                } else if header.marker {
                    tally.pictures.note_ns(latency);
                }
            }
            None => tally.unmatched += 1,
        }
    }

    /// A repair on its own stream, which begins with the number of the packet it repairs (RFC 4588 §4).
    fn repaired(
        &mut self,
        datagram: &mut [u8],
        header: &Header,
        open: impl FnOnce(&mut [u8], u64) -> Option<usize>,
        tally: &mut Tally,
    ) {
        let Some(index) = self.repairs.take(header.sequence) else { return };
        let Some(length) = open(datagram, index) else {
            tally.wrong += 1;
            return;
        };
        let body = datagram.get(usize::from(header.length)..length).unwrap_or_default();
        if let Some(original) = body.first_chunk() {
            tally.repaired += u64::from(self.stream.repair(u16::from_be_bytes(*original)));
        }
    }

    fn block(&mut self, now_us: u64) -> Option<Block> {
        let highest = self.stream.highest()?;
        let (fraction_lost, cumulative_lost) = self.stream.report();
        let (last_sr, came_us) = self.last_report;
        let since_us = if last_sr == 0 { 0 } else { now_us.saturating_sub(came_us) };
        #[expect(clippy::cast_possible_truncation, reason = "RFC 3550 has 32 bits")]
        Some(Block {
            ssrc: self.ssrc,
            fraction_lost,
            cumulative_lost,
            highest: highest as u32,
            jitter: self.stream.jitter(),
            last_sr,
            delay: (since_us * 65_536 / 1_000_000) as u32,
        })
    }
}

/// When packets came since the last feedback.
fn write_feedback(writer: &mut Writer<'_>, media: u32, arrivals: &mut Arrivals) {
    let Some((count, base, times)) = arrivals.report() else { return };
    let told = twcc::write(writer, OWN_SSRC, media, count, base, times);
    arrivals.reported(told);
}

/// A bad line: the same packets are lost in every run.
struct Chance {
    state: u64,
    /// Of 2³² packets this many are lost.
    lost: u64,
}

impl Chance {
    fn new(seed: u32, lose_percent: f64) -> Self {
        Self { state: u64::from(seed), lost: (lose_percent / 100.0 * 4_294_967_296.0) as u64 }
    }

    fn loses(&mut self) -> bool {
        if self.lost == 0 {
            return false;
        }
        // Knuth's MMIX generator; its upper half is good enough.
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.state >> 32 < self.lost
    }
}

/// The time, and whose certificate is shown.
pub(super) struct Now<'a> {
    pub(super) us: u64,
    pub(super) instant: Instant,
    pub(super) identity: &'a Identity,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_tells_of_each_packet_once() {
        let mut arrivals = Arrivals::new();
        let mut told = Vec::new();
        for round in [[10, 11, 13], [14, 15, 16]] {
            for number in round {
                arrivals.note(number, Time::from_micros(5_000_000 + u64::from(number) * 1_000));
            }
            let mut out = [0; 200];
            let mut writer = Writer::new(&mut out);
            write_feedback(&mut writer, 7, &mut arrivals);
            let length = writer.finish();
            let Some(Ok(Packet::TransportCc(feedback))) = packets(&out[..length]).next() else { panic!("a feedback") };
            told.extend(feedback.arrivals().map(|(number, at)| (number, at.is_some())));
        }
        let right = [10, 11, 12, 13, 14, 15, 16].map(|number| (number, number != 12));
        assert_eq!(told, right);
        let mut out = [0; 200];
        let mut writer = Writer::new(&mut out);
        write_feedback(&mut writer, 7, &mut arrivals);
        assert!(writer.is_empty(), "there is nothing more to tell");
    }

    #[test]
    fn a_bad_line_loses_its_share_and_a_good_one_nothing() {
        let lost = |percent| {
            let mut chance = Chance::new(7, percent);
            (0..100_000).filter(|_| chance.loses()).count()
        };
        assert_eq!((lost(0.0), lost(100.0)), (0, 100_000));
        assert!((1_900..2_100).contains(&lost(2.0)), "{}", lost(2.0));
    }
}
