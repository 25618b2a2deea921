//! What can be asked of a live class, or told to it.

use super::id::RoomId;
use super::permit::Action;
use super::seat::{Line, Report};
use super::slot::Source;

/// One connection of one page; no two ever have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page(pub u64);

/// One stream of media that a teacher or a room sends; no two ever have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream(pub u64);

/// What is asked or told.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A teacher's or room's page is here.
    Open(Page),
    /// That page is gone.
    Close(Page),
    /// The class begins.
    Start,
    /// The class ends.
    End,
    /// The room's own hand goes up or down.
    Hand {
        /// Whether up.
        up: bool,
    },
    /// The teacher has seen the hand of a room.
    LowerHand(RoomId),
    /// The teacher gives a room the floor, and a place on stage.
    Call(RoomId),
    /// The teacher takes a room off the stage.
    Dismiss(RoomId),
    /// The teacher closes a room's microphone.
    Cut(RoomId),
    /// The room that has the floor opens or closes its own microphone.
    Mic {
        /// Whether it is to be open.
        open: bool,
    },
    /// A source of the teacher is on or off.
    Say {
        /// Which.
        source: Source,
        /// Whether on.
        on: bool,
    },
    /// What the room's decoder did since the last report.
    Report(Report),
    /// The teacher, or a room that is on stage or has its hand up, wants to send.
    Publish {
        /// The new stream.
        stream: Stream,
        /// Whether it may replace one that is there; a room's always does.
        take_over: bool,
    },
    /// A stream is gone.
    Unpublish(Stream),
    /// Media flows to a room, and how well; or, with none, flows no more.
    Flow {
        /// To whom.
        room: RoomId,
        /// How well.
        line: Option<Line>,
    },
    /// Time has passed.
    Tick,
}

impl Command {
    /// What one must be permitted in order to say it.
    pub const fn action(&self) -> Action {
        match self {
            Self::Open(_) | Self::Close(_) => Action::Join,
            Self::Start => Action::StartLesson,
            Self::End => Action::EndLesson,
            Self::Hand { .. } => Action::RaiseHand,
            Self::LowerHand(_) => Action::LowerHand,
            Self::Call(_) | Self::Dismiss(_) | Self::Cut(_) => Action::CallOn,
            Self::Mic { .. } => Action::Speak,
            Self::Say { .. } => Action::SaySource,
            Self::Report(_) => Action::Report,
            Self::Publish { .. } => Action::Publish,
            Self::Unpublish(_) | Self::Flow { .. } | Self::Tick => Action::TellFacts,
        }
    }

    /// Whether it only tells what has happened already, so that refusing it would be of no use.
    pub const fn is_fact(&self) -> bool {
        matches!(self, Self::Close(_) | Self::Report(_) | Self::Unpublish(_) | Self::Flow { .. } | Self::Tick)
    }
}
