//! What strangers may send to the media ports while a lesson runs.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use reqwest::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tongke::robot::client::Road;
use tongke::wire::stun;

use super::lesson::{Record, listen, teach, watch};
use super::server::Server;

const OFFER: &str = include_str!("../fixtures/sdp/chromium-watch.sdp");
const ROUNDS: u32 = 200;

/// What an outsider can know: a session's port, and half of its credentials.
struct Target {
    port: SocketAddr,
    ufrag: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_the_media_port_is_counted_and_harmless() {
    let server = Server::start().await;
    let _teacher = teach(&server, Road::Udp).await;
    let mut room = watch(&server, 2, Road::Udp).await;
    let mut record = Record::default();
    listen(&mut room, &mut record, Duration::from_secs(10), |record| record.of("camera").len() > 20).await;
    assert!(record.of("camera").len() > 20, "the lesson runs");
    let target = target(&server).await;
    let before = discards(&server, REASONS).await;

    let hear = listen(&mut room, &mut record, Duration::from_secs(4), |_| false);
    let ((), ()) = tokio::join!(hear, shout(&target));

    for (slot, least) in [("camera", 200), ("voice", 180)] {
        assert!(record.of(slot).len() > least, "{slot} went on: {}", record.of(slot).len());
        assert_eq!(record.missing(slot), 0, "{slot} lost nothing");
    }
    let after = discards(&server, REASONS).await;
    for ((reason, before), after) in REASONS.iter().zip(before).zip(after) {
        assert!(after > before, "{reason}: {before}, then {after}");
        println!("{reason}: {}", after - before);
    }
}

const REASONS: &[&str] = &[
    "not_media",
    "too_long",
    "unknown_address",
    "stun_unreadable",
    "stun_unknown_user",
    "stun_forged",
    "tcp_frame_bad",
];

async fn discards(server: &Server, reasons: &[&str]) -> Vec<f64> {
    let mut counts = Vec::new();
    // Figures are brought up to date once a second.
    sleep(Duration::from_millis(1_500)).await;
    for reason in reasons {
        let label = format!("reason=\"{reason}\"");
        counts.push(server.figure("tongke_discarded_packets_total", &label).await);
    }
    counts
}

async fn target(server: &Server) -> Target {
    let (room, lesson) = (server.enter("room").await.token, server.lesson().await);
    let request = Client::new().post(format!("{}/whep/{lesson}", server.base)).bearer_auth(room);
    let answer = request.header("content-type", "application/sdp").body(OFFER).send().await.unwrap();
    let answer = answer.text().await.unwrap();
    let value = |key: &str| answer.lines().find_map(|line| line.trim_end().strip_prefix(key)).unwrap().to_owned();
    let candidate = value("a=candidate:");
    let port = candidate.split(' ').nth(5).unwrap().parse().unwrap();
    Target { port: SocketAddr::from(([127, 0, 0, 1], port)), ufrag: value("a=ice-ufrag:") }
}

/// Every kind of rubbish, on UDP and on TCP.
async fn shout(target: &Target) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(target.port).unwrap();
    let check = check(&format!("{}:abcd", target.ufrag));
    let nobody = self::check("ffffff+nobody:abcd");
    let mut chance = 7_u64;
    for round in 0..ROUNDS {
        let noise = noise(&mut chance, 1 + (round as usize * 7) % 1_400);
        // A first byte of each protocol, of none, and plain chance.
        for first in [0, 1, 22, 70, 128, 129, 200, 255] {
            let mut datagram = noise.clone();
            datagram[0] = first;
            let _refused = socket.send(&datagram);
        }
        for datagram in [&check[..], &nobody, &check[..(round as usize) % check.len()], &client_hello(), &[0x80; 2_000]]
        {
            let _refused = socket.send(datagram);
        }
        if round % 20 == 0 {
            shout_on_tcp(target.port, &check, &noise).await;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// Frames of nothing, of rubbish, and one that is longer than a datagram, which ends the connection.
async fn shout_on_tcp(port: SocketAddr, check: &[u8], noise: &[u8]) {
    let mut stream = TcpStream::connect(port).await.unwrap();
    for frame in [check, noise, &client_hello()] {
        let length = u16::try_from(frame.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], frame].concat()).await.unwrap();
    }
    stream.write_all(&[0xff; 200]).await.unwrap();
    let closed = timeout(Duration::from_secs(2), stream.read(&mut [0; 16])).await;
    assert!(!matches!(closed, Err(_) | Ok(Ok(1..))), "what is no framing ends the connection: {closed:?}");
}

/// A check that is well made, but signed with a guess.
fn check(username: &str) -> Vec<u8> {
    let mut out = [0; 256];
    let length =
        stun::write_binding_request(&mut out, &[9; 12], username.as_bytes(), b"a guess of the password", true, 1, 2);
    out[..length.unwrap()].to_vec()
}

/// The beginning of a DTLS 1.2 handshake (RFC 6347 §4.2.2), with nothing in it.
fn client_hello() -> Vec<u8> {
    let body = [&[0xfe, 0xfd][..], &[7; 32], &[0, 0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    let handshake = [&[1, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, length][..], &body].concat();
    let record = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, u8::try_from(handshake.len()).unwrap()];
    [&record[..], &handshake].concat()
}

fn noise(chance: &mut u64, length: usize) -> Vec<u8> {
    let mut next = || {
        *chance ^= *chance << 13;
        *chance ^= *chance >> 7;
        *chance ^= *chance << 17;
        chance.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}
