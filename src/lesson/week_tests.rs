//! A week's plan, told as stories: what it comes to, and what is in each other's way.

use std::time::Duration;

use super::alliance::Parts;
use super::calendar::Day;
use super::clash::{Clash, Needed, clashes, overruns};
use super::expand::{Districts, Unplaced, expand};
use super::fit::Misfit;
use super::pairing::RoomPair;
use super::school::{Bond, District, Group, Room};
use super::week::{Amended, Amendment, Bell, BellShift, Term, WeekPlan, Weekly, Weeks, Whose};
use super::{Alliance, DistrictId, Entry, GroupId, LessonId, PersonId, RoomId, SchoolId, TermId};
use crate::base::time::Time;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn lesson(id: &str) -> LessonId {
    LessonId::new(id).unwrap()
}

fn whose(school: Option<&str>) -> Whose {
    school.map_or(Whose::All, |id| Whose::School(SchoolId::new(id).unwrap()))
}

fn bell(school: Option<&str>, period: u8, starts: &str) -> Bell {
    Bell { whose: whose(school), period, starts: starts.parse().unwrap(), lasts: 40 }
}

/// Four weeks from a Tuesday on, with a lesson in the first period of every Monday and Tuesday.
fn plan() -> WeekPlan {
    let term = Term { id: TermId::new("t").unwrap(), name: "上学期".into(), first: day("2026-09-01"), weeks: 4 };
    let weekly = |id: &str, weekday| Weekly {
        id: lesson(id),
        term: term.id.clone(),
        weekday,
        period: 1,
        weeks: Weeks::All,
        span: 1..=20,
        title: "分数".into(),
        subject: "数学".into(),
        teacher: PersonId::new("wang-min").unwrap(),
        lead: SchoolId::new("shiyan").unwrap(),
        lead_room: None,
        rooms: vec![RoomId::new("qingshui-1").unwrap()],
    };
    WeekPlan {
        weeklies: vec![weekly("mon", 1), weekly("tue", 2)],
        terms: vec![term],
        bells: vec![bell(None, 1, "08:20"), bell(None, 2, "09:10")],
        ..WeekPlan::default()
    }
}

fn amend(weekly: &str, on: &str, what: Amended) -> Amendment {
    Amendment { weekly: lesson(weekly), day: day(on), what, reason: "教研".into() }
}

fn entries(plan: &WeekPlan) -> Vec<Entry> {
    let (entries, unplaced) = expand(plan, &Districts::new());
    assert_eq!(unplaced, []);
    entries
}

fn ids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.lesson.as_str()).collect()
}

fn starts(entries: &[Entry], id: &str) -> Time {
    entries.iter().find(|entry| entry.lesson == lesson(id)).unwrap().starts
}

#[test]
fn a_weekly_lesson_is_on_its_day_in_every_week_of_the_term() {
    let entries = entries(&plan());
    let mondays = ["mon-20260907", "mon-20260914", "mon-20260921"];
    let tuesdays = ["tue-20260901", "tue-20260908", "tue-20260915", "tue-20260922"];
    assert_eq!(ids(&entries), [&mondays[..], &tuesdays].concat(), "the first Monday is before the term");
    assert_eq!(starts(&entries, "tue-20260901"), day("2026-09-01").at("08:20".parse().unwrap()));
    assert!(entries.iter().all(|entry| entry.ends.since(entry.starts) == Duration::from_secs(40 * 60)));
    assert_eq!((entries[0].series(), entries[0].title.as_str()), ("mon", "分数"));
}

#[test]
fn odd_and_even_weeks_and_a_part_of_the_term() {
    let mut plan = plan();
    (plan.weeklies[0].weeks, plan.weeklies[1].span) = (Weeks::Odd, 2..=3);
    assert_eq!(ids(&entries(&plan)), ["mon-20260914", "tue-20260908", "tue-20260915"]);
}

#[test]
fn single_days_may_be_different_and_keep_their_ids() {
    let mut plan = plan();
    let to = day("2026-09-09");
    plan.amendments = vec![
        amend("mon", "2026-09-07", Amended::Moved { to, period: 2 }),
        amend("mon", "2026-09-14", Amended::Cancelled),
        amend("tue", "2026-09-01", Amended::Substitute(PersonId::new("li-na").unwrap())),
    ];
    let entries = entries(&plan);
    assert_eq!(starts(&entries, "mon-20260907"), to.at("09:10".parse().unwrap()));
    assert!(!ids(&entries).contains(&"mon-20260914"));
    let substituted: Vec<_> = entries.iter().filter(|entry| entry.teacher.as_str() == "li-na").collect();
    assert_eq!((substituted.len(), substituted[0].lesson.as_str()), (1, "tue-20260901"));
}

#[test]
fn a_school_has_bells_of_its_own_and_days_on_which_they_are_different() {
    let mut plan = plan();
    plan.bells.push(bell(Some("shiyan"), 1, "08:00"));
    let shift = |on: &str, school: Option<&str>, minutes| BellShift {
        day: day(on),
        whose: whose(school),
        minutes,
        reason: "升旗".into(),
    };
    plan.shifts = vec![
        shift("2026-09-07", None, 20),
        shift("2026-09-14", Some("other"), 20),
        shift("2026-09-21", Some("shiyan"), -10),
    ];
    let entries = entries(&plan);
    let at = |id: &str, on: &str| starts(&entries, id).since(day(on).at("00:00".parse().unwrap())).as_secs() / 60;
    assert_eq!(at("mon-20260907", "2026-09-07"), 500);
    assert_eq!(at("mon-20260914", "2026-09-14"), 480, "another school's day");
    assert_eq!(at("mon-20260921", "2026-09-21"), 470);
}

#[test]
fn a_district_has_bells_that_go_before_everybodys_and_behind_a_schools_own() {
    let mut plan = plan();
    let west = DistrictId::new("west").unwrap();
    let of_west = |period, starts: &str| Bell { whose: Whose::District(west.clone()), ..bell(None, period, starts) };
    plan.bells.push(of_west(1, "08:30"));
    let reason = "考试".to_owned();
    plan.shifts = vec![BellShift { day: day("2026-09-08"), whose: Whose::District(west.clone()), minutes: 5, reason }];
    let districts = Districts::from([(SchoolId::new("shiyan").unwrap(), west)]);
    let at = |plan: &WeekPlan, on: &str| {
        let (entries, unplaced) = expand(plan, &districts);
        assert_eq!(unplaced, []);
        starts(&entries, &format!("tue-{}", on.replace('-', ""))).since(day(on).at("00:00".parse().unwrap())).as_secs()
            / 60
    };
    assert_eq!((at(&plan, "2026-09-01"), at(&plan, "2026-09-08")), (510, 515));
    plan.bells.push(bell(Some("shiyan"), 1, "08:00"));
    assert_eq!((at(&plan, "2026-09-01"), at(&plan, "2026-09-08")), (480, 485));
}

#[test]
fn what_has_no_place_is_named_once() {
    let mut plan = plan();
    plan.weeklies[0].period = 9;
    plan.weeklies[1].term = TermId::new("other").unwrap();
    plan.amendments = vec![amend("tue", "2026-09-01", Amended::Cancelled)];
    let (entries, unplaced) = expand(&plan, &Districts::new());
    assert_eq!(entries, []);
    let no_term = Unplaced::NoTerm(lesson("tue"), TermId::new("other").unwrap());
    let nothing = Unplaced::NothingThere(lesson("tue"), day("2026-09-01"));
    assert_eq!(unplaced, [Unplaced::NoBell(lesson("mon"), 9), no_term, nothing]);
}

#[test]
fn whoever_is_needed_twice_at_once_is_named_the_first_time() {
    let mut plan = plan();
    plan.weeklies[1].weekday = 1;
    plan.weeklies[1].rooms.clear();
    let found = clashes(&entries(&plan), &plan);
    let teacher = Needed::Teacher(PersonId::new("wang-min").unwrap());
    assert_eq!(found, [Clash { needed: teacher, one: lesson("mon-20260907"), other: lesson("tue-20260907") }]);

    plan.weeklies[1].teacher = PersonId::new("li-na").unwrap();
    assert_eq!(clashes(&entries(&plan), &plan), []);
    let room = RoomId::new("shiyan-5-1").unwrap();
    plan.weeklies.iter_mut().for_each(|weekly| weekly.lead_room = Some(room.clone()));
    assert_eq!(clashes(&entries(&plan), &plan)[0].needed, Needed::Class(room.clone()));
    // A room cannot listen while its own class is taught.
    plan.weeklies[1].lead_room = None;
    plan.weeklies[1].rooms = vec![room.clone()];
    assert_eq!(clashes(&entries(&plan), &plan)[0].needed, Needed::Class(room.clone()));
    plan.weeklies[1].lead_room = Some(room);
    // A lesson that takes until after the next one's bell.
    plan.weeklies[1].period = 2;
    plan.bells[0].lasts = 60;
    assert_eq!(clashes(&entries(&plan), &plan).len(), 1);
}

#[test]
fn an_overrun_that_would_reach_into_the_next_lesson_is_told() {
    let mut plan = plan();
    (plan.weeklies[1].weekday, plan.weeklies[1].period) = (1, 2);
    assert_eq!(overruns(&entries(&plan), &plan), [], "ten minutes are enough");
    plan.bells[1].starts = "09:04".parse().unwrap();
    let found = overruns(&entries(&plan), &plan);
    let (one, other) = (lesson("mon-20260907"), lesson("tue-20260907"));
    assert_eq!(found.len(), 2, "the teacher and the room: {found:?}");
    assert_eq!((&found[0].one, &found[0].other), (&one, &other));
    assert_eq!(clashes(&entries(&plan), &plan), []);
}

#[test]
fn what_is_there_twice_is_named() {
    let now = day("2026-09-01").at("08:30".parse().unwrap());
    let mut parts = Alliance::with_everything(now).to_parts();
    let week = &mut parts.week;
    week.terms.extend_from_within(..);
    week.bells.extend_from_within(..1);
    week.weeklies.extend_from_within(1..);
    week.amendments.extend_from_within(..1);
    week.shifts.extend_from_within(..);
    parts.room_pairs.extend_from_within(..);
    let misfits = Alliance::new(parts).unwrap_err();
    let twice = misfits.iter().filter(|misfit| matches!(misfit, Misfit::Twice(_)));
    assert!(twice.count() >= 6, "{misfits:?}");
}

#[test]
fn an_alliance_takes_a_week_and_says_what_of_it_does_not_fit() {
    let now = day("2026-09-01").at("08:30".parse().unwrap());
    let demo = Alliance::demo(now).to_parts();
    let whole = Alliance::new(Parts { week: plan(), ..demo.clone() }).unwrap();
    let room = RoomId::new("qingshui-1").unwrap();
    assert!(whole.timetable().choices_for_room(&room, now).iter().any(|entry| entry.lesson == lesson("tue-20260901")));
    assert_eq!(whole.to_parts().entries, demo.entries, "single lessons stay single");
    assert_eq!(Alliance::new(whole.to_parts()), Ok(whole));

    let mut week = plan();
    week.weeklies[0].rooms = vec![RoomId::new("nowhere").unwrap()];
    week.weeklies[1].lead = SchoolId::new("qingshui").unwrap();
    let misfits = Alliance::new(Parts { week, ..demo }).unwrap_err();
    let named: Vec<_> = misfits.iter().map(ToString::to_string).collect();
    assert!(named.contains(&"weekly lesson mon names room nowhere, which is not there".to_owned()), "{named:?}");
    assert!(misfits.iter().any(|misfit| matches!(misfit, Misfit::NotLead(..))), "{named:?}");
    assert!(named.len() <= 4, "once, not every week: {named:?}");
}

impl Alliance {
    /// The demo with a district, a group, a room pair, a weekly timetable and everything that can be different in it.
    pub(crate) fn with_everything(now: Time) -> Self {
        let mut parts = Self::demo(now).to_parts();
        parts.pairings.iter_mut().for_each(|pairing| pairing.ends = Time::NEVER);
        let id = |text: &str| SchoolId::new(text).unwrap();
        let district = DistrictId::new("west").unwrap();
        parts.districts = vec![District { id: district.clone(), name: "西片学区".into() }];
        parts.schools[0].district = Some(district);
        let schools = vec![id("shiyan"), id("qingshui")];
        parts.groups =
            vec![Group { id: GroupId::new("g").unwrap(), name: "共同体".into(), kind: Bond::Integrated, schools }];
        let lead_room = RoomId::new("shiyan-5-1").unwrap();
        parts.rooms.push(Room { id: lead_room.clone(), school: id("shiyan"), name: "五年级1班".into() });
        let pairing = parts.pairings.iter().find(|pairing| pairing.member == id("qingshui")).unwrap().id.clone();
        let room = RoomId::new("qingshui-1").unwrap();
        parts.room_pairs = vec![RoomPair { pairing, lead_room: lead_room.clone(), room }];
        parts.week = plan();
        parts.week.weeklies[0].lead_room = Some(lead_room);
        parts.week.bells.push(bell(Some("shiyan"), 1, "08:00"));
        let of_district = Whose::District(DistrictId::new("west").unwrap());
        parts.week.bells.push(Bell { whose: of_district, ..bell(None, 2, "09:15") });
        let wang = parts.people[0].id.clone();
        parts.week.amendments = vec![
            amend("mon", "2026-09-07", Amended::Moved { to: day("2026-09-08"), period: 2 }),
            amend("mon", "2026-09-14", Amended::Cancelled),
            amend("tue", "2026-09-15", Amended::Substitute(wang)),
        ];
        let reason = "升旗".to_owned();
        parts.week.shifts =
            vec![BellShift { day: day("2026-09-21"), whose: whose(Some("shiyan")), minutes: -10, reason }];
        Self::new(parts).unwrap()
    }
}
