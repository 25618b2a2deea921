//! The lesson's WebSocket, as a teacher's page speaks it (`docs/protocol.md` §6).

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::door::{Door, Entered};
use super::fault::{Fault, bottom};

/// Wait longer each time, but never so long that a class waits for us.
const AGAIN_MS_MIN: u64 = 300;
const AGAIN_MS_MAX: u64 = 5_000;
/// The server lets go of a page that is silent for 30 s.
const PING_EVERY: Duration = Duration::from_secs(10);

const REPLACED: u16 = 4409;

/// Waits that grow while nothing works.
pub(super) struct Patience(u64);

impl Patience {
    pub(super) const fn new() -> Self {
        Self(AGAIN_MS_MIN)
    }

    pub(super) async fn wait(&mut self) {
        sleep(Duration::from_millis(self.0)).await;
        self.0 = (self.0 * 8 / 5).min(AGAIN_MS_MAX);
    }
}

/// Is in the lesson until it is over or somebody else takes it: why. `session` is the media session's path, once
/// there is one; `lost` hears the path of one that the server has lost. A line that falls is picked up again.
pub(super) async fn attend(
    door: &Door,
    key: &str,
    session: watch::Receiver<Option<String>>,
    lost: &watch::Sender<Option<String>>,
) -> Fault {
    let mut patience = Patience::new();
    loop {
        let Err(fault) = visit(door, key, session.clone(), lost, &mut patience).await;
        if !fault.passes() {
            return fault;
        }
        patience.wait().await;
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn visit(
    door: &Door,
    key: &str,
    mut session: watch::Receiver<Option<String>>,
    lost: &watch::Sender<Option<String>>,
    patience: &mut Patience,
) -> Result<Infallible, Fault> {
    let entered = door.enter(key).await?;
    let lesson = entered.lesson.as_ref().ok_or(Fault::NotATeacher)?;
    let url = door.socket_url(&lesson.id);
    let connected = connect_async(&url).await;
    let (mut socket, _) = connected.map_err(|fault| Fault::Unreachable { base: url.clone(), cause: bottom(&fault) })?;
    say(&mut socket, &url, json!({ "type": "hello", "token": entered.token })).await?;
    *patience = Patience::new();
    let mut ping = tokio::time::interval(PING_EVERY);
    let renew = sleep(entered.token_life() / 2);
    tokio::pin!(renew);
    session.mark_changed();
    loop {
        tokio::select! {
            heard = socket.next() => {
                let heard = heard.and_then(Result::ok);
                match hear(heard.as_ref(), &url)? {
                    Said::Nothing => {}
                    Said::Welcome { planned } => for message in opening(planned) {
                        say(&mut socket, &url, message).await?;
                    },
                    Said::SessionLost(location) => drop(lost.send_replace(Some(location))),
                }
            }
            Ok(()) = session.changed() => {
                let location = session.borrow_and_update().clone();
                if let Some(location) = location {
                    say(&mut socket, &url, json!({ "type": "session", "location": location })).await?;
                }
            }
            () = &mut renew => {
                let Entered { token, .. } = door.enter(key).await?;
                renew.set(sleep(entered.token_life() / 2));
                say(&mut socket, &url, json!({ "type": "renew", "token": token })).await?;
            }
            _ = ping.tick() => say(&mut socket, &url, json!({ "type": "ping", "n": 0 })).await?,
        }
    }
}

/// What the server said, as far as a robot cares.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Welcome { planned: bool },
    SessionLost(String),
}

fn hear(heard: Option<&Message>, url: &str) -> Result<Said, Fault> {
    let fallen = || Fault::Unreachable { base: url.to_owned(), cause: "the connection has ended".to_owned() };
    let text = match heard {
        Some(Message::Text(text)) => text,
        Some(Message::Close(Some(frame))) if u16::from(frame.code) == REPLACED => return Err(Fault::Replaced),
        Some(Message::Close(_)) | None => return Err(fallen()),
        Some(_) => return Ok(Said::Nothing),
    };
    let message: Value = serde_json::from_str(text).map_err(|fault| Fault::Unreadable(fault.to_string()))?;
    let state = message.pointer("/lesson/state").and_then(Value::as_str);
    match (message["type"].as_str(), state) {
        (Some("welcome" | "lesson"), Some("ended")) => Err(Fault::LessonOver),
        (Some("welcome"), state) => Ok(Said::Welcome { planned: state == Some("planned") }),
        (Some("session_lost"), _) => {
            Ok(message["location"].as_str().map_or(Said::Nothing, |location| Said::SessionLost(location.to_owned())))
        }
        _ => Ok(Said::Nothing),
    }
}

/// Begins the lesson if nobody has, and says what will be sent.
fn opening(planned: bool) -> Vec<Value> {
    let start = planned.then(|| json!({ "type": "lesson", "action": "start" }));
    let sources = ["camera", "voice", "screen"].map(|kind| json!({ "type": "source", "kind": kind, "on": true }));
    start.into_iter().chain(sources).collect()
}

async fn say(socket: &mut Socket, url: &str, message: Value) -> Result<(), Fault> {
    let sent = socket.send(Message::text(message.to_string())).await;
    sent.map_err(|fault| Fault::Unreachable { base: url.to_owned(), cause: bottom(&fault) })
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;

    use super::*;

    fn hear_text(message: Value) -> Result<Said, Fault> {
        hear(Some(&Message::text(message.to_string())), "ws://server")
    }

    #[test]
    fn a_planned_lesson_is_begun_and_a_live_one_is_joined() {
        for (state, begun) in [("planned", true), ("live", false)] {
            let heard = hear_text(json!({ "type": "welcome", "lesson": { "state": state } })).unwrap();
            assert_eq!(heard, Said::Welcome { planned: begun });
            let said = opening(begun);
            assert_eq!(said.contains(&json!({ "type": "lesson", "action": "start" })), begun);
            assert!(said.contains(&json!({ "type": "source", "kind": "screen", "on": true })));
        }
    }

    #[test]
    fn a_lost_session_is_heard_by_its_path() {
        let lost = hear_text(json!({ "type": "session_lost", "location": "/whip/math/1" })).unwrap();
        assert_eq!(lost, Said::SessionLost("/whip/math/1".to_owned()));
        assert_eq!(hear_text(json!({ "type": "session_lost" })).unwrap(), Said::Nothing);
        assert!(Fault::SessionLost.passes(), "and it is no reason to give up");
    }

    #[test]
    fn only_an_end_for_good_is_final() {
        let over = hear_text(json!({ "type": "lesson", "lesson": { "state": "ended" } })).unwrap_err();
        assert!(matches!(over, Fault::LessonOver));
        let close = |code: u16| {
            let frame = CloseFrame { code: code.into(), reason: "".into() };
            hear(Some(&Message::Close(Some(frame))), "ws://server").unwrap_err()
        };
        assert!(!close(REPLACED).passes());
        assert!(close(1001).passes());
        assert!(hear(None, "ws://server").unwrap_err().passes());
    }
}
