//! What the doors refuse, and how.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::server::Server;

const OFFER: &str = include_str!("../fixtures/sdp/chromium-publish.sdp");
const WATCH_OFFER: &str = include_str!("../fixtures/sdp/chromium-watch.sdp");
const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request to be made with one token after the other.
struct Request {
    method: Method,
    path: String,
    kind: &'static str,
    body: &'static str,
}

impl Request {
    fn new(method: Method, path: impl Into<String>, kind: &'static str, body: &'static str) -> Self {
        Self { method, path: path.into(), kind, body }
    }

    async fn send(&self, server: &Server, bearer: Option<&str>) -> Response {
        let request = Client::new().request(self.method.clone(), format!("{}{}", server.base, self.path));
        let request = request.header("content-type", self.kind).body(self.body);
        let request = if let Some(bearer) = bearer { request.bearer_auth(bearer) } else { request };
        request.send().await.unwrap()
    }

    /// Status and code.
    async fn refused(&self, server: &Server, bearer: Option<&str>) -> (u16, String) {
        let answer = self.send(server, bearer).await;
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").expect("a refusal says what it is").clone();
        assert_eq!(kind, "application/problem+json", "{} {}", self.method, self.path);
        let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(problem["status"], status);
        (status, problem["code"].as_str().unwrap().to_owned())
    }
}

/// A session to knock at: its path.
async fn session(server: &Server, path: &str, token: &str, offer: &'static str) -> String {
    let made = Request::new(Method::POST, path, SDP, offer).send(server, Some(token)).await;
    assert_eq!(made.status(), 201);
    made.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_with_its_code() {
    let server = Server::start().await;
    let (teacher, room, ops) = (server.enter("teacher").await, server.enter("room").await, server.enter("ops").await);
    let (lesson, key) = (server.lesson().await, server.key("teacher"));
    let whip = session(&server, &format!("/whip/{lesson}"), &teacher.token, OFFER).await;
    let whep = session(&server, &format!("/whep/{lesson}"), &room.token, WATCH_OFFER).await;

    let (teacher, room, ops) = (teacher.token.as_str(), room.token.as_str(), ops.token.as_str());
    let candidate = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n";
    // Each door, with a token that is good, but not there.
    let doors = [
        (Request::new(Method::POST, format!("/whip/{lesson}"), SDP, OFFER), room),
        (Request::new(Method::POST, format!("/whip/{lesson}"), SDP, OFFER), ops),
        (Request::new(Method::POST, format!("/whep/{lesson}"), SDP, WATCH_OFFER), ops),
        (Request::new(Method::PATCH, &whip, FRAGMENT, candidate), room),
        (Request::new(Method::PATCH, &whep, FRAGMENT, candidate), teacher),
        (Request::new(Method::DELETE, &whip, "", ""), room),
        (Request::new(Method::DELETE, &whep, "", ""), teacher),
        (Request::new(Method::GET, "/api/ops", "", ""), room),
        (Request::new(Method::GET, "/api/ops", "", ""), teacher),
    ];
    for (door, not_there) in &doors {
        let what = format!("{} {}", door.method, door.path);
        let forged = format!("{}x", &teacher[..teacher.len() - 4]);
        assert_eq!(door.refused(&server, None).await, (401, "token_missing".to_owned()), "{what}");
        assert_eq!(door.refused(&server, Some("rubbish")).await, (401, "token_invalid".to_owned()), "{what}");
        assert_eq!(door.refused(&server, Some(&forged)).await, (401, "token_invalid".to_owned()), "{what}");
        assert_eq!(door.refused(&server, Some(&key)).await, (401, "token_invalid".to_owned()), "a key at {what}");
        assert_eq!(door.refused(&server, Some(not_there)).await, (403, "not_permitted".to_owned()), "{what}");
    }
    let enter = Request::new(Method::POST, "/api/enter", "", "");
    assert_eq!(enter.refused(&server, None).await, (401, "token_missing".to_owned()));
    assert_eq!(enter.refused(&server, Some(teacher)).await, (401, "token_invalid".to_owned()), "a token is no key");
    // Whoever may not be there changed nothing.
    assert_eq!(Request::new(Method::DELETE, &whip, "", "").send(&server, Some(teacher)).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_in_words_why_it_does_not_open() {
    let server = Server::start().await;
    let page = async |path: String| {
        let answer = reqwest::get(format!("{}{path}", server.base)).await.unwrap();
        let (status, kind) = (answer.status().as_u16(), answer.headers()["content-type"].clone());
        (status, kind.to_str().unwrap().starts_with("text/html"), answer.text().await.unwrap())
    };
    for (role, path) in [("teacher", "/teach"), ("room", "/classroom"), ("ops", "/ops")] {
        let stranger = if role == "ops" { "room" } else { "ops" };
        assert_eq!(page(format!("{path}?key={}", server.key(role))).await.0, 200, "{path}");
        // A classroom's screen without a key shows a pairing code.
        let bare = if role == "room" { 200 } else { 401 };
        for (query, expected) in
            [(String::new(), bare), ("?key=rubbish".to_owned(), 401), (format!("?key={}", server.key(stranger)), 403)]
        {
            let (status, is_page, text) = page(format!("{path}{query}")).await;
            assert_eq!((status, is_page), (expected, true), "{path}{query}");
            assert!(expected == 200 || text.contains('。'), "a sentence on {path}{query}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_is_closed_with_the_code_of_its_fault() {
    let server = Server::start().await;
    let (teacher, ops) = (server.enter("teacher").await.token, server.enter("ops").await.token);
    let lesson = server.lesson().await;
    let closed = async |lesson: &str, first: &str| {
        let (mut socket, _) = connect_async(server.door().socket_url(lesson)).await.unwrap();
        if !first.is_empty() {
            socket.send(Message::text(first)).await.unwrap();
        }
        loop {
            match timeout(Duration::from_secs(8), socket.next()).await.unwrap() {
                Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                Some(Ok(_)) => {}
                end => panic!("closed without a code: {end:?}"),
            }
        }
    };
    let hello = |token: &str| format!(r#"{{"type":"hello","token":"{token}"}}"#);
    assert_eq!(closed(&lesson, &hello("rubbish")).await, 4401);
    assert_eq!(closed(&lesson, &hello(&server.key("teacher"))).await, 4401, "a key is no token");
    assert_eq!(closed(&lesson, "no message").await, 4401);
    assert_eq!(closed(&lesson, &hello(&ops)).await, 4403);
    assert_eq!(closed("no-such-lesson", &hello(&teacher)).await, 4404);
    assert_eq!(closed(&lesson, "").await, 4408);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_64_kib_is_refused() {
    let server = Server::start().await;
    let (teacher, lesson) = (server.enter("teacher").await.token, server.lesson().await);
    let post = async |path: &str, kind: &'static str, method: Method, length: usize| {
        let request = Client::new().request(method, format!("{}{path}", server.base)).bearer_auth(&teacher);
        let request = request.header("content-type", kind).body("a".repeat(length));
        request.send().await.unwrap().status().as_u16()
    };
    let whip = session(&server, &format!("/whip/{lesson}"), &teacher, OFFER).await;
    for (method, path, kind) in [(Method::POST, format!("/whip/{lesson}"), SDP), (Method::PATCH, whip, FRAGMENT)] {
        let small = post(&path, kind, method.clone(), BODY_BYTES_MAX).await;
        assert!([204, 400].contains(&small), "{method}: {small}");
        assert_eq!(post(&path, kind, method.clone(), BODY_BYTES_MAX + 1).await, 413, "{method}");
        assert_eq!(post(&path, kind, method.clone(), 8 * BODY_BYTES_MAX).await, 413, "{method}");
        assert_eq!(post(&path, "text/plain", method.clone(), 10).await, 415, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_http_does_not_hold_a_place_for_ever() {
    const PLACES: usize = 24;
    let server = Server::with("[http]\nconnections_max = 24\n").await;
    let (teacher, lesson) = (server.enter("teacher").await.token, server.lesson().await);
    let address = server.base.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let begin = async |text: &str| {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket
    };
    // Half a header, half a body, nothing at all, and what may yet become HTTP/2.
    let half_body = format!(
        "POST /whip/{lesson} HTTP/1.1\r\nhost: a\r\ncontent-type: application/sdp\r\n\
         authorization: Bearer {teacher}\r\ncontent-length: 5000\r\n\r\nv=0"
    );
    let begun = Instant::now();
    let mut slow = Vec::new();
    let beginnings = ["GET / HTTP/1.1\r\nhost: a\r\nx-slow: ", &half_body, "", "P"];
    for beginning in beginnings.iter().cycle().take(PLACES - 6) {
        slow.push(begin(beginning).await);
    }
    for _ in 0..3 {
        let asked = Instant::now();
        assert_eq!(server.enter("room").await.role, "room");
        assert!(asked.elapsed() < Duration::from_secs(1), "others are answered meanwhile");
    }
    // The rest of the places, and more.
    for _ in 0..12 {
        slow.push(begin("GET ").await);
    }
    for (number, socket) in slow.iter_mut().enumerate() {
        let mut said = Vec::new();
        let closed = timeout(Duration::from_secs(15).saturating_sub(begun.elapsed()), socket.read_to_end(&mut said));
        assert!(closed.await.is_ok(), "connection {number} is still held: {}", String::from_utf8_lossy(&said));
    }
    println!("the slow were gone after {} ms", begun.elapsed().as_millis());
    assert_eq!(server.enter("room").await.role, "room", "their places are free again");
}
