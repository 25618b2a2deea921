//! Sheets into a plan: each row an addition, or in place of what had its id; all of it or nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::lesson::alliance::Parts;
use crate::lesson::calendar::Minute;
use crate::lesson::clash::{Clash, clashes, overruns};
use crate::lesson::expand::Unplaced;
use crate::lesson::pairing::{Pairing, RoomPair};
use crate::lesson::school::{District, Group, Person, Room, School};
use crate::lesson::{Alliance, LessonId, Misfit, PairingId};

use super::Sheet;
use super::columns::{
    Column, DISTRICT, FROM_DAY, ID, KIND, Kind, LEAD, LESSON, MEMBER, NAME, OF_SCHOOL, PAIR_LEAD_ROOM, PAIRING, ROOM,
    SCHOOL, SCHOOLS, SUBSTITUTE, UNTIL_DAY, words,
};
use super::fault::{SheetFault, SheetFaults, What};
use super::reader::{At, Reader, Row};
use super::week;

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The whole plan with it.
    pub alliance: Alliance,
    /// How many rows each kind of sheet had.
    pub rows: BTreeMap<Kind, usize>,
    /// Lessons that an overrun of the one before would reach into: worth a look, and no fault.
    pub overruns: Vec<Clash>,
}

/// Adds what sheets say to the parts of a plan.
///
/// # Errors
/// Everything that is wrong with the sheets, or that would not fit together.
pub fn import(parts: Parts, sheets: &[Sheet]) -> Result<Imported, SheetFaults> {
    let mut import = Import { parts, faults: Vec::new(), rows: BTreeMap::new(), weeklies: BTreeMap::new() };
    let mut known = Vec::new();
    for sheet in sheets {
        match Kind::of(&sheet.name) {
            Some(kind) => known.push((kind, sheet)),
            None => import.faults.push(SheetFault {
                place: sheet.place.clone(),
                row: None,
                column: None,
                what: What::UnknownSheet(sheet.name.clone()),
            }),
        }
    }
    known.sort_by_key(|(kind, _)| *kind);
    known.into_iter().for_each(|(kind, sheet)| import.take(kind, sheet));
    import.finish()
}

/// An import under way.
pub(super) struct Import {
    pub(super) parts: Parts,
    pub(super) faults: Vec<SheetFault>,
    pub(super) rows: BTreeMap<Kind, usize>,
    /// Where each weekly lesson stands.
    pub(super) weeklies: BTreeMap<LessonId, At>,
}

impl Import {
    fn take(&mut self, kind: Kind, sheet: &Sheet) {
        match kind {
            Kind::Districts => self.put(
                sheet,
                kind,
                |row| {
                    let (id, name) = (row.id(ID), row.text(NAME));
                    Some(District { id: id?, name: name? })
                },
                |district| district.id.clone(),
                |parts| &mut parts.districts,
            ),
            Kind::Schools => self.put(sheet, kind, school, |school| school.id.clone(), |parts| &mut parts.schools),
            Kind::Rooms => self.put(
                sheet,
                kind,
                |row| {
                    let (id, school, name) = (row.id(ID), row.id(SCHOOL), row.text(NAME));
                    Some(Room { id: id?, school: school?, name: name? })
                },
                |room| room.id.clone(),
                |parts| &mut parts.rooms,
            ),
            Kind::People => self.put(
                sheet,
                kind,
                |row| {
                    let (id, school, name) = (row.id(ID), row.id(SCHOOL), row.text(NAME));
                    Some(Person { id: id?, school: school?, name: name? })
                },
                |person| person.id.clone(),
                |parts| &mut parts.people,
            ),
            Kind::Groups => self.put(sheet, kind, group, |group| group.id.clone(), |parts| &mut parts.groups),
            Kind::Pairings => self.put(sheet, kind, pairing, |pair| pair.id.clone(), |parts| &mut parts.pairings),
            Kind::RoomPairs => self.put(
                sheet,
                kind,
                room_pair,
                |pair| (pair.lead_room.clone(), pair.room.clone()),
                |parts| &mut parts.room_pairs,
            ),
            Kind::Terms | Kind::Bells | Kind::Timetable | Kind::Changes | Kind::Shifts => week::take(self, kind, sheet),
        }
        self.check_names(kind, sheet);
    }

    /// Reads a sheet, and puts each thing in place of the one that had its key, or behind all others.
    pub(super) fn put<T, K: Ord + std::fmt::Debug>(
        &mut self,
        sheet: &Sheet,
        kind: Kind,
        read: impl Fn(&mut Row<'_>) -> Option<T>,
        key: impl Fn(&T) -> K,
        list: impl Fn(&mut Parts) -> &mut Vec<T>,
    ) {
        let mut reader = Reader::new(sheet, kind);
        let things = reader.rows(read);
        self.faults.append(&mut reader.faults);
        *self.rows.entry(kind).or_default() += things.len();
        let list = list(&mut self.parts);
        let mut places: BTreeMap<K, usize> = list.iter().enumerate().map(|(n, thing)| (key(thing), n)).collect();
        let mut seen: BTreeMap<K, usize> = BTreeMap::new();
        for (at, thing) in things {
            if let Some(row) = seen.insert(key(&thing), at.row) {
                let id = format!("{:?}", key(&thing)).trim_matches(['(', ')', '"']).to_owned();
                self.faults.push(at.fault(None, What::Twice { id, row }));
                continue;
            }
            match places.get(&key(&thing)) {
                Some(place) => list[*place] = thing,
                None => {
                    places.insert(key(&thing), list.len());
                    list.push(thing);
                }
            }
        }
    }

    /// Names in a sheet that nobody has, with the cell they stand in.
    fn check_names(&mut self, kind: Kind, sheet: &Sheet) {
        let pointing: &[(Column, Kind)] = match kind {
            Kind::Schools => &[(DISTRICT, Kind::Districts)],
            Kind::Rooms | Kind::People => &[(SCHOOL, Kind::Schools)],
            Kind::Bells | Kind::Shifts => &[(OF_SCHOOL, Kind::Schools), (DISTRICT, Kind::Districts)],
            Kind::Groups => &[(SCHOOLS, Kind::Schools)],
            Kind::Pairings => &[(LEAD, Kind::Schools), (MEMBER, Kind::Schools)],
            Kind::RoomPairs => &[(PAIRING, Kind::Pairings), (PAIR_LEAD_ROOM, Kind::Rooms), (ROOM, Kind::Rooms)],
            Kind::Timetable => &week::POINTING,
            Kind::Changes => &[(LESSON, Kind::Timetable), (SUBSTITUTE, Kind::People)],
            Kind::Districts | Kind::Terms => &[],
        };
        for (column, target) in pointing {
            let there = self.ids(*target);
            let Some(place) = sheet.headings.iter().position(|heading| is(heading, *column)) else { continue };
            for (row, cells) in &sheet.rows {
                let ids = cells.get(place).map_or("", String::as_str).split([',', ';', '、', '，', '；', ' ', '\n']);
                for id in ids.map(|id| id.trim().to_lowercase()).filter(|id| !id.is_empty()) {
                    if !there.contains(&id) {
                        let at = At { place: sheet.place.clone(), row: *row };
                        let what = What::NoSuch { sheet: target.names().0, id };
                        self.faults.push(at.fault(Some(*column), what));
                    }
                }
            }
        }
    }

    fn ids(&self, kind: Kind) -> BTreeSet<String> {
        let parts = &self.parts;
        match kind {
            Kind::Districts => parts.districts.iter().map(|district| district.id.to_string()).collect(),
            Kind::Schools => parts.schools.iter().map(|school| school.id.to_string()).collect(),
            Kind::Rooms => parts.rooms.iter().map(|room| room.id.to_string()).collect(),
            Kind::People => parts.people.iter().map(|person| person.id.to_string()).collect(),
            Kind::Pairings => parts.pairings.iter().map(|pairing| pairing.id.to_string()).collect(),
            Kind::Terms => parts.week.terms.iter().map(|term| term.id.to_string()).collect(),
            Kind::Timetable => parts.week.weeklies.iter().map(|weekly| weekly.id.to_string()).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// The plan as a whole, if every row was good.
    fn finish(mut self) -> Result<Imported, SheetFaults> {
        if !self.faults.is_empty() {
            return Err(SheetFaults(self.faults));
        }
        let parts = std::mem::take(&mut self.parts);
        let alliance = match Alliance::new(parts) {
            Ok(alliance) => alliance,
            Err(misfits) => return Err(SheetFaults(misfits.into_iter().map(|misfit| self.misfit(misfit)).collect())),
        };
        let clashes = clashes(alliance.timetable().entries(), alliance.week());
        let faults: Vec<_> = clashes.into_iter().map(|clash| self.clash(clash, &alliance)).collect();
        if !faults.is_empty() {
            return Err(SheetFaults(faults));
        }
        let overruns = overruns(alliance.timetable().entries(), alliance.week());
        Ok(Imported { alliance, rows: self.rows, overruns })
    }

    fn misfit(&self, misfit: Misfit) -> SheetFault {
        let weekly = match &misfit {
            Misfit::NotPaired(lesson, _) | Misfit::TooLong(lesson) => {
                lesson.as_str().rsplit_once('-').map(|(id, _)| id.to_owned())
            }
            Misfit::Unplaced(Unplaced::NoBell(weekly, _) | Unplaced::NoTerm(weekly, _) | Unplaced::LongId(weekly)) => {
                Some(weekly.to_string())
            }
            _ => None,
        };
        self.fault_of_weekly(weekly.as_deref(), What::Misfit(misfit))
    }

    fn clash(&self, clash: Clash, alliance: &Alliance) -> SheetFault {
        let series = |lesson| alliance.entry(lesson).map(|entry| entry.series().to_owned());
        // That of the two which is in these sheets, the later one if both are.
        let known = |weekly: &String| LessonId::new(weekly).is_ok_and(|id| self.weeklies.contains_key(&id));
        let weekly = [&clash.other, &clash.one].into_iter().filter_map(series).find(known);
        self.fault_of_weekly(weekly.as_deref(), What::Clash(clash))
    }

    /// With the row the lesson stands in, if that was one of these sheets.
    fn fault_of_weekly(&self, weekly: Option<&str>, what: What) -> SheetFault {
        let at = weekly.and_then(|id| LessonId::new(id).ok()).and_then(|id| self.weeklies.get(&id));
        match at {
            Some(at) => at.fault(None, what),
            None => SheetFault { place: String::new(), row: None, column: None, what },
        }
    }
}

fn is(heading: &str, column: Column) -> bool {
    let heading = heading.trim().to_lowercase();
    heading == column.zh || heading == column.en
}

fn school(row: &mut Row<'_>) -> Option<School> {
    let (id, name, kind) = (row.id(ID), row.text(NAME), row.word(KIND, words::SCHOOL_KIND));
    Some(School { id: id?, name: name?, kind: kind?, district: row.maybe_id(DISTRICT) })
}

fn group(row: &mut Row<'_>) -> Option<Group> {
    let (id, name) = (row.id(ID), row.text(NAME));
    let (kind, schools) = (row.word(KIND, words::BOND), row.ids(SCHOOLS));
    Some(Group { id: id?, name: name?, kind: kind?, schools: schools? })
}

fn pairing(row: &mut Row<'_>) -> Option<Pairing> {
    let (id, lead, member) = (row.id::<PairingId>(ID), row.id(LEAD), row.id(MEMBER));
    let (kind, from, until) = (row.word(KIND, words::BOND), row.day(FROM_DAY), row.day(UNTIL_DAY));
    // The last day counts.
    let (starts, ends) = (from?.at(Minute::MIDNIGHT), until?.plus(1).at(Minute::MIDNIGHT));
    Some(Pairing { id: id?, lead: lead?, member: member?, kind: kind?, starts, ends })
}

fn room_pair(row: &mut Row<'_>) -> Option<RoomPair> {
    let (pairing, lead_room, room) = (row.id(PAIRING), row.id(PAIR_LEAD_ROOM), row.id(ROOM));
    Some(RoomPair { pairing: pairing?, lead_room: lead_room?, room: room? })
}
