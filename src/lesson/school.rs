//! Who there is: schools, their rooms and their people.

use super::id::{PersonId, RoomId, SchoolId};

/// A school of the alliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// Its id.
    pub id: SchoolId,
    /// What people call it.
    pub name: String,
    /// What part it has in the alliance.
    pub kind: Kind,
}

/// What part a school has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 牵头校: it teaches.
    Lead,
    /// 成员校: it listens.
    Member,
    /// 教学点: it listens, and is too small to be a school of its own.
    TeachingPoint,
}

impl Kind {
    /// Its name in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Member => "member",
            Self::TeachingPoint => "teaching_point",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Lead, Self::Member, Self::TeachingPoint].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A room of a school: one screen, one loudspeaker, one or two microphones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// The school it is in.
    pub school: SchoolId,
    /// The class that sits in it.
    pub name: String,
}

/// A grown-up with a part in a lesson; pupils have no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The school they belong to.
    pub school: SchoolId,
    /// Their name.
    pub name: String,
}
