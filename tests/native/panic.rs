//! What becomes of lessons when the media thread that carries them panics.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tongke::io::clock;
use tongke::lesson::{Alliance, LessonId};
use tongke::robot::client::{self, Heard, Road};
use tongke::robot::door::Door;
use tongke::wire::codec::h264;

use super::lesson::{Record, listen, teach_by, watch_by};
use super::server::{Server, signal, within};

/// Time to begin a lesson on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(20);
/// A teacher's page is back sooner: the software teacher starts ffmpeg anew.
const BACK_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_cuts_the_lessons_of_its_thread_only_and_they_come_back_by_themselves() {
    let mut server = Server::of(&two_lessons(), "[media]\nthreads = 2\n").await;
    let (first, second) = lessons(&server).await;
    // The first lesson is on the first thread, which is the one that will panic.
    let robot = Robot::start(&server, &first.teacher);
    let mut cut = Classroom::open(&server, first.room);
    cut.sees_within(PATIENCE, 1).await.expect("the robot teaches");
    let _teacher = teach_by(&server, &second.teacher, Road::Udp).await;
    let mut other = watch_by(&server, &second.room, 2, Road::Udp).await;
    let mut record = Record::default();
    listen(&mut other, &mut record, PATIENCE, |record| record.of("camera").len() > 50).await;
    for thread in ["worker=\"0\"", "worker=\"1\""] {
        let peers = within(PATIENCE, async || Some(server.figure("tongke_connected_peers", thread).await));
        assert_eq!(peers.await, Some(2.0), "{thread} has a teacher and a room");
    }
    let received = server.figure("tongke_received_packets_total", "worker=\"0\"").await;

    let panicked = Instant::now();
    signal(server.process(), "USR1");
    let quiet = listen(&mut other, &mut record, BACK_WITHIN, |_| false);
    let ((), back) = tokio::join!(quiet, cut.sees_within(BACK_WITHIN, 2));

    let (at, picture) = back.expect("the room is back");
    println!("a picture {} ms after the panic", (at - panicked).as_millis());
    assert!(h264::has_sps(&picture.payload), "it begins with a keyframe");
    for slot in ["camera", "voice"] {
        assert!(record.in_order(slot), "{slot} of the other lesson lost {}", record.missing(slot));
        let last = record.packets.iter().rfind(|(_, heard)| heard.slot == slot).unwrap().0;
        assert!(last > panicked + BACK_WITHIN - Duration::from_secs(1), "{slot} of the other lesson goes on");
    }
    assert_eq!(server.figure("tongke_media_thread_restarts_total", "thread=\"0\"").await, 1.0);
    assert_eq!(server.figure("tongke_media_thread_restarts_total", "thread=\"1\"").await, 0.0);
    assert!(server.figure("tongke_received_packets_total", "worker=\"0\"").await > received, "counters go on");
    let log = server.log();
    let line = log.lines().find(|line| line.contains("ERROR")).expect("it is logged");
    assert!(line.contains("media-0") && line.contains("a story asked for it"), "{line}");
    drop(robot);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_panics_again_and_again_ends_the_process() {
    let mut server = Server::with("[media]\nthreads = 1\n").await;
    for time in 1..=5_u8 {
        signal(server.process(), "USR1");
        let counted = async || {
            let restarts = server.figure("tongke_media_thread_restarts_total", "thread=\"0\"").await;
            (restarts >= f64::from(time)).then_some(restarts)
        };
        assert_eq!(within(PATIENCE, counted).await, Some(f64::from(time)));
    }
    assert!(server.process().try_wait().unwrap().is_none(), "five are borne");
    signal(server.process(), "USR1");
    let ended = within(PATIENCE, async || server.process().try_wait().unwrap()).await;
    assert_eq!(ended.expect("the sixth is not").code(), Some(1));
    let log = server.log();
    assert!(log.contains("media-0 panicked more than 5 times in 60 s: a story asked for it"), "{log}");
    assert!(log.lines().any(|line| line.starts_with("tongke: the media thread 0 has stopped")), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_gone_when_the_page_comes_is_told_as_lost() {
    let server = Server::start().await;
    let entered = server.enter("room").await;
    let (lesson, gone) = (entered.lesson.unwrap().id, "/whep/lesson/0123456789abcdef");
    let mut page = Page::open(&server.door(), &lesson, &entered.token).await;
    page.say(json!({ "type": "session", "location": gone })).await;
    assert_eq!(timeout(PATIENCE, page.lost()).await.unwrap().as_deref(), Some(gone));
}

/// The demo's lesson for one of its rooms, and the same at the same time for the other.
fn two_lessons() -> Alliance {
    let mut parts = Alliance::demo(clock::now()).to_parts();
    let now = parts.entries.iter().position(|entry| entry.invites(&entry.rooms[0]) && entry.title == "分数的初步认识");
    let mut twin = parts.entries[now.unwrap()].clone();
    twin.lesson = LessonId::new("twin").unwrap();
    parts.entries[now.unwrap()].rooms.truncate(1);
    twin.rooms.remove(0);
    parts.entries.push(twin);
    Alliance::new(parts).unwrap()
}

/// The keys of those who meet in a lesson.
struct Keys {
    teacher: String,
    room: String,
}

async fn lessons(server: &Server) -> (Keys, Keys) {
    let door = server.door();
    let mut found = Vec::new();
    for teacher in server.keys("teacher") {
        let lesson = door.enter(&teacher).await.unwrap().lesson.unwrap().id;
        for room in server.keys("room") {
            if door.enter(&room).await.unwrap().lesson.unwrap().id == lesson {
                found.push(Keys { teacher: teacher.clone(), room });
            }
        }
    }
    let [first, second] = <[Keys; 2]>::try_from(found).ok().expect("two lessons, a room in each");
    (first, second)
}

/// The software teacher as a process, ended with this.
struct Robot(Child);

impl Robot {
    fn start(server: &Server, key: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongke"));
        command.args(["robot", "--url", &server.base, "--key", key]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Robot {
    fn drop(&mut self) {
        // Its own end takes its ffmpeg along.
        signal(&self.0, "INT");
        let _reaped = self.0.wait();
    }
}

/// A room with a page, which opens a new session when it is told that the server has lost the one it has.
struct Classroom {
    heard: mpsc::UnboundedReceiver<(usize, Instant, Heard)>,
    attending: JoinHandle<()>,
}

impl Drop for Classroom {
    fn drop(&mut self) {
        self.attending.abort();
    }
}

impl Classroom {
    fn open(server: &Server, key: String) -> Self {
        let (tell, heard) = mpsc::unbounded_channel();
        let attending = tokio::spawn(attend(server.door(), key, tell));
        Self { heard, attending }
    }

    /// The first packet of the camera in the `session`-th session, if it comes in time.
    async fn sees_within(&mut self, time: Duration, session: usize) -> Option<(Instant, Heard)> {
        let first = async {
            loop {
                match self.heard.recv().await {
                    Some((number, at, heard)) if number == session && heard.slot == "camera" => {
                        return Some((at, heard));
                    }
                    Some(_) => {}
                    None => return None,
                }
            }
        };
        timeout(time, first).await.ok().flatten()
    }
}

async fn attend(door: Door, key: String, tell: mpsc::UnboundedSender<(usize, Instant, Heard)>) {
    let entered = door.enter(&key).await.unwrap();
    let lesson = entered.lesson.unwrap().id;
    let mut page = Page::open(&door, &lesson, &entered.token).await;
    for number in 1.. {
        let mut watcher = client::watch(&door, &lesson, &entered.token, 2, Road::Udp).await.unwrap();
        let location = watcher.call.location.clone();
        page.say(json!({ "type": "session", "location": location })).await;
        loop {
            tokio::select! {
                lost = page.lost() => {
                    assert_eq!(lost.expect("the page is still open"), location);
                    break;
                }
                Some(heard) = watcher.next() => {
                    let _the_story_is_over = tell.send((number, Instant::now(), heard));
                }
            }
        }
        watcher.call.close().await;
    }
}

/// The lesson's WebSocket, as a page has it.
struct Page(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Page {
    async fn open(door: &Door, lesson: &str, token: &str) -> Self {
        let (socket, _) = connect_async(door.socket_url(lesson)).await.unwrap();
        let mut page = Self(socket);
        page.say(json!({ "type": "hello", "token": token })).await;
        page
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The path of the next session that the server has lost; `None` when the page was closed.
    async fn lost(&mut self) -> Option<String> {
        while let Some(Ok(message)) = self.0.next().await {
            let Message::Text(text) = message else { continue };
            let said: Value = serde_json::from_str(&text).unwrap();
            if said["type"] == "session_lost" {
                return Some(said["location"].as_str().unwrap().to_owned());
            }
        }
        None
    }
}
