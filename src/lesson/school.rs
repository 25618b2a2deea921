//! Who there is: districts, groups, schools, their rooms and their people.

use super::id::{DistrictId, GroupId, PersonId, RoomId, SchoolId};

/// A school of the alliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// Its id.
    pub id: SchoolId,
    /// What people call it.
    pub name: String,
    /// What part it has in the alliance.
    pub kind: Kind,
    /// The district it is in, where there are districts.
    pub district: Option<DistrictId>,
}

/// 学区: schools that are looked after together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// Its id.
    pub id: DistrictId,
    /// What people call it.
    pub name: String,
}

/// 集团 or 联盟: schools that help each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What people call it.
    pub name: String,
    /// What binds its schools.
    pub kind: Bond,
    /// Its schools.
    pub schools: Vec<SchoolId>,
}

/// What binds schools to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// 集团化办学: one leadership.
    Integrated,
    /// 城乡结对: an urban school supports a rural one.
    UrbanRural,
    /// 网络学校: a lesson for whoever has joined.
    Network,
}

impl Bond {
    /// Its name in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Integrated => "integrated",
            Self::UrbanRural => "urban_rural",
            Self::Network => "network",
        }
    }

    /// The bond of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Integrated, Self::UrbanRural, Self::Network].into_iter().find(|bond| bond.as_str() == name)
    }
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
