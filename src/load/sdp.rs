//! Offers of publishers and watchers, and what the server's answers say.

use std::fmt::Write as _;
use std::net::SocketAddrV4;

use super::fault::Fault;
use crate::control::handshake::Fingerprint;
use crate::control::negotiate::{Kind, read_offer};
use crate::wire::codec::Codec;
use crate::wire::rtp_ext::{ABS_SEND_TIME, AUDIO_LEVEL, TRANSPORT_CC};

/// Our side of ICE. Nobody checks us: the server is ICE-lite and only answers (RFC 8445 §2.5).
pub(super) const UFRAG: &str = "load";
const PWD: &str = "nobody-checks-this-side";

/// Payload types.
pub(super) const OPUS: u8 = 111;
pub(super) const VIDEO: u8 = 102;
pub(super) const VIDEO_REPAIR: u8 = 103;

/// Numbers of header extensions.
pub(super) const EXT_LEVEL: u8 = 1;
pub(super) const EXT_SEND_TIME: u8 = 2;
pub(super) const EXT_WIDE: u8 = 3;

/// SSRCs of a publisher: it has a transport of its own, so all may have the same.
pub(super) const VOICE_SSRC: u32 = 0x0107_0001;
pub(super) const CAMERA_SSRC: u32 = 0x0107_0002;

/// What is offered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Media {
    pub(super) fingerprint: Fingerprint,
    /// What pictures are in; none for sound alone.
    pub(super) codec: Option<Codec>,
    /// Whether there is sound.
    pub(super) voice: bool,
}

/// A publisher's offer: voice, and camera.
pub(super) fn publish_offer(media: Media) -> String {
    let mut sdp = head(media);
    if media.voice {
        section(&mut sdp, "audio", "0", &[OPUS], media, "sendonly");
        lines(&mut sdp, &opus_lines());
        let _infallible = write!(sdp, "a=extmap:{EXT_LEVEL} {AUDIO_LEVEL}\r\na=extmap:{EXT_WIDE} {TRANSPORT_CC}\r\n");
        let _infallible = write!(sdp, "a=ssrc:{VOICE_SSRC} cname:load\r\n");
    }
    if let Some(codec) = media.codec {
        section(&mut sdp, "video", "1", &[VIDEO], media, "sendonly");
        lines(&mut sdp, &video_lines(codec));
        let _infallible = write!(sdp, "a=extmap:{EXT_WIDE} {TRANSPORT_CC}\r\na=ssrc:{CAMERA_SSRC} cname:load\r\n");
    }
    sdp
}

/// A watcher's offer: one voice, and one picture, with repair as browsers have it.
pub(super) fn watch_offer(media: Media) -> String {
    let mut sdp = head(media);
    if media.voice {
        section(&mut sdp, "audio", "0", &[OPUS], media, "recvonly");
        lines(&mut sdp, &opus_lines());
        let _infallible = write!(sdp, "a=extmap:{EXT_WIDE} {TRANSPORT_CC}\r\n");
    }
    if let Some(codec) = media.codec {
        section(&mut sdp, "video", "1", &[VIDEO, VIDEO_REPAIR], media, "recvonly");
        lines(&mut sdp, &video_lines(codec));
        let _infallible = write!(sdp, "a=rtpmap:{VIDEO_REPAIR} rtx/90000\r\na=fmtp:{VIDEO_REPAIR} apt={VIDEO}\r\n");
        let _infallible = write!(sdp, "a=rtcp-fb:{VIDEO} goog-remb\r\na=extmap:{EXT_SEND_TIME} {ABS_SEND_TIME}\r\n");
        let _infallible = write!(sdp, "a=extmap:{EXT_WIDE} {TRANSPORT_CC}\r\n");
    }
    sdp
}

fn head(media: Media) -> String {
    let mids = match (media.voice, media.codec.is_some()) {
        (true, true) => "0 1",
        (false, true) => "1",
        (_, false) => "0",
    };
    format!("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\n")
}

fn section(sdp: &mut String, kind: &str, mid: &str, numbers: &[u8], media: Media, direction: &str) {
    let numbers: Vec<_> = numbers.iter().map(u8::to_string).collect();
    let _infallible = write!(
        sdp,
        "m={kind} 9 UDP/TLS/RTP/SAVPF {}\r\nc=IN IP4 0.0.0.0\r\na=setup:actpass\r\na=ice-ufrag:{UFRAG}\r\n\
         a=ice-pwd:{PWD}\r\na=fingerprint:{}\r\na=mid:{mid}\r\na=rtcp-mux\r\na=rtcp-rsize\r\na={direction}\r\n",
        numbers.join(" "),
        media.fingerprint
    );
}

fn opus_lines() -> [String; 3] {
    [
        format!("rtpmap:{OPUS} opus/48000/2"),
        format!("fmtp:{OPUS} minptime=10;useinbandfec=1"),
        format!("rtcp-fb:{OPUS} transport-cc"),
    ]
}

fn video_lines(codec: Codec) -> Vec<String> {
    let mut lines = vec![format!("rtpmap:{VIDEO} {}/90000", codec.sdp_name())];
    if codec == Codec::H264 {
        let parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
        lines.push(format!("fmtp:{VIDEO} {parameters}"));
    }
    let feedback = ["nack", "nack pli", "ccm fir", "transport-cc"];
    lines.extend(feedback.map(|feedback| format!("rtcp-fb:{VIDEO} {feedback}")));
    lines
}

fn lines(sdp: &mut String, lines: &[String]) {
    for line in lines {
        let _infallible = write!(sdp, "a={line}\r\n");
    }
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) ufrag: String,
    pub(super) pwd: String,
    pub(super) fingerprint: Fingerprint,
    /// Where the server takes datagrams.
    pub(super) server: SocketAddrV4,
    /// The server's streams, voice first: each with that of its repairs.
    pub(super) streams: Vec<(Kind, u32, Option<u32>)>,
    /// Whether each packet of ours is numbered for the server's estimator.
    pub(super) wide: bool,
    /// Whether the server wants to hear what our line carries.
    pub(super) remb: bool,
}

impl Answer {
    /// Reads an answer of this server.
    pub(super) fn read(sdp: &str) -> Result<Self, Fault> {
        // An answer is written as an offer is, but that it has chosen who begins the handshake: we.
        let read = read_offer(&sdp.replace("a=setup:passive", "a=setup:actpass"))
            .map_err(|fault| Fault::Unreadable(fault.to_string()))?;
        let streams = read.sections.iter().filter(|section| !section.refused);
        let streams = streams.filter_map(|section| {
            let (ssrc, repair) = *section.ssrcs.first()?;
            Some((section.kind, ssrc, repair))
        });
        Ok(Self {
            server: candidate(sdp).ok_or(Fault::NotHere)?,
            streams: streams.collect(),
            wide: read.sections.iter().any(|section| section.extension(TRANSPORT_CC).is_some()),
            remb: sdp.contains(" goog-remb"),
            ufrag: read.ufrag,
            pwd: read.pwd,
            fingerprint: read.fingerprint,
        })
    }
}

/// The first UDP candidate on a loopback IPv4 address (RFC 8839 §5.1).
fn candidate(sdp: &str) -> Option<SocketAddrV4> {
    let candidates = sdp.lines().filter_map(|line| line.trim_end().strip_prefix("a=candidate:"));
    let mut addresses = candidates.filter_map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
        [_, _, "udp", _, ip, port, ..] => Some(SocketAddrV4::new(ip.parse().ok()?, port.parse().ok()?)),
        _ => None,
    });
    addresses.find(|address| address.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::negotiate::{Candidate, Local, publish_answer, watch_answer};

    fn media(codec: Option<Codec>) -> Media {
        Media { fingerprint: Fingerprint::sha256(b"ours"), codec, voice: true }
    }

    fn local() -> Local {
        let address = |text: &str, tcp| Candidate { address: text.parse().unwrap(), tcp };
        Local {
            ufrag: "theirs".into(),
            pwd: "twenty-two-characters-at-least".into(),
            fingerprint: Fingerprint::sha256(b"theirs"),
            candidates: vec![
                address("127.0.0.1:7700", true),
                address("[::1]:7701", false),
                address("192.0.2.1:7702", false),
                address("127.0.0.1:7703", false),
            ],
            session_id: 1,
        }
    }

    #[test]
    fn a_picture_alone_is_offered_alone() {
        let media = Media { voice: false, ..media(Some(Codec::Vp8)) };
        let (_, plan) = publish_answer(&read_offer(&publish_offer(media)).unwrap(), &local()).unwrap();
        assert_eq!(plan.tracks.iter().map(|track| track.ssrcs[0].0).collect::<Vec<_>>(), [CAMERA_SSRC]);
        let mut ssrcs = 41..;
        let mut next = || ssrcs.next().unwrap();
        let (sdp, _) = watch_answer(&read_offer(&watch_offer(media)).unwrap(), &local(), &mut next).unwrap();
        assert_eq!(Answer::read(&sdp).unwrap().streams, [(Kind::Video, 41, Some(42))]);
    }

    #[test]
    fn the_server_answers_what_is_offered_and_the_answer_is_read() {
        for codec in [Some(Codec::H264), Some(Codec::Vp8), None] {
            let offer = read_offer(&publish_offer(media(codec))).unwrap();
            let (sdp, plan) = publish_answer(&offer, &local()).unwrap();
            assert_eq!(plan.tracks.len(), 1 + usize::from(codec.is_some()));
            assert_eq!(plan.tracks[0].ssrcs, [(VOICE_SSRC, None)]);
            let answer = Answer::read(&sdp).unwrap();
            assert_eq!((answer.server, answer.wide), ("127.0.0.1:7703".parse().unwrap(), true));
            assert_eq!((answer.ufrag.as_str(), answer.fingerprint), ("theirs", Fingerprint::sha256(b"theirs")));

            let offer = read_offer(&watch_offer(media(codec))).unwrap();
            let mut next = 40;
            let (sdp, plan) = watch_answer(&offer, &local(), &mut || {
                next += 1;
                next
            })
            .unwrap();
            let answer = Answer::read(&sdp).unwrap();
            assert_eq!(plan.slots.len(), answer.streams.len());
            assert_eq!(answer.streams[0], (Kind::Audio, 41, None));
            if let Some(codec) = codec {
                assert_eq!(plan.slots[1].codecs[0].codec, codec);
                assert_eq!((answer.streams[1], answer.remb), ((Kind::Video, 42, Some(43)), true));
            }
        }
    }

    #[test]
    fn an_answer_without_an_address_here_is_refused() {
        let offer = read_offer(&watch_offer(media(None))).unwrap();
        let far = Local { candidates: local().candidates[..3].to_vec(), ..local() };
        let (sdp, _) = watch_answer(&offer, &far, &mut || 7).unwrap();
        assert!(matches!(Answer::read(&sdp), Err(Fault::NotHere)));
        assert!(matches!(Answer::read("rubbish"), Err(Fault::Unreadable(_))));
    }
}
