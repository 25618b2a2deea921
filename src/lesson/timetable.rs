//! The timetable: which lesson is whose, and when. It drives everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::time::Time;

use super::calendar::{Day, Minute};
use super::id::{LessonId, PersonId, RoomId, SchoolId};

/// How long before its start a room is let into a lesson, by itself.
pub const JOIN_EARLY: Duration = Duration::from_secs(2 * 60);

/// How long after the bell a lesson may go on.
pub const OVERRUN: Duration = Duration::from_secs(5 * 60);

/// One lesson as it is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub lesson: LessonId,
    /// What it is about.
    pub title: String,
    /// The subject.
    pub subject: String,
    /// Who teaches it.
    pub teacher: PersonId,
    /// The lead school.
    pub lead: SchoolId,
    /// The rooms that are invited.
    pub rooms: Vec<RoomId>,
    /// When it starts.
    pub starts: Time,
    /// When the bell rings.
    pub ends: Time,
}

impl Entry {
    /// Whether `room` is invited.
    pub fn invites(&self, room: &RoomId) -> bool {
        self.rooms.contains(room)
    }

    /// The weekly lesson that it is one of, by its id: all before the day's digits; a single lesson's whole id.
    pub fn series(&self) -> &str {
        let id = self.lesson.as_str();
        let is_day = |day: &str| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
        id.rsplit_once('-').filter(|(_, day)| is_day(day)).map_or(id, |(weekly, _)| weekly)
    }

    /// When it is over even if nobody says so.
    pub fn closes(&self) -> Time {
        self.ends + OVERRUN
    }

    /// What lessons are in order by.
    fn order(&self) -> (Time, &LessonId) {
        (self.starts, &self.lesson)
    }

    /// How near the lesson is to a room that asks at `now`; none if the room has to wait.
    fn nearness(&self, now: Time) -> Option<Nearness> {
        if self.starts <= now && now < self.ends {
            Some(Nearness::Running)
        } else if now < self.starts && self.starts <= now + JOIN_EARLY {
            Some(Nearness::Soon)
        } else if self.ends <= now && now < self.closes() {
            Some(Nearness::Overrun)
        } else {
            None
        }
    }
}

/// Which of two lessons a room belongs in: the earlier variant wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Running,
    Soon,
    Overrun,
}

/// No lesson is longer: to find those that are on now, only a day's are looked at.
pub const LESSON_MAX: Duration = Duration::from_secs(12 * 3_600);

/// All planned lessons, by their start: tens of thousands in a county's term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timetable {
    entries: Vec<Entry>,
    places: BTreeMap<LessonId, usize>,
    /// The places of each room's lessons, in their order.
    by_room: BTreeMap<RoomId, Vec<usize>>,
    by_teacher: BTreeMap<PersonId, Vec<usize>>,
}

impl Timetable {
    /// Puts the entries in order.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.order().cmp(&b.order()));
        let places = entries.iter().enumerate().map(|(place, entry)| (entry.lesson.clone(), place)).collect();
        let (mut by_room, mut by_teacher) = (BTreeMap::new(), BTreeMap::new());
        for (place, entry) in entries.iter().enumerate() {
            note_place(&mut by_teacher, &entry.teacher, place);
            entry.rooms.iter().for_each(|room| note_place(&mut by_room, room, place));
        }
        Self { entries, places, by_room, by_teacher }
    }

    /// Every entry, by its start.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a lesson.
    pub fn entry(&self, lesson: &LessonId) -> Option<&Entry> {
        self.places.get(lesson).map(|place| &self.entries[*place])
    }

    /// The lesson `room` belongs in at `now`: the one that runs, or starts within [`JOIN_EARLY`], or is not older than
    /// [`OVERRUN`] after its bell.
    pub fn now_for_room(&self, room: &RoomId, now: Time) -> Option<&Entry> {
        self.choices_for_room(room, now).into_iter().next()
    }

    /// All lessons `room` could be in at `now`, the best first: for when the first has ended before its bell.
    pub fn choices_for_room(&self, room: &RoomId, now: Time) -> Vec<&Entry> {
        let mut near: Vec<_> = self
            .among(self.by_room.get(room), now - LESSON_MAX, now + JOIN_EARLY + Duration::from_micros(1))
            .filter_map(|entry| Some((entry.nearness(now)?, entry)))
            .collect();
        near.sort_by_key(|&(nearness, _)| nearness);
        near.into_iter().map(|(_, entry)| entry).collect()
    }

    /// The lessons of `room` that start on the day of `now`, in order.
    pub fn today_for_room(&self, room: &RoomId, now: Time) -> impl Iterator<Item = &Entry> {
        let (start, end) = day(now);
        self.among(self.by_room.get(room), start, end)
    }

    /// The lessons of `teacher` that start on the day of `now`, in order.
    pub fn today_for_teacher(&self, teacher: &PersonId, now: Time) -> impl Iterator<Item = &Entry> {
        let (start, end) = day(now);
        self.among(self.by_teacher.get(teacher), start, end)
    }

    /// The lessons that start on the day of `now`, in order.
    pub fn today(&self, now: Time) -> impl Iterator<Item = &Entry> {
        let (start, end) = day(now);
        self.between(start, end).iter()
    }

    /// The lessons that start from `from` on and before `until`, in order.
    pub fn between(&self, from: Time, until: Time) -> &[Entry] {
        let place = |time| self.entries.partition_point(|entry| entry.starts < time);
        &self.entries[place(from)..place(until).max(place(from))]
    }

    /// The days on which something is otherwise than in another timetable.
    pub fn days_unlike(&self, other: &Self) -> BTreeSet<Day> {
        let (mut ours, mut theirs) = (self.entries.iter().peekable(), other.entries.iter().peekable());
        let mut days = BTreeSet::new();
        loop {
            let unlike = match (ours.peek(), theirs.peek()) {
                (None, None) => return days,
                (Some(one), Some(two)) if one == two => ours.next().and(theirs.next()).and(None),
                (Some(one), Some(two)) if one.order() > two.order() => theirs.next(),
                (Some(_), _) => ours.next(),
                (None, Some(_)) => theirs.next(),
            };
            days.extend(unlike.map(|entry| Day::of(entry.starts)));
        }
    }

    /// Those among these places that start from `from` on and before `until`, in order.
    fn among(&self, places: Option<&Vec<usize>>, from: Time, until: Time) -> impl Iterator<Item = &Entry> {
        let places = places.map_or(&[][..], Vec::as_slice);
        let first = places.partition_point(|place| self.entries[*place].starts < from);
        let entries = places[first..].iter().map(|place| &self.entries[*place]);
        entries.take_while(move |entry| entry.starts < until)
    }
}

/// Adds a place to those of a room or a teacher; a room that is invited twice is there once.
fn note_place<Id: Ord + Clone>(places: &mut BTreeMap<Id, Vec<usize>>, id: &Id, place: usize) {
    match places.get_mut(id) {
        Some(known) if known.last() == Some(&place) => {}
        Some(known) => known.push(place),
        None => _ = places.insert(id.clone(), vec![place]),
    }
}

/// The day that `now` is in, from midnight to midnight.
pub fn day(now: Time) -> (Time, Time) {
    let today = Day::of(now);
    let midnight = |day: Day| day.at(Minute::MIDNIGHT);
    (midnight(today), midnight(today.plus(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minute of one morning.
    fn minute(minute: u64) -> Time {
        Time::from_micros(1_763_683_200_000_000 + minute * 60_000_000)
    }

    fn lesson(id: &str, starts: u64, ends: u64) -> Entry {
        Entry {
            lesson: LessonId::new(id).unwrap(),
            title: String::new(),
            subject: String::new(),
            teacher: PersonId::new("t").unwrap(),
            lead: SchoolId::new("s").unwrap(),
            rooms: vec![RoomId::new("r").unwrap()],
            starts: minute(starts),
            ends: minute(ends),
        }
    }

    fn now_at(table: &Timetable, at: Time) -> Option<&str> {
        table.now_for_room(&RoomId::new("r").unwrap(), at).map(|entry| entry.lesson.as_str())
    }

    #[test]
    fn a_room_is_let_in_two_minutes_early_and_stays_five_minutes_over() {
        let table = Timetable::new(vec![lesson("a", 20, 60)]);
        let just_before = Duration::from_micros(1);
        assert_eq!(now_at(&table, minute(18) - just_before), None);
        assert_eq!(now_at(&table, minute(18)), Some("a"));
        assert_eq!(now_at(&table, minute(65) - just_before), Some("a"));
        assert_eq!(now_at(&table, minute(65)), None);
        assert_eq!(table.now_for_room(&RoomId::new("other").unwrap(), minute(30)), None);
    }

    #[test]
    fn the_next_lesson_wins_over_the_overrun_of_the_last_but_not_over_its_hours() {
        let table = Timetable::new(vec![lesson("b", 64, 100), lesson("a", 20, 63)]);
        assert_eq!(now_at(&table, minute(62)), Some("a"));
        assert_eq!(now_at(&table, minute(63)), Some("b"));
        let choices = table.choices_for_room(&RoomId::new("r").unwrap(), minute(62));
        assert_eq!(choices.iter().map(|entry| entry.lesson.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_day_turns_at_midnight_in_china() {
        let (start, end) = day(minute(0));
        assert_eq!(start.micros(), 1_763_654_400_000_000, "2025-11-20T16:00:00Z");
        assert_eq!(end.since(start), Duration::from_secs(86_400));
        assert_eq!(day(start), (start, end));
        assert_eq!(day(end).0, end);
        let table = Timetable::new(vec![lesson("a", 20, 60), lesson("tomorrow", 1_460, 1_500)]);
        assert_eq!(table.today(minute(0)).count(), 1);
    }
}
