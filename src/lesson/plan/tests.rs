//! Changes of the plan, told as stories.

use super::super::calendar::Day;
use super::super::permit::{Actor, Role, Scope};
use super::super::refusal::Refusal;
use super::super::school::{Person, Room};
use super::super::week::{BellShift, Term, Weekly, Whose};
use super::super::{LessonId, PairingId, PersonId, RoomId, SchoolId};
use super::*;

/// Before the term of [`Alliance::with_everything`].
const BEFORE: Time = Time::from_micros(1_763_683_200_000_000);

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn lesson(id: &str) -> LessonId {
    LessonId::new(id).unwrap()
}

fn person(id: &str) -> Person {
    Person { id: PersonId::new(id).unwrap(), school: SchoolId::new("shiyan").unwrap(), name: "李娜".into() }
}

fn plan(alliance: &mut Alliance, command: PlanCommand) -> Vec<Edit> {
    let planned = alliance.plan(&command, BEFORE).unwrap();
    assert_eq!(alliance.edits_to(&planned.alliance).len(), planned.edits.len(), "every edit is a difference");
    *alliance = planned.alliance;
    planned.edits
}

fn refused(alliance: &Alliance, command: PlanCommand) -> &'static str {
    let refusal = alliance.plan(&command, BEFORE).unwrap_err();
    assert!(!refusal.zh().is_empty() && !refusal.to_string().is_empty());
    refusal.code()
}

#[test]
fn what_is_added_is_there_until_it_ends() {
    let mut alliance = Alliance::with_everything(BEFORE);
    let before = alliance.clone();
    let li_na = Thing::Person(person("li-na"));
    assert_eq!(refused(&alliance, PlanCommand::Alter(li_na.clone())), "plan_unknown");
    assert_eq!(plan(&mut alliance, PlanCommand::Add(li_na.clone())), [Edit::Put(li_na.clone())]);
    assert_eq!(refused(&alliance, PlanCommand::Add(li_na.clone())), "plan_known");
    let renamed = Thing::Person(Person { name: "李娜娜".into(), ..person("li-na") });
    plan(&mut alliance, PlanCommand::Alter(renamed));
    assert_eq!(alliance.name_of_person(&PersonId::new("li-na").unwrap()), "李娜娜");
    let end = PlanCommand::End { what: li_na.key(), last: day("2026-09-01") };
    plan(&mut alliance, end.clone());
    assert_eq!(alliance, before);
    assert_eq!(refused(&alliance, end), "plan_unknown");
}

#[test]
fn what_others_point_to_stays() {
    let alliance = Alliance::with_everything(BEFORE);
    let school = Key::School(SchoolId::new("qingshui").unwrap());
    let PlanRefusal::Misfits(misfits) =
        alliance.plan(&PlanCommand::End { what: school, last: day("2026-09-01") }, BEFORE).unwrap_err()
    else {
        panic!("something points to it")
    };
    assert!(
        misfits.iter().any(|misfit| misfit.to_string() == "room qingshui-1 names school qingshui, which is not there")
    );
    let nowhere = SchoolId::new("nowhere").unwrap();
    let room = Room { id: RoomId::new("r").unwrap(), school: nowhere, name: "一班".into() };
    assert_eq!(refused(&alliance, PlanCommand::Add(Thing::Room(room))), "plan_misfit");
}

#[test]
fn a_pairing_ends_with_a_day_if_no_lesson_after_it_needs_it() {
    let mut alliance = Alliance::with_everything(BEFORE);
    let pairing = alliance.pairings().find(|pairing| pairing.member.as_str() == "qingshui").unwrap().id.clone();
    let end = |what: Key, last: &str| PlanCommand::End { what, last: day(last) };
    assert_eq!(refused(&alliance, end(Key::Pairing(pairing.clone()), "2026-09-08")), "plan_misfit");
    for weekly in ["mon", "tue"] {
        plan(&mut alliance, end(Key::Weekly(lesson(weekly)), "2026-09-08"));
    }
    assert!(alliance.entry(&lesson("tue-20260908")).is_some() && alliance.entry(&lesson("tue-20260915")).is_none());
    assert_eq!(alliance.week().amendments.len(), 1, "what was different later is gone too");
    plan(&mut alliance, end(Key::Pairing(pairing.clone()), "2026-09-08"));
    assert_eq!(alliance.pairing(&pairing).unwrap().ends, day("2026-09-09").at(Minute::MIDNIGHT));
    let unknown = Key::Pairing(PairingId::new("nobody").unwrap());
    assert_eq!(refused(&alliance, end(unknown, "2026-09-08")), "plan_unknown");
    plan(&mut alliance, end(Key::Weekly(lesson("tue")), "2026-08-01"));
    assert!(alliance.weekly("tue").is_none(), "a weekly lesson without a day is none");
}

#[test]
fn a_lesson_is_moved_substituted_cancelled_and_restored_with_a_reason() {
    let mut alliance = Alliance::with_everything(BEFORE);
    plan(&mut alliance, PlanCommand::Add(Thing::Person(person("li-na"))));
    let whole = alliance.clone();
    let tuesday = lesson("tue-20260908");
    let reason = "外出学习".to_owned();
    let substitute = |reason: &str| PlanCommand::Substitute {
        lesson: lesson("tue-20260922"),
        teacher: PersonId::new("li-na").unwrap(),
        reason: reason.into(),
    };
    assert_eq!(refused(&alliance, substitute(" ")), "plan_no_reason");
    plan(&mut alliance, substitute(&reason));
    assert_eq!(alliance.entry(&lesson("tue-20260922")).unwrap().teacher.as_str(), "li-na");
    let moved =
        |lesson: LessonId, to: &str, period| PlanCommand::Move { lesson, to: day(to), period, reason: reason.clone() };
    assert_eq!(refused(&alliance, moved(lesson("tue-20260922"), "2026-09-23", 2)), "plan_amended");
    assert_eq!(refused(&alliance, moved(tuesday.clone(), "2026-09-10", 7)), "plan_misfit");
    // Monday's lesson was moved there.
    assert_eq!(refused(&alliance, moved(tuesday.clone(), "2026-09-08", 2)), "plan_clash");
    plan(&mut alliance, moved(tuesday.clone(), "2026-09-10", 2));
    assert_eq!(Day::of(alliance.entry(&tuesday).unwrap().starts), day("2026-09-10"), "its id stays");
    plan(&mut alliance, PlanCommand::Cancel { lesson: tuesday.clone(), reason: reason.clone() });
    assert_eq!(alliance.entry(&tuesday), None);
    for lesson in [tuesday, lesson("tue-20260922")] {
        plan(&mut alliance, PlanCommand::Restore { lesson });
    }
    assert_eq!(alliance, whole);
    assert_eq!(refused(&alliance, PlanCommand::Restore { lesson: lesson("tue-20260909") }), "plan_not_weekly");
}

#[test]
fn the_bells_of_a_day_are_corrected_and_put_back() {
    let mut alliance = Alliance::with_everything(BEFORE);
    let before = alliance.clone();
    let shift = |minutes| {
        let (day, reason) = (day("2026-09-08"), "升旗".to_owned());
        PlanCommand::CorrectBells(BellShift { day, whose: Whose::All, minutes, reason })
    };
    let starts = |alliance: &Alliance| alliance.entry(&lesson("tue-20260908")).unwrap().starts;
    plan(&mut alliance, shift(15));
    assert_eq!(starts(&alliance).since(starts(&before)).as_secs(), 15 * 60);
    plan(&mut alliance, shift(0));
    assert_eq!(alliance, before);
}

#[test]
fn a_lesson_that_has_begun_stays_as_it_was() {
    let alliance = Alliance::with_everything(BEFORE);
    let now = alliance.entry(&lesson("tue-20260908")).unwrap().starts + std::time::Duration::from_secs(1);
    let cancel = |id: &str| PlanCommand::Cancel { lesson: lesson(id), reason: "停电".into() };
    assert_eq!(alliance.plan(&cancel("tue-20260908"), now), Err(PlanRefusal::Begun(lesson("tue-20260908"))));
    assert!(alliance.plan(&cancel("tue-20260922"), now).is_ok());
    let mut weekly = alliance.weekly("tue").unwrap().clone();
    weekly.title = "小数".into();
    assert!(alliance.plan(&PlanCommand::Alter(Thing::Weekly(weekly.clone())), now).is_ok(), "a slip of the pen");
    weekly.period = 2;
    let refusal = alliance.plan(&PlanCommand::Alter(Thing::Weekly(weekly)), now).unwrap_err();
    assert_eq!(refusal.code(), "plan_begun");
    let end = PlanCommand::End { what: Key::Weekly(lesson("tue")), last: day("2026-09-08") };
    let ended = alliance.plan(&end, now).unwrap().alliance;
    assert!(ended.entry(&lesson("tue-20260908")).is_some() && ended.entry(&lesson("tue-20260922")).is_none());
}

#[test]
fn whatever_is_asked_for_in_whatever_order_the_plan_stays_sound() {
    let (mut taken, mut refused) = (0, 0);
    for seed in 1..=40_u64 {
        let mut chance = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bytes: Vec<u8> = (0..600)
            .map(|_| {
                chance ^= chance << 13;
                chance ^= chance >> 7;
                chance ^= chance << 17;
                chance.to_be_bytes()[3]
            })
            .collect();
        let (also_taken, also_refused) = crate::fuzzing::plan_commands(&bytes);
        (taken, refused) = (taken + also_taken, refused + also_refused);
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 300 && refused > 300, "{taken} taken, {refused} refused: chance reaches both");
}

/// Somebody who looks after this.
fn admin(role: Role, scope: &str) -> Vec<Actor> {
    vec![Actor { role, scope: Scope::parse(scope).unwrap(), person: None }]
}

#[test]
fn an_edit_is_made_only_by_those_whose_affairs_it_touches() {
    let alliance = Alliance::with_everything(BEFORE);
    let district = alliance.schools().find_map(|school| school.district.clone()).unwrap();
    let weekly = alliance.week().weeklies.first().unwrap().clone();
    let lead = weekly.lead.clone();
    let other = alliance.schools().map(|school| &school.id).find(|id| **id != lead).unwrap().clone();
    let retitled = PlanCommand::Alter(Thing::Weekly(Weekly { title: "分数的意义".into(), ..weekly }));
    let room = |school: &SchoolId| Room { id: RoomId::new("new").unwrap(), school: school.clone(), name: "新".into() };
    let term = alliance.week().terms.first().unwrap().clone();
    let renamed = PlanCommand::Alter(Thing::Term(Term { name: "下学期".into(), ..term }));
    let bells = |whose| {
        PlanCommand::CorrectBells(BellShift { day: day("2026-09-07"), whose, minutes: 5, reason: "停电".into() })
    };
    let pairing = PlanCommand::End {
        what: Key::Pairing(alliance.pairings().next().unwrap().id.clone()),
        last: day("2026-12-01"),
    };
    let may = |command: &PlanCommand, role, scope: &str| {
        let planned = alliance.plan(command, BEFORE).unwrap();
        planned.permit(&admin(role, scope), &alliance).is_ok()
    };
    let (lead, other) = (format!("school:{lead}"), format!("school:{other}"));
    let own = SchoolId::new(lead.trim_start_matches("school:")).unwrap();
    let of_district = format!("district:{district}");
    // Who looks after the whole, the district, the lead school, another school; who only looks.
    let row = |command: &PlanCommand| {
        [
            may(command, Role::DistrictAdmin, "all"),
            may(command, Role::DistrictAdmin, &of_district),
            may(command, Role::SchoolAdmin, &lead),
            may(command, Role::SchoolAdmin, &other),
            may(command, Role::Inspector, "all"),
        ]
    };
    let in_district = alliance.school(&own).unwrap().district.as_ref() == Some(&district);
    assert_eq!(row(&retitled), [true, in_district, true, false, false]);
    assert_eq!(row(&PlanCommand::Add(Thing::Room(room(&own)))), [true, in_district, true, false, false]);
    assert_eq!(row(&renamed), [true, false, false, false, false], "a term is everybody's");
    assert_eq!(row(&bells(Whose::All)), [true, false, false, false, false]);
    assert_eq!(row(&bells(Whose::School(own))), [true, in_district, true, false, false]);
    assert!(!row(&pairing)[2] && !row(&pairing)[3], "no school pairs itself");
}

#[test]
fn a_room_is_not_moved_out_of_or_into_a_school_that_is_not_ones_own() {
    let mut alliance = Alliance::with_everything(BEFORE);
    let school = alliance.rooms().next().unwrap().school.clone();
    let room = Room { id: RoomId::new("spare").unwrap(), school, name: "备用".into() };
    plan(&mut alliance, PlanCommand::Add(Thing::Room(room.clone())));
    let other = alliance.schools().map(|school| &school.id).find(|id| **id != room.school).unwrap().clone();
    let moved = PlanCommand::Alter(Thing::Room(Room { school: other.clone(), ..room.clone() }));
    let planned = alliance.plan(&moved, BEFORE).unwrap();
    for school in [&room.school, &other] {
        let powers = admin(Role::SchoolAdmin, &format!("school:{school}"));
        assert_eq!(planned.permit(&powers, &alliance), Err(Refusal::NotPermitted), "{school}");
    }
    let both = [&room.school, &other].map(|school| admin(Role::SchoolAdmin, &format!("school:{school}"))).concat();
    assert!(planned.permit(&both, &alliance).is_ok());
}
