//! Hands, the stage and the floor, told as stories.

use super::command::{Page, Stream};
use super::feed::Feed;
use super::seat::SEAT_KEPT;
use super::sitting_tests::{Class, room};
use super::slot::{Place, Slot};
use super::{Actor, Change, Command, Refusal, Source};

const STAGE: Slot = Slot::Stage(Place::One);
const STAGE_VOICE: Slot = Slot::StageVoice(Place::One);

/// A live class with both rooms here, of which the first sends.
fn with_rooms() -> Class {
    let mut class = Class::live();
    for index in [0, 1] {
        class.room(index, Command::Open(Page(index as u64))).unwrap();
    }
    class
}

fn send(class: &mut Class, index: usize, stream: u64) -> Result<Vec<Change>, Refusal> {
    class.room(index, Command::Publish { stream: Stream(stream), take_over: false })
}

fn of_room(class: &Class, slot: Slot, viewer: usize) -> Option<Feed> {
    class.sitting.feed(slot, &Actor::room(room(viewer)))
}

#[test]
fn a_called_room_is_seen_and_heard_by_all_but_itself() {
    let mut class = with_rooms();
    class.room(0, Command::Hand { up: true }).unwrap();
    let called = class.teacher(Command::Call(room(0))).unwrap();
    let lowered = Change::Hand { room: room(0), up: false };
    let on = Change::Stage { room: room(0), on: true };
    assert_eq!(called, [lowered, on, Change::Mic { room: room(0), open: true }]);
    let feed = |source| Some(Feed { room: Some(room(0)), source });
    assert_eq!(of_room(&class, STAGE, 1), feed(Source::Camera));
    assert_eq!(of_room(&class, STAGE_VOICE, 1), feed(Source::Voice));
    let teacher = Actor::teacher(class.sitting.entry().lesson.clone(), class.sitting.entry().teacher.clone());
    assert_eq!(class.sitting.feed(STAGE_VOICE, &teacher), feed(Source::Voice));
    assert_eq!(of_room(&class, STAGE, 0), None);
    assert_eq!(of_room(&class, STAGE_VOICE, 0), None, "nobody hears themselves");
}

#[test]
fn the_teacher_sees_what_rooms_see_and_never_hears_the_own_voice() {
    let mut class = with_rooms();
    for source in Source::ALL {
        class.teacher(Command::Say { source, on: true }).unwrap();
    }
    let teacher = Actor::teacher(class.sitting.entry().lesson.clone(), class.sitting.entry().teacher.clone());
    let feed = |slot| class.sitting.feed(slot, &teacher).map(|feed| feed.source);
    assert_eq!(feed(Slot::Camera), Some(Source::Camera));
    assert_eq!(feed(Slot::Screen), Some(Source::Screen));
    assert_eq!(feed(Slot::Voice), None);
    assert_eq!(of_room(&class, Slot::Voice, 0).map(|feed| feed.source), Some(Source::Voice));
}

#[test]
fn a_cut_microphone_stays_closed_until_the_room_is_called_again() {
    let mut class = with_rooms();
    class.teacher(Command::Call(room(0))).unwrap();
    assert_eq!(class.room(0, Command::Mic { open: false }), Ok(vec![Change::Mic { room: room(0), open: false }]));
    assert_eq!(class.room(0, Command::Mic { open: true }), Ok(vec![Change::Mic { room: room(0), open: true }]));
    assert_eq!(class.teacher(Command::Cut(room(0))), Ok(vec![Change::Mic { room: room(0), open: false }]));
    assert_eq!(class.room(0, Command::Mic { open: true }), Err(Refusal::MicrophoneClosed));
    assert_eq!(of_room(&class, STAGE_VOICE, 1), None);
    assert!(of_room(&class, STAGE, 1).is_some(), "it is still seen");
    class.teacher(Command::Call(room(0))).unwrap();
    assert!(of_room(&class, STAGE_VOICE, 1).is_some());
    assert_eq!(class.room(1, Command::Mic { open: true }), Err(Refusal::MicrophoneClosed), "not on stage");
}

#[test]
fn only_who_is_here_is_called() {
    let mut class = Class::live();
    assert_eq!(class.teacher(Command::Call(room(0))), Err(Refusal::RoomNotHere));
    assert_eq!(class.teacher(Command::Call(room(2))), Err(Refusal::NotPermitted), "not invited");
    class.room(0, Command::Open(Page(0))).unwrap();
    assert_eq!(class.room(0, Command::Call(room(0))), Err(Refusal::NotPermitted), "nobody calls themselves");
}

#[test]
fn a_room_may_send_from_when_its_hand_goes_up_until_nothing_is_left_to_send_for() {
    let mut class = with_rooms();
    assert_eq!(send(&mut class, 0, 7), Err(Refusal::NotPermitted));
    class.room(0, Command::Hand { up: true }).unwrap();
    assert_eq!(send(&mut class, 0, 7), Ok(vec![Change::RoomStream(room(0))]));
    let again = send(&mut class, 0, 8).unwrap();
    assert_eq!(again, [Change::StreamOver(Stream(7)), Change::RoomStream(room(0))], "the newer one counts");
    class.teacher(Command::Call(room(0))).unwrap();
    assert_eq!(class.sitting.seat(&room(0)).unwrap().stream(), Some(Stream(8)));
    let off = class.teacher(Command::Dismiss(room(0))).unwrap();
    assert!(off.contains(&Change::StreamOver(Stream(8))));
    assert_eq!(class.server(Command::Unpublish(Stream(8))), Ok(vec![]));
    class.room(1, Command::Hand { up: true }).unwrap();
    send(&mut class, 1, 9).unwrap();
    let lowered = class.teacher(Command::LowerHand(room(1))).unwrap();
    assert!(lowered.contains(&Change::StreamOver(Stream(9))));
}

#[test]
fn a_room_that_drops_out_keeps_its_place_as_long_as_its_seat() {
    let mut class = with_rooms();
    class.teacher(Command::Call(room(0))).unwrap();
    class.room(0, Command::Close(Page(0))).unwrap();
    assert!(class.sitting.stage().at(&room(0)).is_some());
    class.wait(SEAT_KEPT);
    let over = class.server(Command::Tick).unwrap();
    assert!(over.contains(&Change::Stage { room: room(0), on: false }));
    assert!(class.sitting.stage().rooms().is_empty());
}
