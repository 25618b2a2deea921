//! The lesson's WebSocket: text in, text out, within its limits (`docs/protocol.md` §6).

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::listen::Place;
use super::router::Doors;
use super::whip::lesson_id;
use crate::base::limits::{PAGE_MESSAGES_PER_SECOND_MAX, WS_MESSAGE_BYTES_MAX};
use crate::base::time::Time;
use crate::control::message::{FromPage, Goodbye};
use crate::control::page::Next;
use crate::control::school::School;
use crate::lesson::command::Page;
use crate::lesson::{LessonId, Refusal};

/// Who has nothing to say by then is not a page.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// A message that does not leave within this waits for somebody who does not read.
const SEND_WITHIN: Duration = Duration::from_secs(5);
/// How often a page is asked for a sign of life, which also tells how far away it is.
const PING_EVERY: Duration = Duration::from_secs(5);
/// One that gives none for so long is gone, though its connection does not know.
const SILENT_AFTER: Duration = Duration::from_secs(30);

pub(super) async fn open(
    State(doors): State<Arc<Doors>>,
    Path(lesson): Path<String>,
    place: Option<Extension<Place>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let school = doors.school.clone();
    let upgrade = upgrade.max_message_size(WS_MESSAGE_BYTES_MAX).max_frame_size(WS_MESSAGE_BYTES_MAX);
    let serving = move |socket| async move {
        serve(socket, school, lesson).await;
        // Its place among the connections is held until here.
        drop(place);
    };
    upgrade.on_upgrade(serving).into_response()
}

async fn serve(mut socket: WebSocket, school: Arc<School>, lesson: String) {
    let why = match lesson_id(&lesson) {
        Ok(lesson) => attend(&mut socket, &school, &lesson).await,
        Err(_) => Some(Goodbye::Unknown),
    };
    if let Some(why) = why {
        let frame = CloseFrame { code: why as u16, reason: "".into() };
        let _gone_already = timeout(SEND_WITHIN, socket.send(Message::Close(Some(frame)))).await;
    }
}

/// Serves a page until it goes, or has to: then why.
async fn attend(socket: &mut WebSocket, school: &School, lesson: &LessonId) -> Option<Goodbye> {
    let token = match timeout(HELLO_WITHIN, hello(socket)).await {
        Err(_) => return Some(Goodbye::TooSlow),
        Ok(None) => return Some(Goodbye::Unauthorized),
        Ok(Some(token)) => token,
    };
    match school.open_page(lesson, &token) {
        Err(why) => Some(why),
        Ok((page, next)) => {
            let why = talk(socket, school, page, next).await;
            school.close_page(page);
            why
        }
    }
}

/// The token of the first message, if that is a hello.
async fn hello(socket: &mut WebSocket) -> Option<String> {
    match socket.recv().await?.ok()? {
        Message::Text(text) => match serde_json::from_str(&text).ok()? {
            FromPage::Hello { token } => Some(token),
            _ => None,
        },
        _ => None,
    }
}

async fn talk(socket: &mut WebSocket, school: &School, page: Page, mut next: Receiver<Next>) -> Option<Goodbye> {
    let mut allowance = Allowance::new(school.now());
    let mut heard_at = school.now();
    let mut pings = tokio::time::interval(PING_EVERY);
    loop {
        tokio::select! {
            step = next.recv() => match step {
                Some(Next::Say(message)) => say(socket, Message::Text(serde_json::to_string(&message).ok()?.into())).await?,
                Some(Next::End(why)) => return Some(why),
                None => return Some(Goodbye::TooSlow),
            },
            heard = socket.recv() => {
                heard_at = school.now();
                match heard?.ok()? {
                    Message::Text(text) => hear(school, page, &text, &mut allowance)?,
                    Message::Binary(_) => hear(school, page, "", &mut allowance)?,
                    Message::Ping(_) => {}
                    Message::Pong(sent) => note_round_trip(school, page, &sent),
                    Message::Close(_) => {
                        // Its goodbye is answered by reading on (RFC 6455 §5.5.1).
                        let _gone_already = timeout(SEND_WITHIN, socket.recv()).await;
                        return None;
                    }
                }
            },
            _ = pings.tick() => {
                if school.now().since(heard_at) >= SILENT_AFTER {
                    return Some(Goodbye::TooSlow);
                }
                say(socket, Message::Ping(school.now().micros().to_be_bytes().to_vec().into())).await?;
            },
        }
    }
}

/// Sends a message; `None` if nobody takes it.
async fn say(socket: &mut WebSocket, message: Message) -> Option<()> {
    timeout(SEND_WITHIN, socket.send(message)).await.ok()?.ok()
}

/// A pong carries the time at which its ping left.
fn note_round_trip(school: &School, page: Page, sent: &[u8]) {
    let Ok(sent) = sent.try_into().map(u64::from_be_bytes) else { return };
    school.note_round_trip(page, school.now().since(Time::from_micros(sent)));
}

/// Takes a message in; `None` if there were so many that no page has sent them.
fn hear(school: &School, page: Page, text: &str, allowance: &mut Allowance) -> Option<()> {
    match allowance.take(school.now()) {
        0 => match serde_json::from_str::<FromPage>(text) {
            Ok(message) => school.hear_page(page, message),
            Err(_) => school.refuse_page(page, Refusal::MessageUnreadable),
        },
        1 => school.refuse_page(page, Refusal::Busy),
        over if over > PAGE_MESSAGES_PER_SECOND_MAX * 4 => return None,
        // It was told once in this second.
        _ => {}
    }
    Some(())
}

/// How many messages a page has sent in this second.
struct Allowance {
    since: Time,
    taken: u32,
}

impl Allowance {
    const fn new(now: Time) -> Self {
        Self { since: now, taken: 0 }
    }

    /// Counts a message; gives by how many this second's allowance is exceeded.
    fn take(&mut self, now: Time) -> u32 {
        if now.since(self.since) >= Duration::from_secs(1) {
            *self = Self::new(now);
        }
        self.taken = self.taken.saturating_add(1);
        self.taken.saturating_sub(PAGE_MESSAGES_PER_SECOND_MAX)
    }
}
