//! What somebody is bound to, where a thing belongs, and whether the one covers the other.

use std::fmt;

use super::super::alliance::Alliance;
use super::super::id::{DistrictId, LessonId, PersonId, RoomId, SchoolId};
use super::super::timetable::Entry;

/// What somebody is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// A district with its schools; a school without a district is in none.
    District(DistrictId),
    /// A school with its rooms, people and lessons.
    School(SchoolId),
    /// One lesson.
    Lesson(LessonId),
    /// One room, in any lesson that invites it.
    Room(RoomId),
}

impl Scope {
    /// Whether the lesson of `entry` is within it, as far as the entry tells: a district has to be looked up
    /// ([`Scope::covers`]).
    pub fn covers_entry(&self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::District(_) => false,
            Self::School(school) => entry.lead == *school,
            Self::Lesson(lesson) => entry.lesson == *lesson,
            Self::Room(room) => entry.invites(room),
        }
    }

    /// Whether a thing is within it; `looking` as of [`super::Action::is_looking`].
    pub fn covers(&self, thing: &Belongs, looking: bool) -> bool {
        let guests: &[Home] = if looking { &thing.guests } else { &[] };
        let mut homes = thing.home.iter().chain(guests);
        match self {
            Self::All => true,
            Self::District(district) => homes.any(|home| home.district.as_ref() == Some(district)),
            Self::School(school) => homes.any(|home| home.school.as_ref() == Some(school)),
            Self::Lesson(lesson) => thing.lesson.as_ref() == Some(lesson),
            Self::Room(room) => thing.rooms.contains(room),
        }
    }

    /// The scope of that kind and name; [`Scope`]'s display gives both.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        let (kind, id) = text.split_once(':')?;
        Some(match kind {
            "district" => Self::District(id.parse().ok()?),
            "school" => Self::School(id.parse().ok()?),
            "lesson" => Self::Lesson(id.parse().ok()?),
            "room" => Self::Room(id.parse().ok()?),
            _ => return None,
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::District(id) => write!(f, "district:{id}"),
            Self::School(id) => write!(f, "school:{id}"),
            Self::Lesson(id) => write!(f, "lesson:{id}"),
            Self::Room(id) => write!(f, "room:{id}"),
        }
    }
}

/// The school that a thing is of, and that school's district; a district is of no school.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The district, if there is one.
    pub district: Option<DistrictId>,
    /// The school, if it is of one.
    pub school: Option<SchoolId>,
}

/// Where a thing belongs. What belongs nowhere is the whole's, and only [`Scope::All`] covers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongs {
    /// Whose it is: a lesson is its lead school's.
    pub home: Option<Home>,
    /// Those who have a part in it besides: the schools of the rooms that listen.
    pub guests: Vec<Home>,
    /// The lesson, if it is one.
    pub lesson: Option<LessonId>,
    /// The room that it is, or those that the lesson invites.
    pub rooms: Vec<RoomId>,
}

impl Belongs {
    /// What is nobody's in particular.
    pub fn to_the_whole() -> Self {
        Self::default()
    }
}

/// Where things belong is looked up here; what is not there belongs to the whole.
impl Alliance {
    /// A district.
    pub fn belongs_district(&self, district: &DistrictId) -> Belongs {
        Belongs { home: Some(Home { district: Some(district.clone()), school: None }), ..Belongs::default() }
    }

    /// A school.
    pub fn belongs_school(&self, school: &SchoolId) -> Belongs {
        Belongs { home: self.school(school).map(|_| self.home(school)), ..Belongs::default() }
    }

    /// A room.
    pub fn belongs_room(&self, room: &RoomId) -> Belongs {
        let home = self.room(room).map(|room| self.home(&room.school));
        Belongs { home, rooms: vec![room.clone()], ..Belongs::default() }
    }

    /// A person.
    pub fn belongs_person(&self, person: &PersonId) -> Belongs {
        Belongs { home: self.person(person).map(|person| self.home(&person.school)), ..Belongs::default() }
    }

    /// A lesson.
    pub fn belongs_lesson(&self, entry: &Entry) -> Belongs {
        let schools = entry.rooms.iter().filter_map(|room| self.room(room)).map(|room| &room.school);
        Belongs {
            home: Some(self.home(&entry.lead)),
            guests: schools.map(|school| self.home(school)).collect(),
            lesson: Some(entry.lesson.clone()),
            rooms: entry.rooms.clone(),
        }
    }

    /// What a scope itself is: whoever gives it to somebody else needs to cover it.
    pub fn belongs_scope(&self, scope: &Scope) -> Belongs {
        match scope {
            Scope::All => Belongs::to_the_whole(),
            Scope::District(district) => self.belongs_district(district),
            Scope::School(school) => self.belongs_school(school),
            Scope::Room(room) => self.belongs_room(room),
            Scope::Lesson(lesson) => {
                self.entry(lesson).map_or_else(Belongs::default, |entry| self.belongs_lesson(entry))
            }
        }
    }

    fn home(&self, school: &SchoolId) -> Home {
        let district = self.school(school).and_then(|school| school.district.clone());
        Home { district, school: Some(school.clone()) }
    }
}
