//! The corpus again, changed a little, and plain chance: the same bodies without a fuzzer.

use std::fs;
use std::path::{Path, PathBuf};

use super::{TARGETS, stun};
use crate::base::time::Time;
use crate::wire::rtcp::{Block, SenderInfo, Writer};
use crate::wire::{rtp, rtp_ext, twcc};

/// Numbers by chance, the same ones every time (Marsaglia's xorshift).
struct Chance(u64);

impl Chance {
    fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() >> 16).expect("64 bits") % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.number().to_be_bytes()[3]
    }

    /// Up to 160 bytes, half of the time with a start that leads somewhere.
    fn bytes(&mut self) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..self.below(160)).map(|_| self.byte()).collect();
        let starts: [&[u8]; 7] = [
            &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42],
            &[0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 2],
            &[0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0x00, 0, 2],
            &[0x81, 201, 0, 7],
            &[0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 4],
            &[0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, b'R', b'E', b'M', b'B'],
            &[0x81, 205, 0, 4],
        ];
        if self.number() & 0x1_0000 != 0 {
            let start = starts[self.below(starts.len())];
            bytes.splice(..start.len().min(bytes.len()), start.iter().copied());
        }
        bytes
    }

    /// The seed with a few bytes changed, cut, doubled or added.
    fn mutated(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.byte()),
                2 if !bytes.is_empty() => _ = bytes.remove(at),
                3 => bytes.extend_from_within(at..),
                4 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                _ if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
            bytes.truncate(4_096);
        }
        bytes
    }
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn read_corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = fs::read_dir(corpus(target)).expect("every target has a corpus");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a readable seed")).collect()
}

/// A worker is made, fed and emptied for each datagram, a whole plan for each sheet, and one for each command.
fn rounds(target: &str) -> usize {
    match target {
        "datagram" => 500,
        "sheets" => 200,
        "plan" => 100,
        _ => 20_000,
    }
}

#[test]
fn everything_holds_for_the_corpus_and_what_is_like_it() {
    let mut chance = Chance(0x7064_6b65);
    for (name, target) in TARGETS {
        let seeds = read_corpus(name);
        assert!(!seeds.is_empty(), "{name} has a seed");
        for seed in seeds {
            target(&seed);
            for _ in 0..rounds(name) {
                target(&chance.mutated(&seed));
            }
        }
    }
}

#[test]
fn everything_holds_for_plain_chance() {
    let mut chance = Chance(0x6b65_7064);
    for (name, target) in TARGETS {
        for _ in 0..5 * rounds(name) {
            target(&chance.bytes());
        }
    }
}

#[test]
fn the_corpus_holds_a_packet_of_every_kind() {
    for (target, name, bytes) in seeds() {
        let found = fs::read(corpus(target).join(name)).unwrap_or_default();
        assert!(found == bytes, "{target}/{name}: run the ignored test `writes_the_corpus`");
    }
}

#[test]
#[ignore = "writes files; for when a seed is added"]
fn writes_the_corpus() {
    for (target, name, bytes) in seeds() {
        fs::create_dir_all(corpus(target)).expect("a writable folder");
        fs::write(corpus(target).join(name), bytes).expect("a writable folder");
    }
}

/// Small valid sheets: file name, number of the kind, content.
const SHEETS: [(&str, u8, &str); 4] = [
    ("schools", 1, "编号,名称,类型,学区\ns-1,一校,牵头校,\n"),
    ("pairings", 5, "id,lead,member,kind,from,until\np,lead-01,member-001,network,2026-09-01,2027-07-01\n"),
    (
        "timetable",
        9,
        "编号,学期,星期,节次,单双周,起始周,结束周,课题,学科,教师,牵头校,主讲教室,听讲教室\nw,term-1,周六,1,单周,2,9,光,科学,teacher-01-0,lead-01,,member-001-1、member-002-1\n",
    ),
    (
        "changes",
        10,
        "课程编号,日期,变动,调至日期,调至节次,代课教师,原因\nw-01-1-1,2026-09-07,调课,2026-09-12,6,,教研\n",
    ),
];

/// Changes of a plan, in the bytes of `fuzzing/plan.rs`.
const PLANS: [(&str, &[[u8; 8]]); 3] = [
    // A lesson is moved, another one cancelled, and both restored.
    (
        "one_lesson",
        &[[4, 0, 0, 2, 2, 0, 0, 0], [6, 0, 7, 0, 0, 0, 0, 0], [7, 0, 0, 0, 0, 0, 0, 0], [7, 0, 7, 0, 0, 0, 0, 0]],
    ),
    // A second weekly lesson, in another period and by another teacher; then it ends.
    ("a_weekly_lesson", &[[0, 9, 1, 9, 0, 0, 1, 0], [3, 1, 9, 14, 0, 0, 0, 0]]),
    // A district, a school in it, and its own bells for a day.
    (
        "a_district",
        &[[0, 0, 0, 0, 0, 0, 0, 0], [2, 1, 0, 1, 0, 0, 0, 0], [8, 138, 9, 1, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0, 0, 0]],
    ),
];

/// Small valid packets: target, file name, content.
fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (name, bytes) in media() {
        seeds.push(("rtp", name, bytes));
    }
    for (name, bytes) in reports() {
        seeds.push(("rtcp", name, bytes));
    }
    for (name, bytes) in checks() {
        seeds.push(("stun", name, bytes));
    }
    for (name, bytes) in [media(), reports(), checks()].into_iter().filter_map(|mut list| list.pop()) {
        seeds.push(("datagram", name, bytes));
    }
    seeds.push(("sdp", "offer", OFFER.replace('\n', "\r\n").into_bytes()));
    for (name, commands) in PLANS {
        seeds.push(("plan", name, commands.concat()));
    }
    for (name, kind, text) in SHEETS {
        seeds.push(("sheets", name, [&[kind], text.as_bytes()].concat()));
    }
    seeds
}

const OFFER: &str = "v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF
a=setup:actpass
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
";

type Seed = (&'static str, Vec<u8>);

fn media() -> Vec<Seed> {
    let packet = |name, wide: bool, payload: &[u8]| {
        let mut out = [0; 200];
        let header = rtp::Header {
            payload_type: 96,
            marker: true,
            sequence: 65_535,
            timestamp: 90_000,
            ssrc: 7,
            extension: Some(rtp::Extension::default()),
            ..rtp::Header::default()
        };
        rtp::write_fixed(out.first_chunk_mut().expect("200 bytes"), &header);
        let mut block = rtp_ext::Writer::new(&mut out[rtp::FIXED_BYTES..]);
        assert!(block.element(3, &[0x12, 0x34]) && block.element(1, b"0"));
        assert!(!wide || block.element(20, b""));
        let start = rtp::FIXED_BYTES + block.finish();
        out[start..start + payload.len()].copy_from_slice(payload);
        (name, out[..start + payload.len()].to_vec())
    };
    vec![
        packet("opus", false, &[0x78, 1, 2, 3]),
        packet("h264_aggregate", false, &[0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 2, 0x68, 0xce, 0, 2, 0x65, 0x88]),
        packet("h264_fragment", false, &[0x7c, 0x85, 0x88, 0x84]),
        packet("vp8", false, &[0x90, 0xe0, 0x92, 0x34, 7, 0x60, 0x10, 2, 0, 0x9d, 1, 0x2a]),
        packet("vp9", true, &[0x0a, 0x38, 1, 2, 3, 4, 5, 6, 7, 8, 2, 0x04, 1, 0x08, 1, 2, 0x82]),
        packet("av1", true, &[0x18, 0x0a, 0x0b, 0, 0]),
    ]
}

fn reports() -> Vec<Seed> {
    let compound = |name, write: fn(&mut Writer<'_>)| {
        let mut out = [0; 400];
        let mut writer = Writer::new(&mut out);
        write(&mut writer);
        let length = writer.finish();
        (name, out[..length].to_vec())
    };
    let arrivals = |step: u64| (step % 5 != 2).then(|| Time::from_micros(64_000_000 + step * step * 2_750));
    vec![
        compound("sender_report", |writer| {
            let info = SenderInfo { ssrc: 1, ntp: 2 << 32, rtp: 3, packets: 4, octets: 5 };
            let written = writer.sender_report(&info, &[Block { ssrc: 9, cumulative_lost: -1, ..Block::default() }]);
            assert!(written.and_then(|()| writer.cname(1, "tongke")).and_then(|()| writer.bye(&[1])).is_ok());
        }),
        compound("nack", |writer| assert_eq!(writer.nack(1, 2, [65_530, 65_535, 3, 900]), 4)),
        compound("keyframe", |writer| assert!(writer.pli(1, 2).and_then(|()| writer.fir(1, 2, 3)).is_ok())),
        compound("bandwidth", |writer| assert!(writer.remb(1, 2_500_000, &[5, 6]).is_ok())),
        ("transport_cc", {
            let mut out = [0; 400];
            let mut writer = Writer::new(&mut out);
            assert_eq!(twcc::write(&mut writer, 1, 2, 3, 65_530, (0..40).map(arrivals)), 40);
            let length = writer.finish();
            out[..length].to_vec()
        }),
    ]
}

fn checks() -> Vec<Seed> {
    use crate::wire::stun::{write_binding_error, write_binding_request, write_binding_success};
    let transaction = b"transaction!";
    let message = |name, write: &dyn Fn(&mut [u8]) -> Option<usize>| {
        let mut out = [0; 200];
        let length = write(&mut out).expect("200 bytes are enough");
        (name, out[..length].to_vec())
    };
    let from = ([192, 0, 2, 7], 40_000).into();
    vec![
        message("success", &|out| write_binding_success(out, transaction, from, stun::PASSWORD)),
        message("error", &|out| write_binding_error(out, transaction, 487, None)),
        message("request", &|out| write_binding_request(out, transaction, b"a:b", stun::PASSWORD, true, 5, 6)),
    ]
}
