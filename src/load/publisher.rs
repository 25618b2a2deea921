//! A teacher as far as the server can tell: a camera and a voice at a steady rate, paced as libwebrtc does it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bitstream::{Clip, voice};
use super::mark::Mark;
use super::pacer::{Pacer, Sizes, TICK_US};
use super::packetise;
use super::peer::{Peer, SEAL_BYTES, Sends, Step};
use super::sdp::{CAMERA_SSRC, EXT_LEVEL, EXT_WIDE, OPUS, VIDEO, VOICE_SSRC};
use super::table::{SendTable, Sent};
use super::watcher::{CAMERA, Now, VOICE};
use crate::base::time::Time;
use crate::io::clock;
use crate::wire::classify::{Kind, classify};
use crate::wire::codec::Codec;
use crate::wire::rtcp::{Packet, SenderInfo, packets};
use crate::wire::rtp::{Extension, FIXED_BYTES, Header, write_fixed};
use crate::wire::rtp_ext;

const VOICE_EVERY_US: u64 = 20_000;
const REPORT_EVERY_US: u64 = 1_000_000;
/// Requests for a key frame are granted no more often than this, as libwebrtc does it.
const KEY_EVERY_US: u64 = 300_000;
/// Packets kept to be sent again: a second of any rate that a publisher has.
const KEPT: usize = 1_024;

/// What is published.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    /// What pictures are in; none for sound alone.
    pub(super) codec: Option<Codec>,
    /// Whether there is sound.
    pub(super) voice: bool,
    /// Payload bits of the camera in a second.
    pub(super) bps: u64,
    pub(super) fps: u32,
    /// Pictures from one key frame to the next.
    pub(super) key_every: u32,
    /// How much larger a key frame is than another picture.
    pub(super) key_times: f64,
}

/// A publisher.
pub(super) struct Publisher {
    pub(super) peer: Peer,
    number: u16,
    /// Whether packets are numbered for the server's estimator.
    wide: Option<u16>,
    voice: Track,
    camera: Camera,
    sounds: Vec<&'static [u8]>,
    voice_us: u64,
    report_us: u64,
}

/// One stream on its way to the server.
struct Track {
    ssrc: u32,
    payload_type: u8,
    /// Of the next packet.
    index: u64,
    timestamp: u32,
    table: Arc<SendTable>,
    /// Sealed packets by their number.
    kept: Vec<Vec<u8>>,
    packets: u32,
    octets: u32,
    /// When the last picture or sound was made.
    made_us: u64,
}

struct Camera {
    track: Track,
    recipe: Recipe,
    clip: Arc<Clip>,
    sizes: Sizes,
    pacer: Pacer,
    /// Payloads that wait for the pacer: with their marker, timestamp.
    waiting: VecDeque<(Vec<u8>, bool, u32)>,
    /// Pictures since the last key frame.
    place: u32,
    /// Pictures until the next one that nobody has to ask for.
    until_key: u32,
    picture_number: u16,
    frame_us: u64,
    tick_us: u64,
    keyed_us: u64,
    asked: bool,
}

/// What a publisher is given.
pub(super) struct Publishing {
    pub(super) number: u16,
    pub(super) recipe: Recipe,
    pub(super) clip: Arc<Clip>,
    pub(super) wide: bool,
    pub(super) voice: Arc<SendTable>,
    pub(super) camera: Arc<SendTable>,
    /// How far its pictures are behind those of the first publisher, so that not all come at once.
    pub(super) behind_us: u64,
    /// Pictures until its second key frame, so that not all of these come at once either.
    pub(super) until_key: u32,
}

impl Publisher {
    pub(super) fn new(peer: Peer, publishing: Publishing, now_us: u64) -> Self {
        let begin_us = now_us + publishing.behind_us;
        let recipe = publishing.recipe;
        let camera = Camera {
            track: Track::new(CAMERA_SSRC, VIDEO, publishing.camera),
            clip: publishing.clip,
            sizes: Sizes::new(recipe.bps, recipe.fps, recipe.key_every, recipe.key_times),
            // Headers leave with the payload.
            pacer: Pacer::new(recipe.bps),
            waiting: VecDeque::new(),
            place: 0,
            until_key: publishing.until_key,
            picture_number: 0,
            frame_us: begin_us,
            tick_us: now_us,
            keyed_us: 0,
            asked: true,
            recipe,
        };
        Self {
            peer,
            number: publishing.number,
            wide: publishing.wide.then_some(0),
            voice: Track::new(VOICE_SSRC, OPUS, publishing.voice),
            camera,
            sounds: voice(),
            voice_us: if publishing.recipe.voice { begin_us } else { u64::MAX },
            report_us: now_us,
        }
    }

    /// Takes a datagram of the server.
    pub(super) fn receive(&mut self, now: &Now<'_>, datagram: &mut [u8], sends: &mut Sends) -> Step {
        match classify(datagram) {
            Some(Kind::Stun) => self.peer.stun(now.us, now.instant, now.identity, datagram, sends),
            Some(Kind::Dtls) => self.peer.dtls(now.instant, datagram, sends),
            Some(Kind::Rtcp) => {
                self.reports(datagram, sends);
                Step::Nothing
            }
            Some(Kind::Rtp) | None => Step::Nothing,
        }
    }

    /// Grants what the server asks for.
    fn reports(&mut self, datagram: &mut [u8], sends: &mut Sends) {
        let Some(media) = self.peer.media() else { return };
        let Ok(length) = media.opener.open_rtcp(datagram) else { return };
        for packet in packets(&datagram[..length]).flatten() {
            match packet {
                Packet::Pli { .. } | Packet::Fir { .. } => self.camera.asked = true,
                Packet::Nack { media, lost, .. } => {
                    let track = if media == VOICE_SSRC { &self.voice } else { &self.camera.track };
                    sends.extend(lost.filter_map(|sequence| track.again(sequence)));
                }
                _ => {}
            }
        }
    }

    /// Does what is due; media leaves by `send`, as soon as it is sealed.
    pub(super) fn tick(&mut self, now: &Now<'_>, sends: &mut Sends, send: &mut impl FnMut(&[u8])) -> Step {
        let step = self.peer.tick(now.us, now.instant, sends);
        if !self.peer.is_up() {
            return step;
        }
        if now.us >= self.voice_us {
            self.speak(now.us, send);
        }
        if self.camera.recipe.codec.is_some() {
            self.camera.draw(self.number, now.us);
            self.let_out(now.us, send);
        }
        if now.us >= self.report_us {
            self.report_us = now.us + REPORT_EVERY_US;
            sends.extend(self.report(now.us));
        }
        step
    }

    fn speak(&mut self, now_us: u64, send: &mut impl FnMut(&[u8])) {
        self.voice.timestamp = ticks(self.voice_us, 48_000);
        // Whoever was held up does not catch up with a burst.
        self.voice_us = next_due(self.voice_us, VOICE_EVERY_US, now_us);
        let number = self.voice.index as usize % self.sounds.len().max(1);
        let mark = Mark { publisher: self.number, track: VOICE, index: self.voice.index };
        let Some(payload) = self.sounds.get(number).map(|sound| packetise::opus(sound, mark)) else { return };
        self.voice.made_us = now_us;
        let (timestamp, first) = (self.voice.timestamp, number == 0);
        self.voice.send(&mut self.peer, &mut self.wide, (&payload, first, timestamp), send);
    }

    fn let_out(&mut self, now_us: u64, send: &mut impl FnMut(&[u8])) {
        let camera = &mut self.camera;
        while now_us >= camera.tick_us {
            camera.tick_us = next_due(camera.tick_us, TICK_US, now_us);
            camera.pacer.tick();
        }
        while camera.waiting.front().is_some_and(|(payload, ..)| camera.pacer.take(payload.len())) {
            let Some((payload, marker, timestamp)) = camera.waiting.pop_front() else { return };
            camera.track.send(&mut self.peer, &mut self.wide, (&payload, marker, timestamp), send);
        }
    }

    fn report(&mut self, now_us: u64) -> Option<Vec<u8>> {
        let camera = self.camera.recipe.codec.is_some().then_some((&self.camera.track, 90_000));
        // What has sent nothing has nothing to report.
        let tracks = [Some((&self.voice, 48_000)), camera].into_iter().flatten().filter(|(track, _)| track.packets > 0);
        let infos: Vec<_> = tracks.map(|(track, clock_rate)| track.info(now_us, clock_rate)).collect();
        if infos.is_empty() {
            return None;
        }
        self.peer.reports(|writer| {
            for info in &infos {
                let _fits = writer.sender_report(info, &[]);
            }
            let _fits = writer.cname(VOICE_SSRC, "load");
        })
    }
}

impl Camera {
    /// Makes the picture that is due.
    fn draw(&mut self, publisher: u16, now_us: u64) {
        if now_us < self.frame_us {
            return;
        }
        let every_us = 1_000_000 / u64::from(self.recipe.fps.max(1));
        self.track.timestamp = ticks(self.frame_us, 90_000);
        self.frame_us = next_due(self.frame_us, every_us, now_us);
        let granted = self.asked && now_us >= self.keyed_us + KEY_EVERY_US;
        let over = self.until_key == 0 || self.clip.picture(self.place as usize).is_none();
        if self.until_key == 0 {
            self.until_key = self.recipe.key_every;
        }
        self.until_key -= 1;
        let key = granted || over || self.keyed_us == 0;
        if key {
            (self.place, self.keyed_us, self.asked) = (0, now_us, false);
        }
        let Some(picture) = self.clip.picture(self.place as usize) else { return };
        let waiting = self.waiting.len() as u64;
        let mark = Mark { publisher, track: CAMERA, index: self.track.index + waiting };
        let bytes = self.sizes.next(key);
        let payloads = match (self.clip.codec, picture) {
            (Codec::Vp8, [frame, ..]) => packetise::vp8(frame, self.picture_number, mark, bytes),
            _ => packetise::h264(picture, mark, bytes),
        };
        self.sizes.sent(payloads.iter().map(Vec::len).sum());
        self.place += 1;
        self.picture_number = self.picture_number.wrapping_add(1);
        self.track.made_us = now_us;
        let (timestamp, last) = (self.track.timestamp, payloads.len().saturating_sub(1));
        self.waiting.extend(payloads.into_iter().enumerate().map(|(n, payload)| (payload, n == last, timestamp)));
    }
}

impl Track {
    fn new(ssrc: u32, payload_type: u8, table: Arc<SendTable>) -> Self {
        Self {
            ssrc,
            payload_type,
            index: 0,
            timestamp: 0,
            table,
            kept: vec![Vec::new(); KEPT],
            packets: 0,
            octets: 0,
            made_us: 0,
        }
    }

    /// Seals a payload with its marker and timestamp, keeps it, notes the time, and sends it.
    fn send(
        &mut self,
        peer: &mut Peer,
        wide: &mut Option<u16>,
        (payload, marker, timestamp): (&[u8], bool, u32),
        send: &mut impl FnMut(&[u8]),
    ) {
        let Some(media) = peer.media() else { return };
        let mut packet = vec![0; FIXED_BYTES + 16];
        let extended = wide.is_some() || self.payload_type == OPUS;
        #[expect(clippy::cast_possible_truncation, reason = "a sequence number is the low 16 bits")]
        let header = Header {
            payload_type: self.payload_type,
            marker,
            sequence: self.index as u16,
            timestamp,
            ssrc: self.ssrc,
            extension: extended.then(Extension::default),
            ..Header::default()
        };
        if let Some(fixed) = packet.first_chunk_mut() {
            write_fixed(fixed, &header);
        }
        let mut block = rtp_ext::Writer::new(&mut packet[FIXED_BYTES..]);
        if let Some(number) = wide {
            let _fits = block.element(EXT_WIDE, &number.to_be_bytes());
            *number = number.wrapping_add(1);
        }
        if self.payload_type == OPUS {
            let _fits = block.element(EXT_LEVEL, &[0x80 | 30]);
        }
        let head = FIXED_BYTES + block.finish();
        packet.truncate(head);
        packet.extend_from_slice(payload);
        let plain = packet.len();
        packet.resize(plain + SEAL_BYTES, 0);
        let Some(length) = media.sealer.seal_rtp(&mut packet, head, plain, self.index) else { return };
        packet.truncate(length);
        self.table.note(self.index, Sent { at_ns: clock::wall_ns(), timestamp });
        send(&packet);
        self.kept[self.index as usize % KEPT] = packet;
        self.index += 1;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(payload.len()).unwrap_or(0));
    }

    /// A packet once more, byte for byte.
    fn again(&self, sequence: u16) -> Option<Vec<u8>> {
        let kept = self.kept.get(usize::from(sequence) % KEPT)?;
        (kept.get(2..4)? == sequence.to_be_bytes()).then(|| kept.clone())
    }

    fn info(&self, now_us: u64, clock_rate: u64) -> SenderInfo {
        let since = ticks(now_us.saturating_sub(self.made_us), clock_rate);
        SenderInfo {
            ssrc: self.ssrc,
            ntp: Time::from_micros(now_us).ntp(),
            rtp: self.timestamp.wrapping_add(since),
            packets: self.packets,
            octets: self.octets,
        }
    }
}

/// A moment in a stream's clock; wraps.
#[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap")]
const fn ticks(us: u64, clock_rate: u64) -> u32 {
    (us as u128 * clock_rate as u128 / 1_000_000) as u32
}

/// When something that comes every `every_us` is due again; what was missed is left out.
const fn next_due(due_us: u64, every_us: u64, now_us: u64) -> u64 {
    let missed = now_us.saturating_sub(due_us) / every_us;
    due_us + (missed + 1) * every_us
}
