//! What it costs to get a sealed packet out of the machine, and how near a media thread comes to the least.
//!
//! `cargo bench --bench send` prints a table: microseconds of processor time a packet, sealed and sent to 200 loopback
//! sockets. The floors are AES-128-GCM, a copy and the kernel's calls alone, packet by packet and in runs (UDP_SEGMENT);
//! below them a real media thread that forwards a picture of four packets a frame (with its runs as the kernel takes them,
//! and one by one), and its ratio to the floor that sends as long runs at the same pace. The receivers only throw away.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use tongke::base::limits::BATCH;
use tongke::io::socket::{Sockets, Wishes};
use tongke::sfu::outbox::{Outbox, Run};
use tongke::sfu::road::Road;
use tongke::wire::rtp::FIXED_BYTES;

#[expect(dead_code, reason = "shared with the simulator")]
#[path = "../tests/sim/client.rs"]
mod client;
mod stage;

use stage::{HERE, PAYLOAD, Stage, WISHES, cpu_time};

const ROOMS: usize = 200;
/// Packets a run of a floor.
const SENT: usize = 40_000;
const RUNS: usize = 7;
/// Packets of a frame.
const FRAME: usize = 4;
const FRAMES: u32 = 300;
const FRAME_EVERY: Duration = Duration::from_millis(10);

fn main() -> io::Result<()> {
    let rooms = Rooms::open()?;
    println!("{:<44} {:>12} {:>8}", "200 rooms, 1,100 bytes", "µs a packet", "ratio");
    let seal = median(|| floor(&rooms, 0));
    row("sealed and copied, not sent", seal, None);
    row("one sendto each", median(|| one_by_one(&rooms)), None);
    for length in [1, 2, 4, 8, 16] {
        row(&format!("sendmmsg, runs of {length}"), median(|| floor(&rooms, length)), None);
    }
    let paced = median(|| paced_floor(&rooms));
    row("runs of 4, a frame every 10 ms", paced, None);
    for (offload, name) in [(true, "a media thread, frames of 4"), (false, "the same without UDP_SEGMENT and UDP_GRO")]
    {
        let cost = media_thread(&rooms, offload)?;
        row(name, cost, Some(cost / paced));
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

fn micros_per_packet(time: Duration, packets: usize) -> f64 {
    time.as_secs_f64() * 1e6 / packets as f64
}

/// Sockets of rooms, and a thread that throws away what comes to them.
struct Rooms {
    sockets: Vec<UdpSocket>,
    addresses: Vec<SocketAddr>,
    over: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Rooms {
    fn open() -> io::Result<Self> {
        let sockets = (0..ROOMS).map(|_| UdpSocket::bind((HERE, 0))).collect::<io::Result<Vec<_>>>()?;
        sockets.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
        let addresses = sockets.iter().map(|socket| socket.local_addr()).collect::<io::Result<_>>()?;
        let read = sockets.iter().map(UdpSocket::try_clone).collect::<io::Result<Vec<_>>>()?;
        let over = Arc::new(AtomicBool::new(false));
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

fn throw_away(sockets: &[UdpSocket], over: &AtomicBool) {
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

/// Seals packets as every server must: each room has a key of its own.
struct Mill {
    keys: Vec<LessSafeKey>,
    number: u64,
}

impl Mill {
    fn new() -> Self {
        let key = |room| LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[room as u8; 16]).expect("16 bytes"));
        Self { keys: (0..ROOMS).map(key).collect(), number: 0 }
    }

    /// Writes the next packet for a room; gives its length.
    fn seal(&mut self, room: usize, slot: &mut [u8]) -> usize {
        let (head, rest) = slot.split_at_mut(FIXED_BYTES);
        head.fill(0x80);
        let (body, rest) = rest.split_at_mut(PAYLOAD);
        body.fill(7);
        self.number += 1;
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.number.to_be_bytes());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.keys[room].seal_in_place_separate_tag(nonce, Aad::from(&*head), body).expect("a short packet");
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
            let bytes = mill.seal(room, outbox.slot().expect("room"));
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

/// Seals and sends a frame to each room, and sleeps: whoever does nothing in between finds its caches cold again.
fn paced_floor(rooms: &Rooms) -> f64 {
    let (mut mill, mut outbox, sockets) = (Mill::new(), Outbox::new(128), sender());
    let began = cpu_time(None);
    for _ in 0..FRAMES / RUNS as u32 {
        for (room, address) in rooms.addresses.iter().enumerate() {
            for _ in 0..FRAME {
                let bytes = mill.seal(room, outbox.slot().expect("room"));
                outbox.commit(Road::udp(*address), bytes);
            }
            if outbox.is_full() {
                send(&sockets, &outbox);
                outbox.clear();
            }
        }
        send(&sockets, &outbox);
        outbox.clear();
        sleep(FRAME_EVERY);
    }
    micros_per_packet(cpu_time(None) - began, FRAMES as usize / RUNS * ROOMS * FRAME)
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
        let length = mill.seal(sent % ROOMS, &mut slot);
        while socket.send_to(&slot[..length], rooms.addresses[sent % ROOMS]).is_err() {}
    }
    micros_per_packet(cpu_time(None) - began, SENT)
}

/// A picture for all rooms through a whole media thread, its receiving and its waking included.
fn media_thread(rooms: &Rooms, offload: bool) -> io::Result<f64> {
    let stage = Stage::open(&rooms.sockets, None, Wishes { offload, ..WISHES })?;
    let packets = stage.pictures(0, FRAMES * FRAME as u32, FRAME as u32);
    let before = cpu_time(Some("media-0"));
    for frame in packets.chunks(FRAME) {
        frame.iter().try_for_each(|packet| stage.publish(packet))?;
        sleep(FRAME_EVERY);
    }
    let cost = cpu_time(Some("media-0")).saturating_sub(before);
    sleep(Duration::from_millis(1_200));
    let (forwarded, all) = (stage.forwarded()[0], packets.len() * ROOMS);
    assert!(forwarded as usize >= all * 99 / 100, "{forwarded} of {all} packets were forwarded");
    stage.close()?;
    Ok(micros_per_packet(cost, all))
}
