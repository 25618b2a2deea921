//! The live class, told as stories, and then by chance for a long while.

use std::time::Duration;

use crate::base::time::Time;

use super::command::{Page, Stream};
use super::seat::{Line, Report, SEAT_KEPT, SeatState};
use super::sitting::Progress;
use super::{Actor, Alliance, Change, Command, Layer, LessonId, Phase, Refusal, RoomId, Sitting, Source};

const START: Time = Time::from_micros(1_763_683_200_000_000);

/// Places on stage: fewer than there are rooms, so that the stage is sometimes full.
const PLACES: usize = 1;

/// A class, and a clock that is only moved by hand.
pub(super) struct Class {
    pub(super) sitting: Sitting,
    now: Time,
}

impl Class {
    fn planned() -> Self {
        let demo = Alliance::demo(START);
        let entry = demo.timetable().now_for_room(&room(0), START).expect("the demo's lesson").clone();
        Self { sitting: Sitting::new(entry, Progress::default(), PLACES), now: START }
    }

    pub(super) fn live() -> Self {
        let mut class = Self::planned();
        class.teacher(Command::Start).unwrap();
        class
    }

    pub(super) fn wait(&mut self, wait: Duration) {
        self.now = self.now + wait;
    }

    pub(super) fn teacher(&mut self, command: Command) -> Result<Vec<Change>, Refusal> {
        let entry = self.sitting.entry();
        let teacher = Actor::teacher(entry.lesson.clone(), entry.teacher.clone());
        self.sitting.apply(self.now, &teacher, command)
    }

    pub(super) fn room(&mut self, index: usize, command: Command) -> Result<Vec<Change>, Refusal> {
        self.sitting.apply(self.now, &Actor::room(room(index)), command)
    }

    pub(super) fn server(&mut self, command: Command) -> Result<Vec<Change>, Refusal> {
        self.sitting.apply(self.now, &Actor::server(), command)
    }

    fn flow(&mut self, index: usize, loss: Option<f32>) -> Vec<Change> {
        let line =
            loss.map(|loss| Line { loss, rtt: Duration::from_millis(40), layer: Some(Layer::Full), held_back: false });
        self.server(Command::Flow { room: room(index), line }).unwrap()
    }

    fn state(&self, index: usize) -> SeatState {
        self.sitting.seat(&room(index)).unwrap().state()
    }
}

pub(super) fn room(index: usize) -> RoomId {
    RoomId::new(["qingshui-1", "shiqiao-1", "stranger-1"][index]).unwrap()
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn a_room_comes_sees_suffers_goes_and_comes_back() {
    let mut class = Class::live();
    assert_eq!(class.state(0), SeatState::Absent);
    let joined = class.room(0, Command::Open(Page(1))).unwrap();
    assert_eq!(joined, [Change::Seat { room: room(0), state: SeatState::Joining }]);
    class.flow(0, Some(0.0));
    assert_eq!(class.state(0), SeatState::Watching);
    assert_eq!(class.flow(0, Some(0.01)), [Change::Figures(room(0))]);
    class.flow(0, Some(0.2));
    assert_eq!(class.state(0), SeatState::Weak);
    class.flow(0, None);
    assert_eq!(class.state(0), SeatState::Joining, "the page is still there");
    class.room(0, Command::Close(Page(1))).unwrap();
    assert_eq!(class.state(0), SeatState::Lost);
    class.room(0, Command::Open(Page(2))).unwrap();
    assert_eq!(class.state(0), SeatState::Joining);
}

#[test]
fn a_seat_is_kept_for_ten_minutes() {
    let mut class = Class::live();
    class.room(0, Command::Open(Page(1))).unwrap();
    class.room(0, Command::Close(Page(1))).unwrap();
    assert_eq!(class.sitting.wakes(), class.now + SEAT_KEPT);
    class.wait(SEAT_KEPT - Duration::from_micros(1));
    assert_eq!(class.server(Command::Tick), Ok(vec![]));
    class.wait(Duration::from_micros(1));
    let given_up = class.server(Command::Tick).unwrap();
    assert_eq!(given_up, [Change::Seat { room: room(0), state: SeatState::Absent }]);
}

#[test]
fn the_newer_page_of_a_room_replaces_the_older() {
    let mut class = Class::live();
    class.room(0, Command::Open(Page(1))).unwrap();
    assert_eq!(class.room(0, Command::Open(Page(2))), Ok(vec![Change::PageReplaced(Page(1))]));
    assert_eq!(class.room(0, Command::Close(Page(1))), Ok(vec![]), "the older page's end is not the room's");
    assert_eq!(class.state(0), SeatState::Joining);
    class.teacher(Command::Open(Page(3))).unwrap();
    assert_eq!(class.teacher(Command::Open(Page(4))), Ok(vec![Change::PageReplaced(Page(3))]));
    assert_eq!(class.teacher(Command::Close(Page(3))), Ok(vec![]));
    assert_eq!(class.teacher(Command::Close(Page(4))), Ok(vec![Change::Teacher { here: false }]));
}

#[test]
fn a_second_stream_of_the_teacher_has_to_say_that_it_takes_over() {
    let mut class = Class::live();
    let publish = |stream, take_over| Command::Publish { stream: Stream(stream), take_over };
    class.teacher(publish(1, false)).unwrap();
    assert_eq!(class.teacher(publish(2, false)), Err(Refusal::AlreadyPublishing));
    let taken = class.teacher(publish(2, true)).unwrap();
    assert_eq!(taken, [Change::StreamOver(Stream(1)), Change::Publishing(Some(Stream(2)))]);
    assert_eq!(class.server(Command::Unpublish(Stream(1))), Ok(vec![]));
    assert_eq!(class.server(Command::Unpublish(Stream(2))), Ok(vec![Change::Publishing(None)]));
}

#[test]
fn hands_wait_in_the_order_they_went_up() {
    let mut class = Class::live();
    for index in [0, 1] {
        class.room(index, Command::Open(Page(index as u64))).unwrap();
    }
    class.room(1, Command::Hand { up: true }).unwrap();
    class.room(0, Command::Hand { up: true }).unwrap();
    class.wait(secs(5));
    assert_eq!(class.room(1, Command::Hand { up: true }), Ok(vec![]), "asking twice does not lose one's place");
    let order: Vec<_> = class.sitting.hands().into_iter().map(|(room, _)| room.clone()).collect();
    assert_eq!(order, [room(1), room(0)]);
    assert_eq!(class.teacher(Command::LowerHand(room(1))), Ok(vec![Change::Hand { room: room(1), up: false }]));
    let gone = class.room(0, Command::Close(Page(0))).unwrap();
    assert!(gone.contains(&Change::Hand { room: room(0), up: false }), "who is gone has no hand");
    assert_eq!(class.room(0, Command::Hand { up: true }), Err(Refusal::NotPermitted));
}

#[test]
fn nobody_acts_for_another_lesson_or_without_an_invitation() {
    let mut class = Class::live();
    assert_eq!(class.room(2, Command::Open(Page(1))), Err(Refusal::NotPermitted));
    assert_eq!(class.room(0, Command::Start), Err(Refusal::NotPermitted));
    assert_eq!(class.teacher(Command::Hand { up: true }), Err(Refusal::NotPermitted));
    let person = class.sitting.entry().teacher.clone();
    let other = Actor::teacher(LessonId::new("other").unwrap(), person);
    assert_eq!(class.sitting.apply(START, &other, Command::End), Err(Refusal::NotPermitted));
    assert_eq!(class.sitting.apply(START, &Actor::ops(), Command::Tick), Err(Refusal::NotPermitted));
}

#[test]
fn the_bell_ends_what_nobody_ends_five_minutes_later() {
    let mut class = Class::live();
    let closes = class.sitting.entry().closes();
    assert_eq!(closes.since(class.sitting.entry().ends), secs(300));
    class.now = closes - Duration::from_micros(1);
    assert_eq!(class.server(Command::Tick), Ok(vec![]));
    class.now = closes;
    assert_eq!(class.server(Command::Tick), Ok(vec![Change::Lesson(Phase::Ended)]));
    assert_eq!(class.sitting.wakes(), Time::NEVER);
}

#[test]
fn a_lesson_goes_on_after_a_restart_where_it_was() {
    let class = Class::live();
    let again = Sitting::new(class.sitting.entry().clone(), class.sitting.progress(), PLACES);
    assert_eq!((again.phase(), again.progress().began), (Phase::Live, Some(START)));
}

#[test]
fn a_planned_lesson_is_not_ended_by_a_slip() {
    assert_eq!(Class::planned().teacher(Command::End), Err(Refusal::NotPermitted));
}

#[test]
fn a_class_follows_its_plan_while_it_runs() {
    let mut class = Class::live();
    class.room(0, Command::Open(Page(0))).unwrap();
    class.teacher(Command::Call(room(0))).unwrap();
    class.room(0, Command::Publish { stream: Stream(7), take_over: false }).unwrap();
    let mut entry = class.sitting.entry().clone();
    entry.rooms = vec![room(1), room(2)];
    entry.ends = entry.ends + secs(600);
    let changes = class.sitting.replan(entry.clone());
    for wanted in [Change::Replanned, Change::StreamOver(Stream(7)), Change::Uninvited(room(0))] {
        assert!(changes.contains(&wanted), "{wanted:?} in {changes:?}");
    }
    assert!(class.sitting.stage().rooms().is_empty() && class.sitting.seat(&room(0)).is_none());
    assert_eq!(class.room(0, Command::Open(Page(1))), Err(Refusal::NotPermitted));
    assert!(class.room(2, Command::Open(Page(2))).is_ok(), "who is invited now comes in");
    assert_eq!((class.sitting.phase(), class.sitting.wakes()), (Phase::Live, entry.closes()));
}

#[test]
fn whatever_comes_in_whatever_order_the_class_stays_sound() {
    let mut chance = Chance(7);
    for _ in 0..20_000 {
        let mut class = Class::planned();
        for _ in 0..10 + chance.below(60) {
            let before = class.sitting.clone();
            class.wait(Duration::from_millis(chance.below(100_000)));
            let (who, command) = (chance.actor(&class.sitting), chance.command());
            let said = class.sitting.apply(class.now, &who, command);
            assert_sound(&before, &class.sitting, &said);
        }
    }
}

/// What holds between any two moments of a class.
fn assert_sound(before: &Sitting, after: &Sitting, said: &Result<Vec<Change>, Refusal>) {
    if before.phase() == Phase::Ended {
        assert_eq!(before, after, "nobody changes an ended lesson");
        assert!(said.as_ref().is_ok_and(Vec::is_empty) || said.is_err());
    }
    if said.is_err() {
        let (before, after) = (before.seats().collect::<Vec<_>>(), after.seats().collect::<Vec<_>>());
        assert_eq!(before, after, "a refusal changes nothing");
    }
    assert!(before.phase() <= after.phase(), "a lesson only goes on");
    assert_eq!(after.seats().count(), after.entry().rooms.len(), "a seat for each invited room, and no other");
    assert!(after.rooms_here() <= after.entry().rooms.len());
    assert_eq!(after.progress().ended.is_some(), after.phase() == Phase::Ended);

    let hands = after.hands();
    assert!(hands.windows(2).all(|two| two[0].1 < two[1].1 && two[0].1.since <= two[1].1.since), "in order of time");
    assert!(hands.iter().all(|(room, _)| after.seat(room).is_some_and(|seat| seat.is_here())), "only who is here");
    for (old, new) in before.seats().zip(after.seats()) {
        let told = |wanted: &Change| said.as_ref().is_ok_and(|changes| changes.contains(wanted));
        let seat = Change::Seat { room: new.room().clone(), state: new.state() };
        assert_eq!(old.state() != new.state(), told(&seat), "every change of a seat is told, and nothing else");
        let hand = Change::Hand { room: new.room().clone(), up: new.hand().is_some() };
        assert_eq!(old.hand() != new.hand(), told(&hand), "every change of a hand is told, and nothing else");
        let on = |sitting: &Sitting| sitting.stage().at(new.room()).cloned();
        let stage = Change::Stage { room: new.room().clone(), on: on(after).is_some() };
        assert_eq!(on(before).is_some() != on(after).is_some(), told(&stage), "every step on or off stage is told");
        let speaks = |sitting: &Sitting| sitting.stage().speaks() == Some(new.room());
        let mic = Change::Mic { room: new.room().clone(), open: speaks(after) };
        assert_eq!(speaks(before) != speaks(after), told(&mic), "every change of a microphone is told");
        assert!(!speaks(after) || on(after).is_some(), "only who is on stage is heard");
        assert!(new.stream().is_none() || new.hand().is_some() || on(after).is_some(), "nobody sends for nothing");
        if let (Some(old), Some(new)) = (on(before), on(after)) {
            assert_eq!(old.place, new.place, "who is on stage keeps the place");
        }
    }
    assert!(after.stage().rooms().len() <= PLACES);
}

/// A seeded source of chance: the same seed gives the same story (xorshift64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn room(&mut self) -> RoomId {
        room(usize::try_from(self.below(3)).unwrap())
    }

    fn actor(&mut self, sitting: &Sitting) -> Actor {
        let entry = sitting.entry();
        match self.below(8) {
            0 | 1 => Actor::teacher(entry.lesson.clone(), entry.teacher.clone()),
            2 => Actor::server(),
            3 => Actor::ops(),
            _ => Actor::room(self.room()),
        }
    }

    fn command(&mut self) -> Command {
        let (number, coin) = (self.below(4), self.below(2) == 0);
        match self.below(20) {
            0 | 1 => Command::Open(Page(number)),
            2 => Command::Close(Page(number)),
            3 => Command::Start,
            4 if number == 0 => Command::End,
            4..=6 => Command::Hand { up: coin },
            7 => Command::LowerHand(self.room()),
            8 => Command::Say { source: Source::ALL[usize::try_from(number % 3).unwrap()], on: coin },
            9 => Command::Report(Report { freezes: 1, ..Report::default() }),
            10 => Command::Publish { stream: Stream(number), take_over: coin },
            11 => Command::Unpublish(Stream(number)),
            12 => Command::Tick,
            13 | 14 => Command::Call(self.room()),
            15 => Command::Dismiss(self.room()),
            16 => Command::Cut(self.room()),
            17 => Command::Mic { open: coin },
            _ => Command::Flow { room: self.room(), line: self.line() },
        }
    }

    fn line(&mut self) -> Option<Line> {
        let loss = [0.0, 0.03, 0.3, 1.0][usize::try_from(self.below(4)).unwrap()];
        let layer = [None, Some(Layer::Quarter), Some(Layer::Full)][usize::try_from(self.below(3)).unwrap()];
        (self.below(3) > 0).then_some(Line {
            loss,
            rtt: Duration::from_millis(40),
            layer,
            held_back: layer == Some(Layer::Quarter),
        })
    }
}
