//! Lessons between native peers.

use std::time::Duration;

use tokio::time::Instant;
use tongke::robot::client::Road;
use tongke::wire::codec::h264;

use super::lesson::{Record, listen, teach, watch};
use super::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_native_teacher_is_seen_by_a_native_room() {
    a_lesson_passes(Road::Udp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_passes_where_only_tcp_does() {
    a_lesson_passes(Road::Tcp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_passes_where_the_kernel_takes_datagrams_one_by_one() {
    let server = Server::with("[media]\noffload = false\n").await;
    a_lesson_passes_on(&server, Road::Udp).await;
    let figure = async |name| server.figure(name, "").await;
    let (messages, packets) = (figure("tongke_sent_messages_total").await, figure("tongke_sent_packets_total").await);
    assert!(messages >= 200.0 && (packets - messages).abs() <= packets / 20.0, "{messages} for {packets}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_on_another_thread_than_its_teacher_sees_the_lesson() {
    // Every room goes to the calmest thread, on which the teacher is not.
    let server = Server::with("[media]\nthreads = 2\nspread = 0\n").await;
    a_lesson_passes_on(&server, Road::Udp).await;
    assert!(server.figure("tongke_bridged_packets_total", "").await >= 200.0);
    let carriers = [0, 1].map(|thread| format!("worker=\"{thread}\""));
    for carrier in carriers {
        let peers = server.figure("tongke_connected_peers", &carrier).await;
        assert!(peers >= 1.0, "{carrier} has {peers} peers");
    }
}

async fn a_lesson_passes(road: Road) {
    a_lesson_passes_on(&Server::start().await, road).await;
}

async fn a_lesson_passes_on(server: &Server, road: Road) {
    let _teacher = teach(server, road).await;

    let asked = Instant::now();
    let mut room = watch(server, 2, road).await;
    room.call.connected().await.unwrap();
    let connected = Instant::now();
    let mut record = Record::default();
    let enough = |record: &Record| record.of("camera").len() >= 100 && record.of("voice").len() >= 100;
    listen(&mut room, &mut record, PATIENCE, enough).await;

    assert!(enough(&record), "camera {}, voice {}", record.of("camera").len(), record.of("voice").len());
    let first = record.of("camera")[0];
    assert!(h264::has_sps(&first.payload), "a room starts on a keyframe, not with {:x?}", &first.payload[..8]);
    for slot in ["camera", "voice"] {
        assert!(record.in_order(slot), "{slot} lost {}", record.missing(slot));
    }
    assert!(record.of("screen").is_empty(), "nothing is shared");
    let (first, _) = record.packets.iter().find(|(_, heard)| heard.slot == "camera").unwrap();
    let ms = |time: Instant| (time - asked).as_millis();
    println!("{road:?}: connected {} ms after asking, a picture after {} ms", ms(connected), ms(*first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_came_first_sees_the_lesson_begin() {
    let server = Server::start().await;
    let mut room = watch(&server, 1, Road::Udp).await;
    room.call.connected().await.unwrap();
    let _teacher = teach(&server, Road::Udp).await;

    let mut record = Record::default();
    listen(&mut room, &mut record, PATIENCE, |record| record.of("picture").len() >= 50).await;
    let first = record.of("picture")[0];
    assert!(h264::has_sps(&first.payload), "a room starts on a keyframe, not with {:x?}", &first.payload[..8]);
    assert_eq!(record.missing("picture"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_who_hangs_up_is_gone_and_may_come_back() {
    let server = Server::start().await;
    let entered = server.enter("teacher").await;
    let lesson = entered.lesson.unwrap().id;
    let door = server.door();
    let publish = async || tongke::robot::client::publish(&door, &lesson, &entered.token, false, Road::Udp).await;
    let first = publish().await.unwrap();
    assert!(matches!(publish().await, Err(tongke::robot::Fault::AlreadyTaught)));
    door.hang_up(&first.call.location, &entered.token).await.unwrap();
    assert!(door.hang_up(&first.call.location, &entered.token).await.is_err(), "it is gone already");
    publish().await.unwrap();
}
