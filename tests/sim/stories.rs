//! What must hold in a school, told one story a test.

use tongke::sfu::discard::Discard;

use crate::net::{Line, Link};
use crate::oracle::judge;
use crate::publisher::{CAMERA, Publishing, SCREEN, VOICE};
use crate::school::{School, ms, secs};
use crate::watcher::Watching;

/// A plain player.
const PLAYER: Watching = Watching { repair: true, estimates: false, slots: &[true, false] };

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
    let first = school.seat(late, CAMERA).opening().expect("a picture");
    assert!(first.key && first.part == 0, "{first:?}");
    assert!(school.seat(late, VOICE).came.len() > 30);
    judge(school);
}

#[test]
fn five_in_a_hundred_lost_both_ways_are_repaired() {
    let mut school = School::with_seed(8);
    let lead = school.publish(Publishing::BROWSER, Line::lossy(0.05));
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
    school.run_for(ms(4_300));
    for peer in [lead, room] {
        school.move_away(peer);
        school.run_for(ms(300));
        assert!(school.is_followed(peer), "well before its next check");
    }
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

#[test]
fn a_peer_that_moves_back_is_followed_too() {
    let mut school = School::with_seed(11);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(3));
    for peer in [room, lead] {
        let before = school.move_away(peer);
        school.run_for(ms(1_500));
        school.move_back(peer, before);
        school.run_for(ms(400));
        assert!(school.is_followed(peer), "well before its next check");
        assert!(school.lately(room, VOICE) >= 10, "{}", school.lately(room, VOICE));
    }
    judge(school);
}

#[test]
fn a_restart_with_new_passwords_interrupts_nothing() {
    let mut school = School::with_seed(12);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(3));
    school.restart_ice(room);
    school.restart_ice(lead);
    school.run_for(secs(3));
    assert_eq!(school.seat(room, VOICE).given_up.len(), 0);
    assert!(school.lately(room, VOICE) >= 14);
    judge(school);
}

#[test]
fn three_hundred_rooms_asking_make_one_keyframe_request() {
    let mut school = School::with_seed(13);
    let lead = school.lead();
    let rooms: Vec<_> = (0..300).map(|_| school.room_like(PLAYER, lead, Line::good())).collect();
    school.run_for(secs(1));
    let before = school.publisher(lead).asked.len();
    rooms.iter().for_each(|room| school.watcher(*room).begs = true);
    school.run_for(ms(400));
    let asked = school.publisher(lead).asked.len() - before;
    assert_eq!(asked, 1, "of the camera, in less than half a second");
    school.everyone_leaves();
    assert_eq!(school.worker.counters().discarded(Discard::JobsFull), 0);
}

#[test]
fn a_bad_room_costs_the_others_nothing() {
    let lesson = |bad: bool| {
        let mut school = School::with_seed(14);
        let lead = school.lead();
        let good: Vec<_> = (0..3).map(|_| school.room(lead)).collect();
        let worst = Link { loss: 0.4, bps: Some(300_000), delay: ms(150), jitter: ms(60), ..Link::good() };
        let line = if bad { Line::both(worst) } else { Line::good() };
        let other = school.room_on(lead, line);
        school.watcher(other).begs = bad;
        school.run_for(secs(20));
        for room in &good {
            for slot in [CAMERA, VOICE, SCREEN] {
                assert_eq!(school.seat(*room, slot).whole(), 1.0);
            }
        }
        let came = school.seat(good[0], VOICE).came.len();
        let top = school.seat(good[0], CAMERA).came.values().filter_map(|came| came.said);
        let top = top.filter(|(tag, _)| tag.layer == 2).count();
        judge(school);
        (came, top)
    };
    let (calm, stormy) = (lesson(false), lesson(true));
    assert_eq!(calm.0, stormy.0);
    assert!(stormy.1 * 10 >= calm.1 * 9, "as much of the large picture: {stormy:?} instead of {calm:?}");
}

#[test]
fn a_thin_line_keeps_the_voice_whole_and_settles_below_what_it_carries() {
    // Probing costs the thinnest line a little sound: it has no room beside the smallest picture.
    for (bps, whole) in [(400_000, 0.96), (1_000_000, 0.99), (2_500_000, 0.99)] {
        let mut school = School::with_seed(15);
        let lead = school.lead();
        let room = school.room_on(lead, Line::thin(bps));
        school.run_for(secs(20));
        let since = school.now;
        school.run_for(secs(20));
        let bytes: usize = school.watcher(room).seats.iter().map(|seat| seat.bytes_since(since)).sum();
        assert!(bytes as u64 * 8 / 20 <= bps, "{} of {bps}", bytes * 8 / 20);
        assert!(bytes as u64 * 8 / 20 >= bps * 3 / 10, "{} of {bps}", bytes * 8 / 20);
        let came = school.seat(room, VOICE).whole();
        assert!(came >= whole, "{came} of the voice at {bps}");
        assert!(school.switches(room) <= 16, "{} switches at {bps}", school.switches(room));
        judge(school);
    }
}

#[test]
fn a_good_line_shows_the_large_picture_and_stays_with_it() {
    let mut school = School::with_seed(16);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(6));
    assert_eq!(school.seat(room, CAMERA).layer(), Some(2));
    let switches = school.switches(room);
    assert!(switches <= 6, "{switches} until there");
    school.run_for(secs(60));
    assert_eq!(school.switches(room), switches);
    assert!(school.publisher(lead).asked.len() <= 8, "{:?}", school.publisher(lead).asked);
    judge(school);
}

#[test]
fn a_slot_keeps_its_picture_until_the_next_one_can_begin() {
    let mut school = School::with_seed(17);
    let (lead, other) = (school.lead(), school.lead());
    let room = school.room(lead);
    school.run_for(secs(3));
    for track in [CAMERA, SCREEN] {
        for source in [other, lead] {
            school.fill(room, CAMERA, Some((source, track)));
            school.run_for(ms(1_500));
            let seat = school.seat(room, CAMERA);
            let last = seat.came.values().next_back().and_then(|came| came.said).expect("a picture").0;
            assert_eq!((u64::from(last.publisher), usize::from(last.track)), (source.0, track));
        }
    }
    judge(school);
}

#[test]
fn a_source_that_does_not_arrive_yet_leaves_what_is_shown() {
    let mut school = School::with_seed(18);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(3));
    let dead = Line::both(Link { loss: 1.0, ..Link::good() });
    let late = school.publish(Publishing::BROWSER, dead);
    school.fill(room, CAMERA, Some((late, CAMERA)));
    school.run_for(secs(2));
    assert!(school.lately(room, CAMERA) > 5, "the old source goes on");
    school.member(late).line = Line::good();
    school.run_for(secs(2));
    assert_eq!(school.seat(room, CAMERA).source(), Some(late.0));
    judge(school);
}

#[test]
fn a_layer_that_is_switched_off_is_not_asked_for_again_and_again() {
    let mut school = School::with_seed(19);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(6));
    school.publisher(lead).switch_layer(2, false);
    school.run_for(secs(3));
    assert_eq!(school.seat(room, CAMERA).layer(), Some(1));
    let asked = school.publisher(lead).asked.len();
    school.run_for(secs(5));
    assert_eq!(school.publisher(lead).asked.len(), asked);
    school.publisher(lead).switch_layer(2, true);
    school.run_for(secs(3));
    assert_eq!(school.seat(room, CAMERA).layer(), Some(2));
    judge(school);
}

#[test]
fn an_encoder_without_retransmission_streams_is_repaired_too() {
    let days = (20..24).map(|seed| {
        let mut school = School::with_seed(seed);
        let lead = school.publish(Publishing::ENCODER, Line::lossy(0.05));
        let plain = Watching { repair: false, ..Watching::ROOM };
        let room = school.room_like(plain, lead, Line::lossy(0.05));
        school.run_for(secs(20));
        assert!(school.publisher(lead).nacked > 20);
        let whole = school.seat(room, CAMERA).whole();
        judge(school);
        whole
    });
    let whole = days.sum::<f64>() / 4.0;
    assert!(whole >= 0.996, "{whole}");
}

#[test]
fn a_watcher_that_asks_for_everything_again_fills_nobodys_queue() {
    let mut school = School::with_seed(21);
    let lead = school.lead();
    let (bad, good) = (school.room(lead), school.room(lead));
    school.run_for(secs(3));
    let (ssrc, highest) = (school.seat(bad, CAMERA).ssrc, school.seat(bad, CAMERA).highest());
    let address = school.watcher(bad).client.address;
    for _ in 0..64 {
        let lost = (0..256).map(|back| highest.wrapping_sub(back)).collect::<Vec<_>>();
        let flood = school.watcher(bad).client.reports(|writer| {
            _ = writer.nack(1, ssrc, lost.iter().rev().copied());
            while writer.pli(1, ssrc).is_ok() && writer.len() < 1_200 {}
        });
        school.hand_over(address, flood);
    }
    school.run_for(secs(1));
    assert_eq!(school.seat(good, VOICE).whole(), 1.0);
    assert!(school.lately(good, VOICE) >= 14);
    judge(school);
}

#[test]
fn a_stranger_is_neither_answered_nor_believed() {
    let mut school = School::with_seed(22);
    let lead = school.lead();
    let room = school.room(lead);
    school.run_for(secs(2));
    let stranger = "203.0.113.9:9".parse().expect("an address");
    let mut impostor = crate::client::Client::new(lead.0, 99, stranger);
    let check = impostor.check(true);
    school.hand_over(stranger, check);
    let reports = impostor.reports(|writer| writer.bye(&[1]).expect("it fits"));
    school.hand_over(stranger, reports);
    school.run_for(secs(1));
    assert!(school.lately(room, VOICE) >= 14);
    assert_eq!(school.worker.counters().discarded(Discard::StunForged), 1);
    assert_eq!(school.worker.counters().discarded(Discard::UnknownAddress), 1);
}

#[test]
fn a_page_that_counts_back_under_another_name_is_repaired_with_its_new_packets() {
    let mut school = School::with_seed(23);
    let lead = school.publish(Publishing::ENCODER, Line::good());
    let plain = Watching { repair: false, ..Watching::ROOM };
    school.room_like(plain, lead, Line::lossy(0.1));
    for _ in 0..20 {
        school.run_for(ms(700));
        school.publisher(lead).count_back_renamed(60);
    }
    judge(school);
}

#[test]
fn a_keyframe_whose_first_packet_came_late_is_whole_without_being_asked_for() {
    let mut school = School::with_seed(24);
    let rough = Line { up: Link { loss: 0.1, delay: ms(20), ..Link::good() }, down: Link::good() };
    let lead = school.publish(Publishing::BROWSER, rough);
    let mut missing = 0;
    for _ in 0..40 {
        let room = school.room(lead);
        school.watcher(room).asks = false;
        school.run_for(ms(900));
        // Later ones are still being asked for, of the lead.
        let since = school.now - ms(500);
        missing += school.seat(room, CAMERA).holes().iter().filter(|hole| hole.2 < since).count();
        school.leave(room);
    }
    assert!(missing <= 1, "{missing} holes on lines that lose nothing");
    judge(school);
}
