//! What a command did to a live class, for those who watch it and for the ledger.

use super::command::{Page, Stream};
use super::id::RoomId;
use super::seat::SeatState;
use super::sitting::Phase;
use super::slot::Source;

/// One thing that is different now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The class began or ended.
    Lesson(Phase),
    /// A room came, went, or sees better or worse.
    Seat {
        /// Which room.
        room: RoomId,
        /// Its state now.
        state: SeatState,
    },
    /// A hand went up or down.
    Hand {
        /// Whose.
        room: RoomId,
        /// Whether up.
        up: bool,
    },
    /// A room came on stage or left it.
    Stage {
        /// Which room.
        room: RoomId,
        /// Whether it is on.
        on: bool,
    },
    /// A room's microphone was opened or closed.
    Mic {
        /// Whose.
        room: RoomId,
        /// Whether it is open.
        open: bool,
    },
    /// What a room on stage sends is another stream now, or none.
    RoomStream(RoomId),
    /// The lesson's hours, words or rooms are others.
    Replanned,
    /// A room is not invited any more.
    Uninvited(RoomId),
    /// The figures of a seat moved, its state did not.
    Figures(RoomId),
    /// A source went on or off.
    Source {
        /// Which.
        source: Source,
        /// Whether on.
        on: bool,
    },
    /// The teacher came or went.
    Teacher {
        /// Whether a page of the teacher is open.
        here: bool,
    },
    /// The teacher sends, or stopped.
    Publishing(Option<Stream>),
    /// A newer page of the same room or teacher has this one's place: it has to go and not come back.
    PageReplaced(Page),
    /// A newer stream has this one's place, or there is no place for it any more: it has to be closed.
    StreamOver(Stream),
}

impl Change {
    /// What the ledger keeps of it, as a short stable phrase; none for what only the moment needs.
    pub fn what(&self) -> Option<String> {
        match self {
            Self::Lesson(phase) => Some(format!("lesson {}", phase.as_str())),
            Self::Seat { room, state } => Some(format!("seat {room} {}", state.as_str())),
            Self::Hand { room, up } => Some(format!("hand {room} {}", if *up { "up" } else { "down" })),
            Self::Source { source, on } => {
                Some(format!("source {} {}", source.as_str(), if *on { "on" } else { "off" }))
            }
            Self::Teacher { here } => Some(format!("teacher {}", if *here { "here" } else { "gone" })),
            Self::Publishing(stream) => Some(format!("teacher {}", if stream.is_some() { "sends" } else { "silent" })),
            Self::Replanned => Some("lesson replanned".to_owned()),
            Self::Uninvited(room) => Some(format!("seat {room} uninvited")),
            Self::Stage { room, on } => Some(format!("stage {room} {}", if *on { "on" } else { "off" })),
            Self::Mic { room, open } => Some(format!("mic {room} {}", if *open { "open" } else { "closed" })),
            Self::Figures(_) | Self::RoomStream(_) | Self::PageReplaced(_) | Self::StreamOver(_) => None,
        }
    }

    /// Whether the stage that pages show is different now.
    pub const fn is_stage(&self) -> bool {
        matches!(self, Self::Stage { .. } | Self::Mic { .. })
    }

    /// Whether the roster that pages show is different now.
    pub const fn is_roster(&self) -> bool {
        matches!(self, Self::Seat { .. } | Self::Hand { .. } | Self::Figures(_))
    }
}
