//! A plan as sheets: what import reads comes out of here the same.

use crate::lesson::Alliance;
use crate::lesson::calendar::Day;
use crate::lesson::week::{Amended, Amendment, Weekly, Whose};

use super::Sheet;
use super::columns::{Kind, Words, words};

/// Every sheet of a plan that has rows, with Chinese headings. Lessons that were planned one by one are not in them.
pub fn export(alliance: &Alliance) -> Vec<Sheet> {
    let sheets = Kind::ALL.into_iter().map(|kind| {
        let headings = kind.columns().iter().map(|column| column.zh.to_owned()).collect();
        let name = kind.names().0.to_owned();
        Sheet { place: name.clone(), name, headings, rows: (2..).zip(rows(kind, alliance)).collect() }
    });
    sheets.filter(|sheet| !sheet.rows.is_empty()).collect()
}

fn rows(kind: Kind, alliance: &Alliance) -> Vec<Vec<String>> {
    let week = alliance.week();
    match kind {
        Kind::Districts => alliance.districts().map(|it| vec![it.id.to_string(), it.name.clone()]).collect(),
        Kind::Schools => alliance
            .schools()
            .map(|it| {
                vec![it.id.to_string(), it.name.clone(), say(it.kind, words::SCHOOL_KIND), maybe(it.district.as_ref())]
            })
            .collect(),
        Kind::Rooms => {
            alliance.rooms().map(|it| vec![it.id.to_string(), it.school.to_string(), it.name.clone()]).collect()
        }
        Kind::People => {
            alliance.people().map(|it| vec![it.id.to_string(), it.school.to_string(), it.name.clone()]).collect()
        }
        Kind::Groups => alliance
            .groups()
            .map(|it| vec![it.id.to_string(), it.name.clone(), say(it.kind, words::BOND), list(&it.schools)])
            .collect(),
        Kind::Pairings => alliance
            .pairings()
            .map(|it| {
                let (from, until) = (Day::of(it.starts), Day::of(it.ends).before());
                let kind = say(it.kind, words::BOND);
                vec![
                    it.id.to_string(),
                    it.lead.to_string(),
                    it.member.to_string(),
                    kind,
                    from.to_string(),
                    until.to_string(),
                ]
            })
            .collect(),
        Kind::RoomPairs => alliance
            .room_pairs()
            .iter()
            .map(|it| vec![it.pairing.to_string(), it.lead_room.to_string(), it.room.to_string()])
            .collect(),
        Kind::Terms => week
            .terms
            .iter()
            .map(|it| vec![it.id.to_string(), it.name.clone(), it.first.to_string(), it.weeks.to_string()])
            .collect(),
        Kind::Bells => week
            .bells
            .iter()
            .map(|it| {
                let [school, district] = whose(&it.whose);
                vec![school, district, it.period.to_string(), it.starts.to_string(), it.lasts.to_string()]
            })
            .collect(),
        Kind::Timetable => week.weeklies.iter().map(weekly).collect(),
        Kind::Changes => week.amendments.iter().map(amendment).collect(),
        Kind::Shifts => week
            .shifts
            .iter()
            .map(|it| {
                let [school, district] = whose(&it.whose);
                vec![it.day.to_string(), school, district, it.minutes.to_string(), it.reason.clone()]
            })
            .collect(),
    }
}

fn weekly(it: &Weekly) -> Vec<String> {
    vec![
        it.id.to_string(),
        it.term.to_string(),
        say(it.weekday, words::WEEKDAY),
        it.period.to_string(),
        say(it.weeks, words::WEEKS),
        it.span.start().to_string(),
        it.span.end().to_string(),
        it.title.clone(),
        it.subject.clone(),
        it.teacher.to_string(),
        it.lead.to_string(),
        maybe(it.lead_room.as_ref()),
        list(&it.rooms),
    ]
}

fn amendment(it: &Amendment) -> Vec<String> {
    let (change, to_day, to_period, substitute) = match &it.what {
        Amended::Moved { to, period } => (words::Change::Moved, to.to_string(), period.to_string(), String::new()),
        Amended::Substitute(person) => (words::Change::Substitute, String::new(), String::new(), person.to_string()),
        Amended::Cancelled => (words::Change::Cancelled, String::new(), String::new(), String::new()),
    };
    let change = say(change, words::CHANGE);
    vec![it.weekly.to_string(), it.day.to_string(), change, to_day, to_period, substitute, it.reason.clone()]
}

/// The cells for a school and for a district.
fn whose(whose: &Whose) -> [String; 2] {
    match whose {
        Whose::All => [String::new(), String::new()],
        Whose::District(district) => [String::new(), district.to_string()],
        Whose::School(school) => [school.to_string(), String::new()],
    }
}

fn say<T: PartialEq>(word: T, words: Words<T>) -> String {
    words.iter().find(|(known, ..)| *known == word).map_or_else(String::new, |(_, zh, _)| (*zh).to_owned())
}

fn maybe(id: Option<&impl ToString>) -> String {
    id.map_or_else(String::new, ToString::to_string)
}

fn list(ids: &[impl ToString]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}
