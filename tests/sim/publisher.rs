//! A teacher's page or an encoder: camera in layers, voice and screen, repair, reports and its own clock.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::command::{Command, Extensions, Role, Track, UplinkFeedback};
use tongke::wire::classify::{Kind, classify};
use tongke::wire::codec::Codec;
use tongke::wire::rtcp::{Packet, SenderInfo, Writer, packets};
use tongke::wire::rtp::Header;

use crate::chance::Chance;
use crate::client::{Client, MID, REPAIRED, RID, WIDE, packet, payload_types};
use crate::payload::{Picture, Tag, write};

pub(crate) const CAMERA: usize = 0;
pub(crate) const VOICE: usize = 1;
pub(crate) const SCREEN: usize = 2;

const FIRST_TYPE: u8 = 96;
const VOICE_TYPE: u8 = 111;
/// Payload bytes of a full packet.
const FULL: usize = 1_100;
/// Packets a page keeps to send again.
const KEPT: usize = 600;
const RIDS: [&str; 3] = ["q", "h", "f"];

/// What kind of page or encoder it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Publishing {
    pub(crate) codec: Codec,
    pub(crate) simulcast: bool,
    /// It answers requests on streams of their own; otherwise with the same packet again.
    pub(crate) repair: bool,
    /// Its offer names its streams; otherwise they are known by their layer's name.
    pub(crate) named: bool,
    pub(crate) feedback: UplinkFeedback,
}

impl Publishing {
    /// Chromium.
    pub(crate) const BROWSER: Self =
        Self { codec: Codec::Vp8, simulcast: true, repair: true, named: false, feedback: UplinkFeedback::TransportCc };
    /// One stream, no retransmission streams.
    pub(crate) const ENCODER: Self =
        Self { codec: Codec::H264, simulcast: false, repair: false, named: true, feedback: UplinkFeedback::Remb };
}

/// A teacher's page or an encoder.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    kind: Publishing,
    tracks: Vec<Sending>,
    /// How far its clock is ahead of the server's.
    ahead: Duration,
    wide: u16,
    reports: Time,
    keyed: bool,
    /// When it was asked for a keyframe of which track; several layers at once count as one.
    pub(crate) asked: Vec<(Time, usize)>,
    /// Packets it was asked for again.
    pub(crate) nacked: usize,
    /// Packets whose arrival it was told.
    pub(crate) told: usize,
    /// Packets it sent, with repairs.
    pub(crate) sent: usize,
    /// It has been told good-bye.
    pub(crate) dismissed: bool,
}

struct Sending {
    codec: Codec,
    every: Duration,
    /// Between capture and sending.
    encoding: Duration,
    next: Time,
    frame: u32,
    layers: Vec<Layer>,
}

struct Layer {
    ssrc: u32,
    repair_ssrc: Option<u32>,
    index: u64,
    repair_index: u64,
    zero: u32,
    frame_bytes: usize,
    key_bytes: usize,
    number: u32,
    picture: Picture,
    packets: u32,
    octets: u32,
    key: bool,
    on: bool,
    /// Sequence number, header, payload, and the bytes that left.
    kept: VecDeque<(u16, Header, Vec<u8>, Vec<u8>)>,
}

impl Publisher {
    pub(crate) fn new(session: u64, kind: Publishing, chance: &mut Chance, address: SocketAddr, now: Time) -> Self {
        let client = Client::new(session, chance.number(), address);
        let mut layer = |frame_bytes: usize, key_bytes: usize, video: bool| Layer {
            ssrc: chance.number() as u32 | 1 << 20,
            repair_ssrc: (kind.repair && video).then(|| chance.number() as u32 | 1 << 20),
            index: chance.below(0x8000),
            repair_index: chance.below(0x8000),
            zero: chance.number() as u32,
            frame_bytes,
            key_bytes,
            number: 0,
            picture: Picture { id: chance.below(0x8000) as u16, tl0: chance.below(256) as u8 },
            packets: 0,
            octets: 0,
            key: true,
            on: true,
            kept: VecDeque::new(),
        };
        let sizes: &[(usize, usize)] =
            if kind.simulcast { &[(1_200, 5_000), (4_000, 15_000), (10_000, 40_000)] } else { &[(6_000, 25_000)] };
        let camera: Vec<_> = sizes.iter().map(|(frame, key)| layer(*frame, *key, true)).collect();
        let (voice, screen) = (vec![layer(90, 90, false)], vec![layer(2_000, 20_000, true)]);
        let sending = |codec, every: u64, encoding: u64, layers| Sending {
            codec,
            every: Duration::from_millis(every),
            encoding: Duration::from_millis(encoding),
            next: now,
            frame: 0,
            layers,
        };
        let tracks = vec![
            sending(kind.codec, 66, 40, camera),
            sending(Codec::Opus, 20, 22, voice),
            sending(kind.codec, 200, 60, screen),
        ];
        let ahead = Duration::from_secs(chance.below(1_000_000));
        let wide = chance.number() as u16;
        Self {
            client,
            kind,
            tracks,
            ahead,
            wide,
            reports: now,
            keyed: false,
            asked: Vec::new(),
            nacked: 0,
            told: 0,
            sent: 0,
            dismissed: false,
        }
    }

    /// What the worker is told of it.
    pub(crate) fn command(&self) -> Command {
        let wide = (self.kind.feedback == UplinkFeedback::TransportCc).then_some(WIDE);
        let names =
            Extensions { mid: Some(MID), rid: Some(RID), repaired_rid: Some(REPAIRED), ..Extensions::default() };
        let tracks = self.tracks.iter().enumerate().map(|(number, track)| self.track(number, track)).collect();
        Command::Add {
            session: self.client.session,
            credentials: self.client.credentials.clone(),
            extensions: Extensions { transport_cc: wide, ..names },
            role: Role::Publisher { tracks, feedback: self.kind.feedback },
        }
    }

    fn track(&self, number: usize, track: &Sending) -> Track {
        let video = number != VOICE;
        let layers = track.layers.iter().filter(|_| self.kind.named);
        Track {
            video,
            mid: number.to_string().into_bytes(),
            payload_types: payload_types(if video { FIRST_TYPE } else { VOICE_TYPE }, self.kind.repair, video),
            rids: if track.layers.len() == 1 { vec![] } else { RIDS.map(|rid| rid.as_bytes().to_vec()).to_vec() },
            streams: layers.map(|layer| (layer.ssrc, layer.repair_ssrc)).collect(),
            nack: video,
        }
    }

    /// The handshake is over: media may leave.
    pub(crate) fn begin(&mut self, now: Time) {
        self.keyed = true;
        self.reports = now + Duration::from_millis(150);
        self.tracks.iter_mut().for_each(|track| track.next = now);
    }

    /// Its encoder switches a layer of the camera on or off.
    pub(crate) fn switch_layer(&mut self, layer: usize, on: bool) {
        if let Some(layer) = self.tracks[CAMERA].layers.get_mut(layer) {
            layer.key |= on && !layer.on;
            layer.on = on;
        }
    }

    /// Every stream gets another name and other numbers, as when a page begins anew on the same transport.
    pub(crate) fn rename_streams(&mut self, chance: &mut Chance) {
        for layer in self.tracks.iter_mut().flat_map(|track| &mut track.layers) {
            layer.ssrc = chance.number() as u32 | 1 << 20;
            layer.index = chance.below(0x8000);
            layer.zero = chance.number() as u32;
            layer.number += 100_000;
            (layer.packets, layer.octets, layer.key) = (0, 0, true);
            layer.kept.clear();
        }
    }

    /// Every stream gets another name and counts again from a little before.
    pub(crate) fn count_back_renamed(&mut self, packets: u64) {
        for layer in self.tracks.iter_mut().flat_map(|track| &mut track.layers) {
            layer.ssrc += 1;
            layer.index = layer.index.saturating_sub(packets);
            layer.number += 100_000;
            (layer.packets, layer.octets, layer.key) = (0, 0, true);
            layer.kept.clear();
        }
    }

    /// When it wants to be asked again.
    pub(crate) fn next(&self) -> Time {
        let frames = self.tracks.iter().map(|track| track.next);
        if self.keyed { frames.min().expect("it has tracks").min(self.reports) } else { Time::NEVER }
    }

    /// What it sends now.
    pub(crate) fn tick(&mut self, now: Time) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        if !self.keyed {
            return out;
        }
        for track in 0..self.tracks.len() {
            if self.tracks[track].next <= now {
                self.tracks[track].next = now + self.tracks[track].every;
                self.send_frame(track, now, &mut out);
            }
        }
        if self.reports <= now {
            self.reports = now + Duration::from_secs(1);
            out.extend(self.sender_reports(now));
        }
        self.sent += out.len();
        out
    }

    fn send_frame(&mut self, track: usize, now: Time, out: &mut Vec<Vec<u8>>) {
        let captured = now - self.tracks[track].encoding;
        for layer in 0..self.tracks[track].layers.len() {
            if self.tracks[track].layers[layer].on {
                self.send_picture(track, layer, captured, out);
            }
        }
        self.tracks[track].frame += 1;
    }

    fn send_picture(&mut self, track: usize, layer_number: usize, captured: Time, out: &mut Vec<Vec<u8>>) {
        let (codec, frame) = (self.tracks[track].codec, self.tracks[track].frame);
        let layer = &mut self.tracks[track].layers[layer_number];
        let key = std::mem::take(&mut layer.key) && codec.is_video();
        let bytes = if key { layer.key_bytes } else { layer.frame_bytes };
        let parts = bytes.div_ceil(FULL);
        layer.picture = Picture { id: (layer.picture.id + 1) & 0x7fff, tl0: layer.picture.tl0.wrapping_add(1) };
        for part in 0..parts {
            let layer = &mut self.tracks[track].layers[layer_number];
            let tag = Tag {
                publisher: self.client.session.0 as u16,
                track: track as u8,
                layer: layer_number as u8,
                number: layer.number,
                frame,
                part: part as u16,
                key,
                captured,
                length: (bytes / parts).max(60) as u16,
            };
            layer.number += 1;
            let header = Header {
                payload_type: match codec {
                    Codec::Opus => VOICE_TYPE,
                    Codec::Vp8 => FIRST_TYPE,
                    _ => FIRST_TYPE + 2,
                },
                marker: part + 1 == parts,
                sequence: layer.index as u16,
                timestamp: timestamp(layer.zero, codec, captured),
                ssrc: layer.ssrc,
                ..Header::default()
            };
            let (index, payload) = (layer.index, write(&tag, codec, layer.picture));
            layer.index += 1;
            layer.packets = layer.packets.wrapping_add(1);
            layer.octets = layer.octets.wrapping_add(payload.len() as u32);
            let datagram = self.seal(track, layer_number, &header, index, &payload, false);
            let layer = &mut self.tracks[track].layers[layer_number];
            if layer.kept.len() == KEPT {
                layer.kept.pop_front();
            }
            if codec.is_video() {
                layer.kept.push_back((header.sequence, header, payload, datagram.clone()));
            }
            out.push(datagram);
        }
    }

    fn seal(
        &mut self,
        track: usize,
        layer: usize,
        header: &Header,
        index: u64,
        payload: &[u8],
        repair: bool,
    ) -> Vec<u8> {
        let mid = track.to_string();
        let mut extensions: Vec<(u8, &[u8])> = vec![(MID, mid.as_bytes())];
        if self.tracks[track].layers.len() > 1 {
            extensions.push((if repair { REPAIRED } else { RID }, RIDS[layer].as_bytes()));
        }
        let wide = self.wide.to_be_bytes();
        if self.kind.feedback == UplinkFeedback::TransportCc {
            self.wide = self.wide.wrapping_add(1);
            extensions.push((WIDE, &wide));
        }
        let (mut out, length) = packet(header, &extensions, payload);
        self.client.seal(&mut out, length, index);
        out
    }

    fn sender_reports(&mut self, now: Time) -> Option<Vec<u8>> {
        let ntp = (now + self.ahead).ntp();
        let info = |codec, layer: &Layer| SenderInfo {
            ssrc: layer.ssrc,
            ntp,
            rtp: timestamp(layer.zero, codec, now),
            packets: layer.packets,
            octets: layer.octets,
        };
        let tracks = &self.tracks;
        let infos = tracks.iter().flat_map(|track| track.layers.iter().map(|layer| info(track.codec, layer)));
        let infos: Vec<_> = infos.filter(|info| info.packets > 0).collect();
        let write = |writer: &mut Writer<'_>| {
            assert!(infos.iter().all(|info| writer.sender_report(info, &[]).is_ok()), "a few reports fit");
        };
        (!infos.is_empty()).then(|| self.client.reports(write))
    }

    /// Takes what the server sent; gives what it answers.
    pub(crate) fn receive(&mut self, now: Time, datagram: &mut [u8]) -> Vec<Vec<u8>> {
        assert_eq!(classify(datagram), Some(Kind::Rtcp), "a publisher gets nothing but reports");
        let Some(length) = self.client.open_reports(datagram) else { return Vec::new() };
        let (mut lost, mut asked) = (Vec::new(), Vec::new());
        for packet in packets(&datagram[..length]) {
            match packet.expect("the server writes well-formed reports") {
                Packet::Nack { media, lost: sequences, .. } => lost.extend(sequences.map(|sequence| (media, sequence))),
                Packet::Pli { media, .. } => asked.push(media),
                Packet::TransportCc(feedback) => self.told += feedback.arrivals().count(),
                Packet::Bye(_) => self.dismissed = true,
                _ => {}
            }
        }
        for ssrc in asked {
            self.want_keyframe(now, ssrc);
        }
        self.nacked += lost.len();
        let answers: Vec<_> = lost.into_iter().filter_map(|(ssrc, sequence)| self.repair(ssrc, sequence)).collect();
        self.sent += answers.len();
        answers
    }

    fn want_keyframe(&mut self, now: Time, ssrc: u32) {
        for (number, track) in self.tracks.iter_mut().enumerate() {
            for layer in track.layers.iter_mut().filter(|layer| layer.ssrc == ssrc) {
                layer.key = true;
                if self.asked.last() != Some(&(now, number)) {
                    self.asked.push((now, number));
                }
            }
        }
    }

    fn repair(&mut self, ssrc: u32, sequence: u16) -> Option<Vec<u8>> {
        let mut places = self.tracks.iter().enumerate().flat_map(|(track, sending)| {
            sending.layers.iter().enumerate().map(move |(number, layer)| (track, number, layer.ssrc))
        });
        let (track, number, _) = places.find(|place| place.2 == ssrc)?;
        let layer = &mut self.tracks[track].layers[number];
        let (_, header, payload, left) = layer.kept.iter().find(|kept| kept.0 == sequence)?.clone();
        let Some(repair_ssrc) = layer.repair_ssrc else { return Some(left) };
        let index = layer.repair_index;
        layer.repair_index += 1;
        let header =
            Header { ssrc: repair_ssrc, sequence: index as u16, payload_type: header.payload_type + 1, ..header };
        let payload = [&sequence.to_be_bytes()[..], &payload].concat();
        Some(self.seal(track, number, &header, index, &payload, true))
    }
}

fn timestamp(zero: u32, codec: Codec, moment: Time) -> u32 {
    zero.wrapping_add((u128::from(moment.micros()) * u128::from(codec.clock_rate()) / 1_000_000) as u32)
}
