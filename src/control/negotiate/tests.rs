//! Offers as real peers write them, and what must not come of broken ones.

use super::*;
use crate::lesson::{Slot, Source};

const CHROMIUM_PUBLISH: &str = include_str!("../../../tests/fixtures/sdp/chromium-publish.sdp");
const CHROMIUM_ONE_TRACK: &str = include_str!("../../../tests/fixtures/sdp/chromium-one-track.sdp");
const CHROMIUM_WATCH: &str = include_str!("../../../tests/fixtures/sdp/chromium-watch.sdp");
const FIREFOX_WATCH: &str = include_str!("../../../tests/fixtures/sdp/firefox-watch.sdp");
const AIORTC_PUBLISH: &str = include_str!("../../../tests/fixtures/sdp/aiortc-publish.sdp");
const GSTREAMER_PUBLISH: &str = include_str!("../../../tests/fixtures/sdp/gstreamer-publish.sdp");
const OBS_PUBLISH: &str = include_str!("../../../tests/fixtures/sdp/obs-publish.sdp");

const ALL: [&str; 7] = [
    CHROMIUM_PUBLISH,
    CHROMIUM_ONE_TRACK,
    CHROMIUM_WATCH,
    FIREFOX_WATCH,
    AIORTC_PUBLISH,
    GSTREAMER_PUBLISH,
    OBS_PUBLISH,
];

fn local() -> Local {
    let udp = |address: &str| Candidate { address: address.parse().expect("an address"), tcp: false };
    Local {
        ufrag: "ours".to_owned(),
        pwd: "0123456789abcdefghijkl".to_owned(),
        fingerprint: Fingerprint::Sha256([0xab; 32]),
        candidates: vec![
            udp("[2001:db8::1]:7700"),
            udp("192.0.2.1:7700"),
            Candidate { tcp: true, ..udp("192.0.2.1:7700") },
        ],
        session_id: 42,
    }
}

fn published(offer: &str) -> (String, PublishPlan) {
    publish_answer(&read_offer(offer).expect("readable"), &local()).expect("usable")
}

fn watched(offer: &str) -> (String, WatchPlan) {
    let mut ssrcs = 1_000..;
    watch_answer(&read_offer(offer).expect("readable"), &local(), &mut || ssrcs.next().expect("endless"))
        .expect("usable")
}

/// The answer's `n`-th section.
fn section(answer: &str, n: usize) -> Vec<&str> {
    let mut sections = answer.split("m=").skip(1);
    sections.nth(n).expect("as many as were offered").lines().collect()
}

fn numbers(codecs: &[CodecPlan]) -> Vec<(Codec, u8, Option<u8>)> {
    codecs.iter().map(|plan| (plan.codec, plan.payload_type, plan.rtx)).collect()
}

#[test]
fn a_chromium_teacher_publishes_voice_camera_in_layers_and_screen() {
    let (answer, plan) = published(CHROMIUM_PUBLISH);
    let sources: Vec<_> = plan.tracks.iter().map(|track| (track.source, track.mid.as_str())).collect();
    assert_eq!(sources, [(Source::Voice, "0"), (Source::Camera, "1"), (Source::Screen, "2")]);
    let [voice, camera, screen] = plan.tracks.as_slice() else { unreachable!() };
    assert_eq!(numbers(&voice.codecs), [(Codec::Opus, 111, None)]);
    assert_eq!(voice.audio_level_extension, Some(1));
    assert_eq!(camera.rids, ["q", "h", "f"]);
    assert!(camera.ssrcs.is_empty());
    assert_eq!((camera.mid_extension, camera.rid_extension, camera.rrid_extension), (Some(4), Some(10), Some(11)));
    assert_eq!(screen.ssrcs, [(326_323_313, Some(2_837_483_884))]);
    for track in &plan.tracks {
        assert!(track.transport_cc && !track.remb);
        assert_eq!((track.transport_cc_extension, track.abs_send_time_extension), (Some(3), None));
    }
    assert!(answer.contains("a=group:BUNDLE 0 1 2\r\n") && answer.contains("a=ice-lite\r\n"));
    let camera = section(&answer, 1);
    for line in
        ["a=setup:passive", "a=recvonly", "a=rid:h recv", "a=simulcast:recv q;h;f", "a=rtcp-fb:102 transport-cc"]
    {
        assert!(camera.contains(&line), "{line}");
    }
    assert!(!answer.contains("goog-remb"));
}

#[test]
fn baseline_h264_comes_first_and_single_packet_h264_not_at_all() {
    let (answer, plan) = published(CHROMIUM_PUBLISH);
    let expected = [
        (Codec::H264, 102, Some(103)),
        (Codec::H264, 108, Some(109)),
        (Codec::H264, 116, Some(117)),
        (Codec::Vp8, 96, Some(97)),
        (Codec::Vp9, 98, Some(99)),
        (Codec::Av1, 45, Some(46)),
    ];
    assert_eq!(numbers(&plan.tracks[1].codecs), expected);
    assert_eq!(section(&answer, 1)[0], "video 9 UDP/TLS/RTP/SAVPF 102 103 108 109 116 117 96 97 98 99 45 46");
    assert!(section(&answer, 0).contains(&"a=fmtp:111 minptime=10;useinbandfec=1"));
}

#[test]
fn a_room_gets_slots_with_ssrcs_and_one_stream_for_camera_and_voice() {
    let (answer, plan) = watched(CHROMIUM_WATCH);
    let slots: Vec<_> =
        plan.slots.iter().map(|slot| (slot.name.as_str(), slot.mid.as_str(), slot.ssrc, slot.rtx_ssrc)).collect();
    let expected =
        [("camera", "0", 1_000, Some(1_001)), ("screen", "1", 1_002, Some(1_003)), ("voice", "2", 1_004, None)];
    assert_eq!(slots, expected);
    let (camera, screen, voice) = (section(&answer, 0), section(&answer, 1), section(&answer, 2));
    for line in ["a=sendonly", "a=msid:lesson camera", "a=ssrc-group:FID 1000 1001", "a=ssrc:1000 cname:tongke"] {
        assert!(camera.contains(&line), "{line}");
    }
    assert!(voice.contains(&"a=msid:lesson voice") && screen.contains(&"a=msid:screen screen"));
    assert!(camera.contains(&"a=rtcp-fb:102 goog-remb"));
    assert!(plan.slots[0].remb && plan.slots[0].abs_send_time_extension.is_some());
    assert!(!answer.contains("transport"), "there is no sender's estimator yet");
}

#[test]
fn a_plain_player_has_a_picture_and_a_voice() {
    let (_, plan) = watched(FIREFOX_WATCH);
    let names: Vec<_> = plan.slots.iter().map(|slot| slot.name).collect();
    assert_eq!(names, [Slot::Voice, Slot::Picture]);
    let expected = [(Codec::H264, 126, Some(127)), (Codec::Vp8, 120, Some(124)), (Codec::Vp9, 121, Some(125))];
    assert_eq!(numbers(&plan.slots[1].codecs), expected);
}

#[test]
fn a_peer_without_transport_cc_gets_remb() {
    let (answer, plan) = published(AIORTC_PUBLISH);
    let camera = &plan.tracks[1];
    assert!(camera.remb && !camera.transport_cc);
    assert_eq!(camera.abs_send_time_extension, Some(3));
    assert!(section(&answer, 1).contains(&"a=rtcp-fb:99 goog-remb"));
    assert_eq!(camera.ssrcs, [(2_401_098_765, Some(3_120_987_654))]);
    assert!(section(&answer, 0).contains(&"a=fmtp:96 minptime=10;useinbandfec=1"), "Opus repairs itself");
}

#[test]
fn encoders_publish_camera_and_voice() {
    for (offer, mids) in [(GSTREAMER_PUBLISH, ["video0", "audio1"]), (OBS_PUBLISH, ["1", "0"])] {
        let (_, plan) = published(offer);
        let mid_of = |source| plan.tracks.iter().find(|track| track.source == source).map(|track| track.mid.as_str());
        assert_eq!([mid_of(Source::Camera), mid_of(Source::Voice)], mids.map(Some));
        assert!(plan.tracks.iter().all(|track| track.codecs.len() == 1 && track.ssrcs.len() == 1));
    }
}

#[test]
fn one_track_is_enough() {
    let (answer, plan) = published(CHROMIUM_ONE_TRACK);
    assert_eq!(plan.tracks.len(), 1);
    assert!(answer.contains("a=group:BUNDLE 0\r\n"));
}

#[test]
fn bare_line_feeds_are_as_good() {
    for offer in ALL {
        assert_eq!(
            read_offer(&offer.replace("\r\n", "\n")),
            read_offer(&offer.replace("\r\n", "\n").replace('\n', "\r\n"))
        );
        assert!(read_offer(&offer.replace("\r\n", "\n")).is_ok());
    }
}

#[test]
fn candidates_are_written_once_and_udp_comes_before_tcp() {
    let (answer, _) = published(CHROMIUM_PUBLISH);
    let candidates: Vec<_> = answer.lines().filter_map(|line| line.strip_prefix("a=candidate:")).collect();
    let expected = [
        "1 1 udp 2130706431 2001:db8::1 7700 typ host",
        "2 1 udp 2130706175 192.0.2.1 7700 typ host",
        "3 1 tcp 1520434687 192.0.2.1 7700 typ host tcptype passive",
    ];
    assert_eq!(candidates, expected);
    assert!(section(&answer, 0).contains(&"a=end-of-candidates"));
}

#[test]
fn a_section_for_which_there_is_no_use_is_refused_and_leaves_the_bundle() {
    let voice_back = CHROMIUM_PUBLISH.replacen("a=sendonly", "a=recvonly", 1);
    let (answer, plan) = published(&voice_back);
    assert_eq!(plan.tracks.len(), 2);
    assert!(section(&answer, 0)[0].starts_with("audio 0 "));
    assert!(section(&answer, 0).contains(&"a=inactive"));
    assert!(answer.contains("a=group:BUNDLE 1 2\r\n"));
    assert!(section(&answer, 1).contains(&"a=end-of-candidates"), "the first that is left has the candidates");
}

#[test]
fn an_unusable_offer_is_told_where_it_fails() {
    let no_mux = CHROMIUM_PUBLISH.replacen("a=rtcp-mux\r\n", "", 1);
    let passive = CHROMIUM_PUBLISH.replace("actpass", "passive");
    let weak = CHROMIUM_PUBLISH.replace("sha-256", "sha-1");
    for (offer, said) in [
        (
            CHROMIUM_PUBLISH.replace("BUNDLE 0 1 2", "BUNDLE 0 1"),
            "section 3: it is not in a=group:BUNDLE, and all must be",
        ),
        (no_mux, "section 1: a=rtcp-mux is missing"),
        (passive, "it wants to be the DTLS server (a=setup:passive), and so do we"),
        (weak, "a=fingerprint: its hash is none of sha-256, sha-384, sha-512"),
        (CHROMIUM_PUBLISH.replace("a=ice-ufrag", "a=x"), "it has no a=ice-ufrag"),
    ] {
        assert_eq!(read_offer(&offer), Err(OfferFault::Unusable(said.to_owned())));
    }
    let watch = read_offer(CHROMIUM_WATCH).expect("readable");
    assert!(matches!(publish_answer(&watch, &local()), Err(OfferFault::Unusable(_))));
}

#[test]
fn what_is_too_much_or_no_sdp_is_unreadable() {
    let many_sections = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(65);
    let many_extensions = "a=extmap:1 x\r\n".repeat(33);
    for offer in [
        String::new(),
        "hello".to_owned(),
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n".to_owned(),
        format!("{CHROMIUM_PUBLISH}{many_sections}"),
        format!("{CHROMIUM_PUBLISH}{many_extensions}"),
        format!("{CHROMIUM_PUBLISH}a=x:{}\r\n", "x".repeat(64 * 1024)),
        CHROMIUM_PUBLISH.replace("a=mid:2", "a=mid:1"),
        CHROMIUM_PUBLISH.replace("a=mid:2", "a=mid:a\rb"),
        CHROMIUM_PUBLISH.replace("a=rid:q send", "a=rid:q;h send"),
    ] {
        assert!(matches!(read_offer(&offer), Err(OfferFault::Unreadable(_))), "{}", offer.len());
    }
}

#[test]
fn a_fragment_tells_a_restart_from_a_candidate() {
    let text = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n\
                a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n";
    let fragment = read_fragment(text).expect("readable");
    assert_eq!(fragment.ufrag.as_deref(), Some("EsAw"));
    assert_eq!(fragment.pwd.as_deref(), Some("P2uYro0UCOQ4zxjKXaWCBui1"));
    assert_eq!(read_fragment("a=candidate:x\n"), Ok(Fragment::default()));
    assert!(read_fragment("{}").is_err() && read_fragment("a=ice-ufrag:x\r\n").is_err());
    assert!(read_fragment(&format!("{text}a=ice-ufrag:Other\r\n")).is_err());
    let ours = write_fragment(&local(), "0");
    let expected = Fragment { ufrag: Some(local().ufrag), pwd: Some(local().pwd) };
    assert_eq!(read_fragment(&ours), Ok(expected));
    assert_eq!(ours.matches("a=candidate:").count(), 3);
}

#[test]
fn damaged_offers_are_refused_or_answered_as_planned() {
    let mut state = 1_u64;
    let mut below = move |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % limit
    };
    for _ in 0..4_000 {
        let mut lines: Vec<Vec<u8>> = ALL[below(ALL.len())].lines().map(|line| line.as_bytes().to_vec()).collect();
        for _ in 0..=below(4) {
            let (n, other) = (below(lines.len()), below(lines.len()));
            match below(5) {
                0 => lines.swap(n, other),
                1 => drop(lines.remove(n)),
                2 => lines.insert(n, lines[other].clone()),
                3 => lines[n].truncate(below(40)),
                _ if lines[n].is_empty() => {}
                _ => {
                    let place = below(lines[n].len());
                    lines[n][place] = below(256).to_le_bytes()[0];
                }
            }
        }
        fuzz_sdp(&lines.join(&b"\r\n"[..]));
    }
}
