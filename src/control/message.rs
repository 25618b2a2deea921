//! What a page and the server say to each other on the lesson's WebSocket (`docs/protocol.md` §6).

use serde::{Deserialize, Serialize};

use super::view::{LessonView, SeatView, SlotView, SourcesView, StageView, UplinkView};

/// From a page.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/protocol.md §6 describes each")]
pub enum FromPage {
    Hello { token: String },
    Renew { token: String },
    Session { location: String },
    Wish { slot: String, layer: String },
    Hand { up: bool },
    Source { kind: String, on: bool },
    Lesson { action: LessonAction },
    LowerHand { room: String },
    Call { room: String },
    Dismiss { room: String },
    Cut { room: String },
    Mic { open: bool },
    Report(ReportMessage),
    Ping { n: i64 },
}

/// What a teacher does with a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "docs/protocol.md §6 describes each")]
pub enum LessonAction {
    Start,
    End,
}

/// What a room's decoder saw in the last seconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/protocol.md §6 describes each")]
pub struct ReportMessage {
    pub picture_ms: Option<u32>,
    pub fps: f32,
    pub freezes: u32,
    pub concealed: u64,
    pub problem: Option<String>,
}

/// From the server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "docs/protocol.md §6 describes each")]
pub enum ToPage {
    Welcome {
        you: You,
        lesson: LessonView,
        sources: SourcesView,
        roster: Vec<SeatView>,
        stage: Vec<StageView>,
        slots: Vec<SlotView>,
    },
    Roster {
        rooms: Vec<SeatView>,
    },
    Lesson {
        lesson: LessonView,
    },
    Sources {
        sources: SourcesView,
    },
    Stage {
        stage: Vec<StageView>,
    },
    Slots {
        slots: Vec<SlotView>,
    },
    SessionLost {
        location: String,
    },
    Uplink(UplinkView),
    Refused {
        code: &'static str,
        title: &'static str,
        title_zh: &'static str,
    },
    Pong {
        n: i64,
    },
}

/// Who the server thinks a page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "docs/protocol.md §6 describes each")]
pub struct You {
    pub role: &'static str,
    pub id: String,
}

/// Why the server ends a page's connection; the WebSocket close codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodbye {
    /// Its token is missing, wrong or over.
    Unauthorized = 4401,
    /// It may not be here.
    Forbidden = 4403,
    /// There is no such lesson.
    Unknown = 4404,
    /// It did not say hello, or does not read.
    TooSlow = 4408,
    /// A newer page took its place.
    Replaced = 4409,
    /// The server goes down.
    GoingAway = 1001,
}
