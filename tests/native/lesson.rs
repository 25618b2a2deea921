//! A small lesson made of packets: enough for a server, which looks only at how they begin.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tongke::robot::client::{self, Heard, Publisher, Road, Sending, Watcher};

use super::server::Server;

/// Pictures of a camera in a second; the first of each second is a keyframe.
const FRAMES_PER_S: u32 = 25;
/// Packets of a keyframe besides its parameter sets, and of any other frame.
const KEYFRAME_PACKETS: u32 = 6;
const FRAME_PACKETS: u32 = 2;

/// A teacher who speaks and is seen until dropped.
pub(super) struct Teacher {
    teaching: JoinHandle<()>,
}

impl Drop for Teacher {
    fn drop(&mut self) {
        self.teaching.abort();
    }
}

/// Begins to teach: camera and voice, no screen.
pub(super) async fn teach(server: &Server, road: Road) -> Teacher {
    teach_by(server, &server.key("teacher"), road).await
}

/// Begins to teach the lesson of a key.
pub(super) async fn teach_by(server: &Server, key: &str, road: Road) -> Teacher {
    let entered = server.door().enter(key).await.unwrap();
    let lesson = entered.lesson.unwrap().id;
    let mut publisher = client::publish(&server.door(), &lesson, &entered.token, false, road).await.unwrap();
    publisher.call.connected().await.unwrap();
    Teacher { teaching: tokio::spawn(speak(publisher)) }
}

/// Watches with so many pictures.
pub(super) async fn watch(server: &Server, pictures: usize, road: Road) -> Watcher {
    watch_by(server, &server.key("room"), pictures, road).await
}

/// Watches the lesson that a room's key is for now.
pub(super) async fn watch_by(server: &Server, key: &str, pictures: usize, road: Road) -> Watcher {
    let entered = server.door().enter(key).await.unwrap();
    let lesson = entered.lesson.expect("the demo's lesson runs now").id;
    client::watch(&server.door(), &lesson, &entered.token, pictures, road).await.unwrap()
}

/// What a room heard of each slot, in the order of arrival.
#[derive(Default)]
pub(super) struct Record {
    pub(super) packets: Vec<(Instant, Heard)>,
}

impl Record {
    pub(super) fn of(&self, slot: &str) -> Vec<&Heard> {
        self.packets.iter().filter(|(_, heard)| heard.slot == slot).map(|(_, heard)| heard).collect()
    }

    /// Packets of a slot that are missing between its lowest and its highest number.
    pub(super) fn missing(&self, slot: &str) -> usize {
        let packets = self.of(slot);
        let first = packets.first().expect("the slot was filled").sequence;
        // Numbers relative to the first, so that they may wrap.
        let mut numbers: Vec<i32> =
            packets.iter().map(|packet| i32::from(packet.sequence.wrapping_sub(first).cast_signed())).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let span = numbers.last().unwrap() - numbers.first().unwrap() + 1;
        usize::try_from(span).unwrap() - numbers.len()
    }

    /// Whether each packet of a slot came right after the one before it.
    pub(super) fn in_order(&self, slot: &str) -> bool {
        self.of(slot).windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1))
    }
}

/// Listens until `enough`, or until `time` is over.
pub(super) async fn listen(
    watcher: &mut Watcher,
    record: &mut Record,
    time: Duration,
    enough: impl Fn(&Record) -> bool,
) {
    let until = Instant::now() + time;
    while !enough(record) {
        let Ok(Some(heard)) = timeout_at(until, watcher.next()).await else { return };
        record.packets.push((Instant::now(), heard));
    }
}

async fn speak(publisher: Publisher) {
    let (mut voice, mut camera) = (Numbers::new(960), Numbers::new(90_000 / FRAMES_PER_S));
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for moment in 0_u32.. {
        tick.tick().await;
        voice.send(&publisher.voice, &[0x78; 60], true).await;
        voice.next_frame();
        if moment % 2 == 0 {
            draw(&mut camera, &publisher.camera, (moment / 2) % FRAMES_PER_S == 0).await;
        }
    }
}

/// One picture as H.264 in packetization-mode 1 (RFC 6184).
async fn draw(camera: &mut Numbers, to: &Sending, key: bool) {
    let (kind, packets) = if key { (5, KEYFRAME_PACKETS) } else { (1, FRAME_PACKETS) };
    if key {
        // STAP-A of a sequence and a picture parameter set.
        let sets = [&[0x78, 0, 4][..], &[0x67, 0x42, 0xe0, 0x1f], &[0, 2], &[0x68, 0xce]].concat();
        camera.send(to, &sets, false).await;
    }
    for number in 0..packets {
        let (first, last) = (number == 0, number + 1 == packets);
        // FU-A, and the first bit of a slice header: this slice begins at the first macroblock.
        let head = [0x7c, kind | if first { 0x80 } else { 0 } | if last { 0x40 } else { 0 }, 0x80];
        camera.send(to, &[&head[..], &[0xab; 1_000]].concat(), last).await;
    }
    camera.next_frame();
}

/// Where a stream is.
struct Numbers {
    sequence: u16,
    timestamp: u32,
    step: u32,
}

impl Numbers {
    /// Near its end, so that the numbers wrap while a story is told.
    fn new(step: u32) -> Self {
        Self { sequence: u16::MAX - 30, timestamp: u32::MAX - 9_000, step }
    }

    fn next_frame(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(self.step);
    }

    async fn send(&mut self, to: &Sending, payload: &[u8], marker: bool) {
        // Payload type and SSRC are the session's to fill in.
        let mut packet = vec![0x80, if marker { 0x80 } else { 0 }];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend([0; 4]);
        packet.extend(payload);
        to.write(&packet).await.unwrap();
        self.sequence = self.sequence.wrapping_add(1);
    }
}
