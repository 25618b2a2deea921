//! What it costs to get a sealed packet out of the machine, and how near a media thread comes to the least.
//!
//! `cargo bench --bench send` prints a table: microseconds of processor time a packet, sealed and sent to 200 loopback
//! sockets. The floors are AES-128-GCM, a copy and the kernel's calls alone, packet by packet and in runs (UDP_SEGMENT);
//! below them a real media thread that forwards a picture of four packets a frame (with its runs as the kernel takes them,
//! and one by one), and its ratio to the floor with runs of the same length. The receivers only throw away.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use tongke::base::limits::BATCH;
use tongke::io::pool::{self, MediaPort, PoolPlan};
use tongke::io::socket::{Sockets, Wishes};
use tongke::sfu::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, UplinkFeedback};
use tongke::sfu::counters::Count;
use tongke::sfu::outbox::{Outbox, Run};
use tongke::sfu::road::Road;
use tongke::wire::rtp::{FIXED_BYTES, Header};

#[expect(dead_code, reason = "shared with the simulator")]
#[path = "../tests/sim/client.rs"]
mod client;

use client::{Client, packet, payload_types};

const ROOMS: usize = 200;
const PAYLOAD: usize = 1_100;
/// Packets a run of a floor.
const SENT: usize = 40_000;
const RUNS: usize = 7;
/// Packets of a frame.
const FRAME: usize = 4;
const FRAMES: u32 = 300;
const FRAME_EVERY: Duration = Duration::from_millis(10);
const WISHES: Wishes = Wishes { receive_bytes: 4 << 20, send_bytes: 4 << 20, offload: true };
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn main() -> io::Result<()> {
    let rooms = Rooms::open()?;
    println!("{:<44} {:>12} {:>8}", "200 rooms, 1,100 bytes", "µs a packet", "ratio");
    let seal = median(|| floor(&rooms, 0));
    row("sealed and copied, not sent", seal, None);
    row("one sendto each", median(|| one_by_one(&rooms)), None);
    let mut four = 0.0;
    for length in [1, 2, 4, 8, 16] {
        let cost = median(|| floor(&rooms, length));
        row(&format!("sendmmsg, runs of {length}"), cost, None);
        if length == FRAME {
            four = cost;
        }
    }
    for (offload, name) in [(true, "a media thread, frames of 4"), (false, "the same without UDP_SEGMENT and UDP_GRO")]
    {
        let cost = media_thread(&rooms, offload)?;
        row(name, cost, Some(cost / four));
    }
    Ok(())
}

fn row(name: &str, cost: f64, ratio: Option<f64>) {
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
    println!("{name:<44} {cost:>12.2} {ratio:>8}");
}

fn median(mut run: impl FnMut() -> f64) -> f64 {
    let mut costs: Vec<_> = (0..RUNS).map(|_| run()).collect();
    costs.sort_by(f64::total_cmp);
    costs[RUNS / 2]
}

/// Processor time of the thread of this process that has this name, or of the calling one.
fn cpu_time(name: Option<&str>) -> Duration {
    let mut total = 0;
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux has it");
    let own = std::fs::read_link("/proc/thread-self").expect("Linux has it");
    for task in tasks.flatten() {
        let comm = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let meant = name.map_or_else(|| own.ends_with(task.file_name()), |name| comm.trim() == name);
        if meant {
            let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            total += stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
        }
    }
    Duration::from_nanos(total)
}

fn micros_per_packet(time: Duration, packets: usize) -> f64 {
    time.as_secs_f64() * 1e6 / packets as f64
}

/// Sockets of rooms, and a thread that throws away what comes to them.
struct Rooms {
    sockets: Vec<Arc<UdpSocket>>,
    addresses: Vec<SocketAddr>,
    over: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Rooms {
    fn open() -> io::Result<Self> {
        let sockets = (0..ROOMS).map(|_| UdpSocket::bind((HERE, 0)).map(Arc::new)).collect::<io::Result<Vec<_>>>()?;
        sockets.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
        let addresses = sockets.iter().map(|socket| socket.local_addr()).collect::<io::Result<_>>()?;
        let (over, read) = (Arc::new(AtomicBool::new(false)), sockets.clone());
        let reader = std::thread::spawn({
            let over = over.clone();
            move || throw_away(&read, &over)
        });
        Ok(Self { sockets, addresses, over, reader: Some(reader) })
    }
}

impl Drop for Rooms {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        let _ended = self.reader.take().map(JoinHandle::join);
    }
}

fn throw_away(sockets: &[Arc<UdpSocket>], over: &AtomicBool) {
    let mut bytes = [0; 2_048];
    while !over.load(Relaxed) {
        let mut idle = true;
        for socket in sockets {
            while socket.recv(&mut bytes).is_ok() {
                idle = false;
            }
        }
        if idle {
            sleep(Duration::from_millis(1));
        }
    }
}

/// Seals packets as every server must.
struct Mill {
    key: LessSafeKey,
    number: u64,
}

impl Mill {
    fn new() -> Self {
        Self { key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("16 bytes")), number: 0 }
    }

    /// Writes the next packet; gives its length.
    fn seal(&mut self, slot: &mut [u8]) -> usize {
        let (head, rest) = slot.split_at_mut(FIXED_BYTES);
        head.fill(0x80);
        let (body, rest) = rest.split_at_mut(PAYLOAD);
        body.fill(7);
        self.number += 1;
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.number.to_be_bytes());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(&*head), body).expect("a short packet");
        rest[..16].copy_from_slice(tag.as_ref());
        FIXED_BYTES + PAYLOAD + 16
    }
}

fn sender() -> Sockets {
    Sockets::bind(HERE, 0, WISHES).expect("a free port")
}

/// Seals and sends runs of `length` to each room in turn; length 0 sends nothing.
fn floor(rooms: &Rooms, length: usize) -> f64 {
    let (mut mill, mut outbox, sockets) = (Mill::new(), Outbox::new(128), sender());
    let (mut sent, mut room) = (0, 0);
    let began = cpu_time(None);
    while sent < SENT {
        for _ in 0..length.max(1) {
            let bytes = mill.seal(outbox.slot().expect("room"));
            outbox.commit(Road::udp(rooms.addresses[room]), bytes);
            sent += 1;
        }
        room = (room + 1) % ROOMS;
        if outbox.len() + length.max(1) > 128 {
            if length > 0 {
                send(&sockets, &outbox);
            }
            outbox.clear();
        }
    }
    micros_per_packet(cpu_time(None) - began, sent)
}

fn send(sockets: &Sockets, outbox: &Outbox) {
    let runs: Vec<Run<'_>> = outbox.runs().collect();
    for batch in runs.chunks(BATCH) {
        let mut rest = batch;
        while !rest.is_empty() {
            rest = &rest[sockets.send_batch(rest).unwrap_or(0)..];
        }
    }
}

fn one_by_one(rooms: &Rooms) -> f64 {
    let (mut mill, mut slot, socket) = (Mill::new(), [0; 1_500], UdpSocket::bind((HERE, 0)).expect("a free port"));
    let began = cpu_time(None);
    for sent in 0..SENT {
        let length = mill.seal(&mut slot);
        while socket.send_to(&slot[..length], rooms.addresses[sent % ROOMS]).is_err() {}
    }
    micros_per_packet(cpu_time(None) - began, SENT)
}

/// A picture for all rooms through a whole media thread, its receiving and its waking included.
fn media_thread(rooms: &Rooms, offload: bool) -> io::Result<f64> {
    let plan = PoolPlan { ip: HERE, port_first: 0, threads: 1, pin: Vec::new(), wishes: Wishes { offload, ..WISHES } };
    let mut ports = pool::start(&plan, || 7, &|_, _| {}).map_err(io::Error::other)?;
    let port = ports.remove(0);
    let lead = UdpSocket::bind((HERE, 0))?;
    let client = join(rooms, &port, &lead);
    let mut packets = Vec::new();
    for index in 0..FRAMES * FRAME as u32 {
        packets.push(picture(&client, index));
    }
    let server = SocketAddr::new(HERE, port.port);
    let (mut cost, before) = (Duration::ZERO, cpu_time(Some("media-0")));
    for frame in packets.chunks(FRAME) {
        frame.iter().try_for_each(|packet| lead.send_to(packet, server).map(drop))?;
        sleep(FRAME_EVERY);
        cost = cpu_time(Some("media-0")).saturating_sub(before);
    }
    sleep(Duration::from_millis(1_200));
    let (_, forwarded) = port.board.counts().find(|(what, _)| *what == Count::PacketsForwarded).expect("it is counted");
    let all = packets.len() * ROOMS;
    assert!(forwarded as usize >= all * 99 / 100, "{forwarded} of {all} packets were forwarded");
    port.stop()?;
    Ok(micros_per_packet(cost, all))
}

const SSRC: u32 = 70;

/// Makes the lead teacher and the rooms known to a media thread.
fn join(rooms: &Rooms, port: &MediaPort, lead: &UdpSocket) -> Client {
    let server = SocketAddr::new(HERE, port.port);
    let tell = |command| port.mailbox.send(command).expect("there is room");
    let mut publisher = Client::new(1, 5, lead.local_addr().expect("bound"));
    let types = || payload_types(96, true, true);
    let track = Track {
        video: true,
        mid: b"0".to_vec(),
        payload_types: types(),
        rids: Vec::new(),
        streams: vec![(SSRC, None)],
        nack: false,
    };
    let role = Role::Publisher { tracks: vec![track], feedback: UplinkFeedback::ReportsOnly };
    let meet = |client: &mut Client, role, socket: &UdpSocket| {
        let (session, credentials) = (client.session, client.credentials.clone());
        let extensions = Extensions { abs_send_time: Some(3), ..Extensions::default() };
        tell(Command::Add { session, credentials, extensions, role });
        // A check before its peer is known is refused.
        sleep(Duration::from_millis(1));
        for _ in 0..3 {
            socket.send_to(&client.check(true), server).expect("loopback");
            sleep(Duration::from_millis(1));
        }
        tell(client.keys());
    };
    meet(&mut publisher, role, lead);
    for (session, socket) in (2..).zip(&rooms.sockets) {
        let mut room = Client::new(session, 5, socket.local_addr().expect("bound"));
        let slot = Slot { video: true, ssrc: 9, repair_ssrc: Some(10), payload_types: types(), rank: 0 };
        meet(&mut room, Role::Watcher { slots: vec![slot] }, socket);
        let source = Some(Source { session: SessionId(1), track: 0, lane: None });
        tell(Command::Fill { session: SessionId(session), slot: 0, source });
    }
    sleep(Duration::from_millis(300));
    publisher
}

fn picture(client: &Client, index: u32) -> Vec<u8> {
    let mut bytes = vec![7; PAYLOAD];
    bytes[..2].copy_from_slice(&[0x10, 0]);
    let header = Header {
        payload_type: 96,
        marker: (index + 1).is_multiple_of(FRAME as u32),
        sequence: index as u16,
        timestamp: index / FRAME as u32 * 3_000,
        ssrc: SSRC,
        ..Header::default()
    };
    let (mut out, length) = packet(&header, &[], &bytes);
    client.seal(&mut out, length, u64::from(index));
    out
}
