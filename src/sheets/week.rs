//! The sheets of the weekly timetable.

use crate::lesson::LessonId;
use crate::lesson::week::{Amended, Amendment, Bell, BellShift, Term, Weekly, Weeks, Whose};

use super::Sheet;
use super::columns::{
    CHANGE, Column, DAY, DISTRICT, FIRST_DAY, FROM_WEEK, ID, Kind, LEAD, LEAD_ROOM, LESSON, MINUTES, NAME, OF_SCHOOL,
    PERIOD, REASON, ROOMS, STARTS, SUBJECT, SUBSTITUTE, TEACHER, TERM, TITLE, TO_DAY, TO_PERIOD, UNTIL_WEEK,
    WEEK_COUNT, WEEKDAY, WEEKS, words,
};
use super::fault::What;
use super::import::Import;
use super::reader::{At, Row};

/// Weeks of the longest term: a whole school year.
const WEEKS_MAX: i64 = 53;
/// Periods of the longest day.
const PERIODS: (i64, i64) = (1, 20);
/// Minutes of a lesson.
const LESSON_MINUTES: (i64, i64) = (5, 240);
/// By how much bells may be moved.
const SHIFT_MINUTES: (i64, i64) = (-600, 600);

/// The columns of the timetable that point to other sheets.
pub(super) const POINTING: [(Column, Kind); 5] = [
    (TERM, Kind::Terms),
    (TEACHER, Kind::People),
    (LEAD, Kind::Schools),
    (LEAD_ROOM, Kind::Rooms),
    (ROOMS, Kind::Rooms),
];

/// Takes one of these sheets in.
pub(super) fn take(import: &mut Import, kind: Kind, sheet: &Sheet) {
    match kind {
        Kind::Terms => import.put(sheet, kind, term, |term| term.id.clone(), |parts| &mut parts.week.terms),
        Kind::Bells => {
            import.put(sheet, kind, bell, |bell| (bell.whose.clone(), bell.period), |parts| &mut parts.week.bells);
        }
        Kind::Timetable => {
            import.put(sheet, kind, weekly, |weekly| weekly.id.clone(), |parts| &mut parts.week.weeklies);
            remember_places(import, sheet);
        }
        Kind::Changes => import.put(
            sheet,
            kind,
            amendment,
            |amendment| (amendment.weekly.clone(), amendment.day),
            |parts| &mut parts.week.amendments,
        ),
        Kind::Shifts => {
            import.put(sheet, kind, shift, |shift| (shift.day, shift.whose.clone()), |parts| &mut parts.week.shifts);
        }
        _ => unreachable!("the others are no sheets of a week"),
    }
}

/// What is found out later about a lesson is told with its row.
fn remember_places(import: &mut Import, sheet: &Sheet) {
    let place =
        sheet.headings.iter().position(|heading| [ID.zh, ID.en].contains(&heading.trim().to_lowercase().as_str()));
    for (row, cells) in &sheet.rows {
        let id = place.and_then(|place| cells.get(place)).and_then(|id| LessonId::new(&id.trim().to_lowercase()).ok());
        if let Some(id) = id {
            import.weeklies.insert(id, At { place: sheet.place.clone(), row: *row });
        }
    }
}

fn term(row: &mut Row<'_>) -> Option<Term> {
    let (id, name, first) = (row.id(ID), row.text(NAME), row.day(FIRST_DAY));
    let weeks = row.number(WEEK_COUNT, (1, WEEKS_MAX));
    Some(Term { id: id?, name: name?, first: first?, weeks: weeks? })
}

/// A school or a district, or neither for all.
fn whose(row: &mut Row<'_>) -> Option<Whose> {
    match (row.maybe_id(OF_SCHOOL), row.maybe_id(DISTRICT)) {
        (None, None) => Some(Whose::All),
        (Some(school), None) => Some(Whose::School(school)),
        (None, Some(district)) => Some(Whose::District(district)),
        (Some(_), Some(_)) => {
            row.fault(DISTRICT, What::OneOf(OF_SCHOOL, DISTRICT));
            None
        }
    }
}

fn bell(row: &mut Row<'_>) -> Option<Bell> {
    let (whose, period) = (whose(row), row.number(PERIOD, PERIODS));
    let (starts, lasts) = (row.minute(STARTS), row.number(MINUTES, LESSON_MINUTES));
    Some(Bell { whose: whose?, period: period?, starts: starts?, lasts: lasts? })
}

fn weekly(row: &mut Row<'_>) -> Option<Weekly> {
    let (id, term) = (row.id(ID), row.id(TERM));
    let (weekday, period) = (row.word(WEEKDAY, words::WEEKDAY), row.number(PERIOD, PERIODS));
    let weeks = row.word_or(WEEKS, words::WEEKS, Weeks::All);
    let from: Option<u8> = row.number_or(FROM_WEEK, (1, WEEKS_MAX), 1);
    let until =
        row.number_or(UNTIL_WEEK, (from.map_or(1, i64::from), WEEKS_MAX), WEEKS_MAX.try_into().unwrap_or(u8::MAX));
    let (title, subject, teacher) = (row.maybe_text(TITLE), row.text(SUBJECT), row.id(TEACHER));
    let (lead, lead_room, rooms) = (row.id(LEAD), row.maybe_id(LEAD_ROOM), row.ids(ROOMS));
    let subject = subject?;
    Some(Weekly {
        id: id?,
        term: term?,
        weekday: weekday?,
        period: period?,
        weeks: weeks?,
        span: from?..=until?,
        title: title.unwrap_or_else(|| subject.clone()),
        subject,
        teacher: teacher?,
        lead: lead?,
        lead_room,
        rooms: rooms?,
    })
}

fn amendment(row: &mut Row<'_>) -> Option<Amendment> {
    let (weekly, day, reason) = (row.id(LESSON), row.day(DAY), row.text(REASON));
    let what = match row.word(CHANGE, words::CHANGE)? {
        words::Change::Moved => {
            let (to, period) = (row.day(TO_DAY), row.number(TO_PERIOD, PERIODS));
            Amended::Moved { to: to?, period: period? }
        }
        words::Change::Substitute => match row.maybe_id(SUBSTITUTE) {
            Some(person) => Amended::Substitute(person),
            None => {
                row.fault(CHANGE, What::Needs(SUBSTITUTE));
                return None;
            }
        },
        words::Change::Cancelled => Amended::Cancelled,
    };
    Some(Amendment { weekly: weekly?, day: day?, what, reason: reason? })
}

fn shift(row: &mut Row<'_>) -> Option<BellShift> {
    let (day, whose) = (row.day(DAY), whose(row));
    let (minutes, reason) = (row.number(MINUTES, SHIFT_MINUTES), row.text(REASON));
    Some(BellShift { day: day?, whose: whose?, minutes: minutes?, reason: reason? })
}
