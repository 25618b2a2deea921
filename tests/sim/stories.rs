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
    let since = school.now - ms(200);
    assert!(school.seat(room, VOICE).since(since).count() >= 8);
    judge(school);
}
