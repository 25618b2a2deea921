//! One WHIP or WHEP session: who it is, and what it sends or shows.

use crate::base::time::Time;
use crate::lesson::command::Page;
use crate::lesson::{Actor, Feed, Layer, LessonId, Origin, RoomId, Slot, Source};
use crate::sfu::command::SessionId;
use crate::sfu::event::Figures;

use super::view::SlotView;

/// Media threads of one process: their number is part of a session's.
const THREAD_BITS: u32 = 8;

/// One media session.
pub(super) struct Session {
    pub(super) id: SessionId,
    /// The secret end of its `Location`.
    pub(super) locator: String,
    /// Our ICE user name fragment; also its `ETag`.
    pub(super) ufrag: String,
    /// Theirs: a fragment with another one is an ICE restart.
    pub(super) their_ufrag: String,
    /// The first accepted section, to which candidates belong.
    pub(super) mid: String,
    pub(super) lesson: LessonId,
    pub(super) actor: Actor,
    /// Who that is in what is kept: the same at its end as at its beginning.
    pub(super) who: String,
    /// What its token was given for.
    pub(super) origin: Origin,
    pub(super) made: Time,
    /// How often its media thread's worker had been replaced before it was told of the session.
    pub(super) restarts: u64,
    pub(super) page: Option<Page>,
    pub(super) figures: Option<Figures>,
    pub(super) kind: Kind,
}

/// What a session is for.
pub(super) enum Kind {
    /// Its tracks, in order.
    Publish(Vec<PublishedTrack>),
    /// Its slots, in order.
    Watch(Vec<WatchSlot>),
}

/// One track of a publisher.
pub(super) struct PublishedTrack {
    pub(super) source: Source,
    /// What its layers are called, lowest first; a picture that comes in one size is a full one.
    pub(super) layers: Vec<Layer>,
}

/// One slot of a watcher, and what the media thread was last told to show there.
pub(super) struct WatchSlot {
    pub(super) slot: Slot,
    pub(super) feed: Option<Feed>,
    pub(super) filled: Option<(SessionId, usize)>,
    pub(super) layer: Option<Layer>,
}

impl WatchSlot {
    pub(super) const fn new(slot: Slot) -> Self {
        Self { slot, feed: None, filled: None, layer: None }
    }

    fn view(&self) -> SlotView {
        SlotView {
            slot: self.slot.as_str(),
            source: self.feed.as_ref().map(|feed| feed.source.as_str()),
            room: self.feed.as_ref().and_then(|feed| feed.room.as_ref()).map(RoomId::to_string),
            layer: self.layer.map(Layer::as_str),
        }
    }
}

impl Session {
    /// Its path, secret at its end.
    pub(super) fn location(&self) -> String {
        let door = if self.is_watcher() { "whep" } else { "whip" };
        format!("/{door}/{}/{}", self.lesson, self.locator)
    }

    /// What fills each slot; empty for a publisher.
    pub(super) fn slots(&self) -> Vec<SlotView> {
        match &self.kind {
            Kind::Publish(_) => Vec::new(),
            Kind::Watch(slots) => slots.iter().map(WatchSlot::view).collect(),
        }
    }

    /// The track of a source.
    pub(super) fn track(&self, source: Source) -> Option<usize> {
        match &self.kind {
            Kind::Publish(tracks) => tracks.iter().position(|track| track.source == source),
            Kind::Watch(_) => None,
        }
    }

    /// The source of a track.
    pub(super) fn source(&self, track: usize) -> Option<Source> {
        match &self.kind {
            Kind::Publish(tracks) => tracks.get(track).map(|track| track.source),
            Kind::Watch(_) => None,
        }
    }

    /// What a layer of a track is called; sound has none.
    pub(super) fn layer(&self, track: usize, number: u8) -> Option<Layer> {
        match &self.kind {
            Kind::Publish(tracks) => tracks.get(track)?.layers.get(usize::from(number)).copied(),
            Kind::Watch(_) => None,
        }
    }

    pub(super) const fn is_watcher(&self) -> bool {
        matches!(self.kind, Kind::Watch(_))
    }
}

/// The `count`-th session ever, on media thread `thread`.
pub(super) const fn session_id(count: u64, thread: usize) -> SessionId {
    SessionId(count << THREAD_BITS | thread as u64 & ((1 << THREAD_BITS) - 1))
}

/// The media thread of a session.
pub(super) const fn thread_of(session: SessionId) -> usize {
    (session.0 & ((1 << THREAD_BITS) - 1)) as usize
}
