//! The table as it is meant, and every role × action × scope held against it.

use std::time::Duration;

use super::super::id::{DistrictId, LessonId, RoomId, SchoolId};
use super::super::school::District;
use super::super::{Alliance, Entry};
use super::*;
use crate::base::time::Time;

const NOW: Time = Time::from_micros(1_763_683_200_000_000);

/// District admin, school admin, teacher, assistant, room, observer, patrol, inspector, ops, server.
const MEANT: [(&str, &str); 36] = [
    ("OpenTeach", "..x......."),
    ("OpenClassroom", "....x....."),
    ("OpenOps", "........x."),
    ("OpenAdmin", "xx........"),
    ("Enter", "..xxxxxxx."),
    ("Join", "..xxxxxx.."),
    ("Publish", "..x.x....."),
    ("Watch", "..xxxxxx.."),
    ("StartLesson", "..x......."),
    ("EndLesson", "..x......."),
    ("RaiseHand", "....x....."),
    ("LowerHand", "..x......."),
    ("CallOn", "..x......."),
    ("Speak", "....x....."),
    ("SaySource", "..x......x"),
    ("WishLayer", "..xxxxxx.."),
    ("Report", "....x....."),
    ("Whisper", ".....x...."),
    ("HearWhisper", "...x......"),
    ("TakeNotes", ".....x.x.."),
    ("Evaluate", ".....x.x.."),
    ("Patrol", "......xx.."),
    ("ManageDistricts", "x........."),
    ("ManageSchools", "x........."),
    ("ManageRooms", "xx........"),
    ("ManagePeople", "xx........"),
    ("ManagePairings", "x........."),
    ("ManageTimetable", "xx........"),
    ("PairDevice", "xx........"),
    ("Revoke", "xx........"),
    ("ReadPlan", "xx....xx.."),
    ("ReadTimetable", "xxxxxxxxx."),
    ("Export", "xx.....x.."),
    ("ReadAudit", "xx.....x.."),
    ("ReadFigures", "........x."),
    ("TellFacts", ".........x"),
];

/// Which scopes a role can be bound to: all, district, school, lesson, room.
const TAKES: [(&str, &str); 10] = [
    ("district_admin", "xx..."),
    ("school_admin", "..x.."),
    ("teacher", "..xx."),
    ("assistant", "..xxx"),
    ("room", "....x"),
    ("observer", "xxxx."),
    ("patrol", "xxxx."),
    ("inspector", "xx.x."),
    ("ops", "x...."),
    ("server", "x...."),
];

fn marks<T>(all: impl IntoIterator<Item = T>, holds: impl Fn(T) -> bool) -> String {
    all.into_iter().map(|one| if holds(one) { 'x' } else { '.' }).collect()
}

#[test]
fn the_table_is_this_one() {
    for (action, (name, meant)) in Action::ALL.into_iter().zip(MEANT) {
        assert_eq!(format!("{action:?}"), name, "the actions in their order");
        assert_eq!(marks(Role::ALL, |role| permits(role, action)), meant, "{name}");
    }
}

#[test]
fn roles_are_bound_to_these_scopes() {
    let own = County::own_scopes();
    for (role, (name, meant)) in Role::ALL.into_iter().zip(TAKES) {
        assert_eq!(role.as_str(), name);
        assert_eq!(marks(&own, |scope| role.takes(scope)), meant, "{name}");
        assert_eq!(Role::parse(name), Some(role));
    }
}

/// Two districts: a lead school in one teaches a room of a member school in the other; a third school has no district.
struct County {
    alliance: Alliance,
    entry: Entry,
}

impl County {
    fn new() -> Self {
        let mut parts = Alliance::demo(NOW).to_parts();
        let named = |id: &str| District { id: DistrictId::new(id).unwrap(), name: id.into() };
        parts.districts = vec![named("east"), named("west")];
        for school in &mut parts.schools {
            let district =
                [("shiyan", "east"), ("qingshui", "west")].into_iter().find(|(id, _)| school.id.as_str() == *id);
            school.district = district.map(|(_, district)| DistrictId::new(district).unwrap());
        }
        for entry in &mut parts.entries {
            entry.rooms.retain(|room| room.as_str() == "qingshui-1");
        }
        let entry = parts.entries[0].clone();
        Self { alliance: Alliance::new(parts).unwrap(), entry }
    }

    /// One scope of each kind, in the order of the tables.
    fn own_scopes() -> [Scope; 5] {
        [
            Scope::All,
            Scope::District(DistrictId::new("east").unwrap()),
            Scope::School(SchoolId::new("shiyan").unwrap()),
            Scope::Lesson(County::new().entry.lesson),
            Scope::Room(RoomId::new("qingshui-1").unwrap()),
        ]
    }

    /// Things, and which of the own scopes cover each: for changing it, and for looking at it.
    fn things(&self) -> Vec<(&'static str, Belongs, &'static str, &'static str)> {
        let (lead, member) = (SchoolId::new("shiyan").unwrap(), SchoolId::new("qingshui").unwrap());
        let (east, west) = (DistrictId::new("east").unwrap(), DistrictId::new("west").unwrap());
        let (own, other) = (RoomId::new("qingshui-1").unwrap(), RoomId::new("shiqiao-1").unwrap());
        let person = self.entry.teacher.clone();
        let elsewhere = Entry {
            lesson: LessonId::new("elsewhere").unwrap(),
            lead: member.clone(),
            rooms: vec![other.clone()],
            ..self.entry.clone()
        };
        let at = &self.alliance;
        vec![
            ("the whole", Belongs::to_the_whole(), "x....", "x...."),
            ("the own district", at.belongs_district(&east), "xx...", "xx..."),
            ("another district", at.belongs_district(&west), "x....", "x...."),
            ("the own school", at.belongs_school(&lead), "xxx..", "xxx.."),
            ("another school", at.belongs_school(&member), "x....", "x...."),
            ("a person of the own school", at.belongs_person(&person), "xxx..", "xxx.."),
            ("the own lesson", at.belongs_lesson(&self.entry), "xxxxx", "xxxxx"),
            ("another lesson", at.belongs_lesson(&elsewhere), "x....", "x...."),
            ("the own room", at.belongs_room(&own), "x...x", "x...x"),
            ("a room without a district", at.belongs_room(&other), "x....", "x...."),
            ("a room that nobody knows", at.belongs_room(&RoomId::new("nowhere").unwrap()), "x....", "x...."),
        ]
    }
}

#[test]
fn every_role_action_and_scope_is_as_the_tables_say() {
    let county = County::new();
    let mut decided = 0;
    for (role, (_, takes)) in Role::ALL.into_iter().zip(TAKES) {
        for (action, (_, may)) in Action::ALL.into_iter().zip(MEANT) {
            let may = may.as_bytes()[role as usize] == b'x';
            for (number, scope) in County::own_scopes().into_iter().enumerate() {
                let who = Actor { role, scope, person: None };
                for (thing, belongs, changing, looking) in county.things() {
                    let covers = if action.is_looking() { looking } else { changing };
                    let meant = may && takes.as_bytes()[number] == b'x' && covers.as_bytes()[number] == b'x';
                    let said = permit_at(&who, action, &belongs);
                    assert_eq!(said.is_ok(), meant, "{role:?} of {} does {action:?} to {thing}", who.scope);
                    assert!(said.is_ok() || said == Err(Refusal::NotPermitted));
                    decided += 1;
                }
            }
        }
    }
    assert_eq!(decided, 10 * 36 * 5 * 11);
}

#[test]
fn who_listens_to_a_lesson_may_look_at_it_but_change_nothing() {
    let county = County::new();
    let lesson = county.alliance.belongs_lesson(&county.entry);
    let west = Scope::District(DistrictId::new("west").unwrap());
    let inspector = Actor { role: Role::Inspector, scope: west.clone(), person: None };
    let admin = Actor { role: Role::DistrictAdmin, scope: west, person: None };
    assert_eq!(permit_at(&inspector, Action::Watch, &lesson), Ok(()));
    assert_eq!(permit_at(&admin, Action::ReadPlan, &lesson), Ok(()));
    assert_eq!(permit_at(&admin, Action::ManageTimetable, &lesson), Err(Refusal::NotPermitted));
    assert_eq!(permit_at(&admin, Action::Revoke, &lesson), Err(Refusal::NotPermitted));
}

#[test]
fn in_a_class_the_entry_alone_decides_the_same() {
    let county = County::new();
    let other = Entry {
        lesson: LessonId::new("other").unwrap(),
        lead: SchoolId::new("qingshui").unwrap(),
        rooms: Vec::new(),
        starts: county.entry.starts + Duration::from_secs(60),
        ..county.entry.clone()
    };
    for role in Role::ALL {
        for action in Action::ALL {
            for scope in County::own_scopes().into_iter().filter(|scope| !matches!(scope, Scope::District(_))) {
                let who = Actor { role, scope, person: None };
                for entry in [&county.entry, &other] {
                    let said = permit(&who, action, entry);
                    assert_eq!(
                        said,
                        permit_at(&who, action, &county.alliance.belongs_lesson(entry)),
                        "{who:?} {action:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_scope_is_written_and_read_the_same() {
    for scope in County::own_scopes() {
        assert_eq!(Scope::parse(&scope.to_string()), Some(scope));
    }
    for bad in ["", "everything", "school:", "school:a b", "room", "planet:x", "all:x"] {
        assert_eq!(Scope::parse(bad), None, "{bad}");
    }
}
