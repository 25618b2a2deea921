//! Hands, the stage and the floor in a live class: a room asks, is called, speaks, and leaves.

use super::change::Change;
use super::command::Stream;
use super::id::RoomId;
use super::permit::Actor;
use super::refusal::Refusal;
use super::seat::{Hand, Seat};
use super::sitting::Sitting;
use super::stage::{OnStage, Stage};

impl Sitting {
    pub(super) fn hand(&mut self, who: &Actor, up: bool) -> Result<Vec<Change>, Refusal> {
        let hand = Hand { since: self.now, turn: self.hands_raised };
        let seat = self.seat_of(who)?;
        if up && !seat.is_here() {
            return Err(Refusal::NotPermitted);
        }
        if !seat.raise(up.then_some(hand)) {
            return Ok(Vec::new());
        }
        let room = seat.room().clone();
        self.hands_raised += u64::from(up);
        Ok(vec![Change::Hand { room, up }])
    }

    pub(super) fn lower_hand(&mut self, room: &RoomId) -> Result<Vec<Change>, Refusal> {
        let seat = self.seats.get_mut(room).ok_or(Refusal::NotPermitted)?;
        Ok(lower(seat).into_iter().collect())
    }

    /// The teacher calls a room: its hand goes down, it comes on stage, and it alone is heard.
    pub(super) fn call(&mut self, room: &RoomId) -> Result<Vec<Change>, Refusal> {
        let seat = self.seats.get_mut(room).ok_or(Refusal::NotPermitted)?;
        if !seat.is_here() {
            return Err(Refusal::RoomNotHere);
        }
        let lowered = lower(seat);
        let (now, seats) = (self.now, &self.seats);
        let is_here = |room: &RoomId| seats.get(room).is_some_and(Seat::is_here);
        let staged = change_stage(&mut self.stage, |stage| stage.call(now, room, is_here));
        Ok(lowered.into_iter().chain(staged).collect())
    }

    pub(super) fn dismiss(&mut self, room: &RoomId) -> Vec<Change> {
        change_stage(&mut self.stage, |stage| stage.dismiss(room))
    }

    pub(super) fn cut(&mut self, room: &RoomId) -> Vec<Change> {
        change_stage(&mut self.stage, |stage| stage.cut(room))
    }

    /// The room that has the floor opens or closes its own microphone.
    pub(super) fn mic(&mut self, who: &Actor, open: bool) -> Result<Vec<Change>, Refusal> {
        let room = who.as_room().ok_or(Refusal::NotPermitted)?;
        let mut has_floor = false;
        let changes = change_stage(&mut self.stage, |stage| has_floor = stage.mute(room, !open));
        // A microphone that is closed already may be closed again.
        if has_floor || !open { Ok(changes) } else { Err(Refusal::MicrophoneClosed) }
    }

    pub(super) fn empty_stage(&mut self) -> Vec<Change> {
        change_stage(&mut self.stage, Stage::clear)
    }

    /// A room sends: from when its hand goes up, so that it is heard the moment it is called.
    pub(super) fn publish_from_room(&mut self, who: &Actor, stream: Stream) -> Result<Vec<Change>, Refusal> {
        self.may_send(who, true)?;
        let seat = self.seat_of(who)?;
        let room = seat.room().clone();
        let older = seat.send(Some(stream)).filter(|older| *older != stream);
        Ok(older.map(Change::StreamOver).into_iter().chain([Change::RoomStream(room)]).collect())
    }

    pub(super) fn unpublish_from_room(&mut self, stream: Stream) -> Vec<Change> {
        let sends = self.seats.values_mut().find(|seat| seat.stream() == Some(stream));
        let room = sends.map(|seat| {
            seat.send(None);
            seat.room().clone()
        });
        room.map(Change::RoomStream).into_iter().collect()
    }

    pub(super) fn has_cause_to_send(&self, seat: &Seat) -> bool {
        seat.hand().is_some() || self.stage.at(seat.room()).is_some()
    }

    /// Ends what rooms send that are no longer on stage and have no hand up.
    pub(super) fn end_idle_streams(&mut self) -> Vec<Change> {
        let stage = &self.stage;
        let idle = self.seats.values_mut().filter(|seat| seat.hand().is_none() && stage.at(seat.room()).is_none());
        idle.filter_map(|seat| seat.send(None)).map(Change::StreamOver).collect()
    }

    fn seat_of(&mut self, who: &Actor) -> Result<&mut Seat, Refusal> {
        who.as_room().and_then(|room| self.seats.get_mut(room)).ok_or(Refusal::NotPermitted)
    }
}

/// Takes a seat's hand down.
pub(super) fn lower(seat: &mut Seat) -> Option<Change> {
    seat.raise(None).then(|| Change::Hand { room: seat.room().clone(), up: false })
}

/// Changes the stage, and says what is different.
fn change_stage<T>(stage: &mut Stage, change: impl FnOnce(&mut Stage) -> T) -> Vec<Change> {
    let before = stage.clone();
    change(stage);
    let left = before.rooms().iter().filter(|on| stage.at(&on.room).is_none());
    let came = stage.rooms().iter().filter(|on| before.at(&on.room).is_none());
    let moved = |on: &OnStage, is_on| Change::Stage { room: on.room.clone(), on: is_on };
    let mic = |room: &RoomId, open| Change::Mic { room: room.clone(), open };
    let (spoke, speaks) = (before.speaks(), stage.speaks());
    let closed = spoke.filter(|room| speaks != Some(*room)).map(|room| mic(room, false));
    let opened = speaks.filter(|room| spoke != Some(*room)).map(|room| mic(room, true));
    let moves = left.map(|on| moved(on, false)).chain(came.map(|on| moved(on, true)));
    closed.into_iter().chain(moves).chain(opened).collect()
}
