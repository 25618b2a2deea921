//! What must hold in a school, told one story a test.

use crate::net::Line;
use crate::oracle::judge;
use crate::publisher::{CAMERA, VOICE};
use crate::school::{School, ms, secs};

#[test]
fn a_late_room_starts_on_a_keyframe() {
    let mut school = School::with_seed(7);
    let lead = school.lead();
    for _ in 0..3 {
        school.room(lead);
    }
    school.run_for(secs(5));
    let late = school.room(lead);
    school.run_for(secs(1));
    let first = school.seat(late, CAMERA).first().expect("a picture");
    assert!(first.key && first.part == 0, "{first:?}");
    assert!(school.seat(late, VOICE).came.len() > 30);
    judge(school);
}

#[test]
fn five_in_a_hundred_lost_both_ways_are_repaired() {
    let mut school = School::with_seed(8);
    let lead = school.publish(crate::publisher::Publishing::BROWSER, Line::lossy(0.05));
    let room = school.room_on(lead, Line::lossy(0.05));
    school.run_for(secs(20));
    let whole = school.seat(room, CAMERA).whole();
    assert!(whole >= 0.995, "{whole}");
    judge(school);
}

#[test]
fn a_peer_that_moves_is_followed_with_its_first_packet() {
    let mut school = School::with_seed(9);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(4));
    school.move_away(lead);
    school.run_for(ms(300));
    assert!(school.lately(room, VOICE) >= 12);
    judge(school);
}

#[test]
fn a_page_that_renames_its_streams_leaves_no_names_behind() {
    let mut school = School::with_seed(10);
    let lead = school.lead();
    let room = school.room(lead);
    for _ in 0..5 {
        school.run_for(secs(1));
        let mut chance = school.chance.clone();
        school.publisher(lead).rename_streams(&mut chance);
        school.chance = chance;
    }
    school.run_for(secs(2));
    assert!(school.lately(room, CAMERA) > 5, "its pictures go on");
    judge(school);
}
