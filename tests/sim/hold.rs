//! When a frame's packets wait for one another, and that nothing else does.

use std::ops::Range;
use std::time::Duration;

use crate::lesson::Lesson;
use crate::school::ms;

const ROOMS: usize = 50;
const FRAME: Duration = Duration::from_millis(20);

/// A lesson whose worker has sent 50 rooms 8 packets every 20 ms for a second: 20,000 a second.
fn busy(video: bool) -> Lesson {
    let mut lesson = Lesson::begin(ROOMS, video, 128);
    play(&mut lesson, 3..53, 1_000);
    lesson
}

fn play(lesson: &mut Lesson, frames: Range<u32>, payload: usize) {
    for frame in frames {
        for part in 0..8 {
            let mut packet = lesson.packet(payload, frame, part == 7);
            lesson.hand(&mut packet);
        }
        lesson.send(|_| {});
        lesson.pass(FRAME);
        lesson.send(|_| {});
    }
}

/// One packet of a frame arrives; what leaves at once.
fn next(lesson: &mut Lesson, payload: usize, marker: bool) -> (usize, usize) {
    let mut packet = lesson.packet(payload, 1_000, marker);
    lesson.hand(&mut packet);
    lesson.leaving()
}

#[test]
fn a_busy_workers_picture_waits_for_the_end_of_its_frame_and_leaves_in_runs() {
    let mut lesson = busy(true);
    for payload in [900, 901, 900] {
        assert_eq!(next(&mut lesson, payload, false), (0, 0));
        lesson.pass(ms(1));
    }
    assert_eq!(next(&mut lesson, 400, true), (4 * ROOMS, ROOMS), "padded to one length, the last one shorter");
}

#[test]
fn nothing_waits_longer_than_five_milliseconds() {
    let mut lesson = busy(true);
    assert_eq!(next(&mut lesson, 900, false), (0, 0));
    lesson.pass(ms(3));
    assert_eq!(next(&mut lesson, 900, false), (0, 0));
    let due = lesson.worker.poll_timeout().expect("a time to go on");
    assert!(due <= lesson.now + ms(2), "the worker asks to be called in time");
    lesson.pass(due.since(lesson.now));
    assert_eq!(lesson.leaving(), (2 * ROOMS, ROOMS));
    assert_eq!(next(&mut lesson, 900, false), (0, 0), "the next wait begins anew");
    lesson.pass(ms(5));
    assert_eq!(lesson.leaving(), (ROOMS, ROOMS));
}

#[test]
fn a_voice_never_waits() {
    let mut lesson = busy(false);
    assert_eq!(next(&mut lesson, 100, false), (ROOMS, ROOMS));
}

#[test]
fn nothing_waits_while_there_is_little_to_do() {
    let mut lesson = Lesson::begin(ROOMS, true, 128);
    assert_eq!(next(&mut lesson, 900, false), (ROOMS, ROOMS));
    let mut lesson = busy(true);
    // A trickle: the first of it still waits.
    for _ in 0..3 {
        next(&mut lesson, 900, false);
        lesson.pass(ms(250));
        lesson.send(|_| {});
    }
    assert_eq!(next(&mut lesson, 900, false), (ROOMS, ROOMS));
}

#[test]
fn a_line_that_has_shown_its_limit_does_not_wait() {
    let mut lesson = busy(true);
    lesson.report_loss(0.3);
    // The picture becomes small enough for that line.
    play(&mut lesson, 100..300, 100);
    alone_does_not_wait(&mut lesson);
}

#[test]
fn a_room_behind_tcp_does_not_wait() {
    let mut lesson = busy(true);
    lesson.move_to_tcp();
    play(&mut lesson, 100..120, 100);
    alone_does_not_wait(&mut lesson);
}

fn alone_does_not_wait(lesson: &mut Lesson) {
    assert_eq!(next(lesson, 900, false), (1, 1), "one room alone");
    assert_eq!(next(lesson, 900, true), (2 * ROOMS - 1, ROOMS), "what it had already it does not get again");
}
