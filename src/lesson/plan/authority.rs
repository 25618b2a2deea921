//! Who may make an edit of the plan: what kind of act it is, and whose affairs it touches.

use super::super::alliance::Alliance;
use super::super::id::{LessonId, RoomId, SchoolId};
use super::super::permit::{Action, Actor, Belongs, permit_at};
use super::super::refusal::Refusal;
use super::super::week::Whose;
use super::{Edit, Key, Planned};

impl Planned {
    /// Whether somebody with these powers may make of `before` what is planned: each edit has to be theirs, both as the
    /// thing was and as it is to be.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] if one is not.
    pub fn permit(&self, powers: &[Actor], before: &Alliance) -> Result<(), Refusal> {
        let theirs = |key: Key| {
            let allowed = |thing: &Belongs| powers.iter().any(|who| permit_at(who, key.action(), thing).is_ok());
            [before, &self.alliance].into_iter().flat_map(|plan| plan.touched(&key)).all(|thing| allowed(&thing))
        };
        if self.edits.iter().map(Edit::key).all(theirs) { Ok(()) } else { Err(Refusal::NotPermitted) }
    }
}

impl Key {
    /// What one does who puts or removes it.
    pub const fn action(&self) -> Action {
        match self {
            Self::District(_) => Action::ManageDistricts,
            Self::School(_) => Action::ManageSchools,
            Self::Room(_) => Action::ManageRooms,
            Self::Person(_) => Action::ManagePeople,
            Self::Group(_) | Self::Pairing(_) | Self::RoomPair(_) => Action::ManagePairings,
            Self::Term(_) | Self::Bell(_) | Self::Weekly(_) | Self::Amendment(_) | Self::Shift(_) | Self::Entry(_) => {
                Action::ManageTimetable
            }
        }
    }
}

impl Alliance {
    /// Whose affairs a thing is; nobody's if it is not in this plan.
    fn touched(&self, key: &Key) -> Vec<Belongs> {
        if !self.has(key) {
            return Vec::new();
        }
        match key {
            Key::District(id) => vec![self.belongs_district(id)],
            Key::School(id) => vec![self.belongs_school(id)],
            Key::Room(id) => vec![self.belongs_room(id)],
            Key::Person(id) => vec![self.belongs_person(id)],
            Key::Group(id) => {
                let group = self.groups().find(|group| group.id == *id);
                group.into_iter().flat_map(|group| &group.schools).map(|school| self.belongs_school(school)).collect()
            }
            Key::Pairing(id) => {
                let schools = self.pairing(id).map(|pairing| [&pairing.lead, &pairing.member]);
                schools.into_iter().flatten().map(|school| self.belongs_school(school)).collect()
            }
            Key::RoomPair((lead_room, room)) => [lead_room, room].map(|room: &RoomId| self.belongs_room(room)).into(),
            Key::Term(_) => vec![Belongs::to_the_whole()],
            Key::Bell((whose, _)) | Key::Shift((_, whose)) => vec![self.belongs_whose(whose)],
            Key::Weekly(id) | Key::Amendment((id, _)) => vec![self.belongs_weekly(id)],
            Key::Entry(id) => self.entry(id).map(|entry| self.belongs_lesson(entry)).into_iter().collect(),
        }
    }

    fn belongs_whose(&self, whose: &Whose) -> Belongs {
        match whose {
            Whose::All => Belongs::to_the_whole(),
            Whose::District(district) => self.belongs_district(district),
            Whose::School(school) => self.belongs_school(school),
        }
    }

    fn belongs_weekly(&self, weekly: &LessonId) -> Belongs {
        let lead: Option<&SchoolId> = self.weekly(weekly.as_str()).map(|weekly| &weekly.lead);
        lead.map_or_else(Belongs::to_the_whole, |lead| self.belongs_school(lead))
    }
}
