//! What must hold after every run, whatever happened in it.

use std::collections::BTreeMap;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::command::SessionId;
use tongke::sfu::counters::Count;
use tongke::sfu::discard::Discard;
use tongke::sfu::worker::Holdings;

use crate::payload::Tag;
use crate::publisher::VOICE;
use crate::school::{Being, School};
use crate::slot::{Came, Seat, Told};

/// Deaths that honest peers never cause.
const NEVER: &[Discard] = &[
    Discard::NotMedia,
    Discard::TooLong,
    Discard::StunUnreadable,
    Discard::StunForged,
    Discard::RtpUnreadable,
    Discard::UnknownStream,
    Discard::UnknownPayloadType,
    Discard::RtpForged,
    Discard::RtcpForged,
    Discard::RtcpUnreadable,
    Discard::RtxUnreadable,
    Discard::CodecNotAgreed,
    Discard::JobsFull,
    Discard::EventsFull,
    Discard::SendBufferFull,
];

/// Everyone leaves; then all that was recorded is judged.
pub(crate) fn judge(mut school: School) {
    school.everyone_leaves();
    assert_eq!(school.worker.holdings(), Holdings::default(), "nothing is held when nobody is there");
    for why in NEVER {
        assert_eq!(school.worker.counters().discarded(*why), 0, "{}", why.name());
    }
    repairs_are_bounded(&school);
    let all_sent_arrives = school.members.values().all(|member| match member.being {
        Being::Publisher(_) => member.is_whole(),
        Being::Watcher(_) => true,
    });
    for (session, member) in &school.members {
        let lossless = all_sent_arrives && member.is_whole();
        match &member.being {
            Being::Publisher(publisher) => {
                let slack = member.line.down.jitter + Duration::from_millis(20);
                requests_are_rare(&publisher.asked, slack);
            }
            Being::Watcher(watcher) => {
                for (number, seat) in watcher.seats.iter().enumerate() {
                    let of = format!("slot {number} of {session:?}");
                    seat_is_sound(seat, member.is_whole(), &of);
                    if lossless {
                        assert_eq!(seat.given_up.len(), 0, "{of}: a good line loses nothing");
                    }
                }
                if member.is_whole() {
                    sources_are_in_step(&watcher.seats, *session);
                }
            }
        }
    }
}

/// Numbers without a hole that is not accounted for; pictures, times and frames that go on.
fn seat_is_sound(seat: &Seat, whole: bool, of: &str) {
    let (Some(first), Some(last)) = (seat.came.first_key_value(), seat.came.last_key_value()) else { return };
    // What is older than the first to come was never known to be missing.
    let missing = (seat.first.unwrap_or(*first.0)..*last.0)
        .filter(|index| !seat.came.contains_key(index) && !seat.given_up.contains(index));
    // What was missing when its page closed was not waited for.
    let fresh = seat.looked - Duration::from_millis(1_300);
    let old = missing.filter(|index| seat.came.range(*index..).next().is_some_and(|(_, came)| came.at < fresh)).count();
    assert_eq!(old, 0, "{of}: {:?} numbers that neither came nor were given up", seat.holes());
    // Where nothing is lost: elsewhere the first packets may be what is lost.
    if seat.video && whole {
        let began = first.1.said.is_some_and(|(tag, _)| tag.key && tag.part == 0);
        assert!(began, "{of}: begins with a keyframe, not {:?}", first.1.said);
    }
    let mut before: Option<(u64, Came)> = None;
    for (index, came) in &seat.came {
        if let Some((last, earlier)) = before {
            follows(of, seat.video, (last, &earlier), (*index, came));
        }
        before = Some((*index, *came));
    }
}

/// Whether a packet may come after another.
fn follows(of: &str, video: bool, (last, earlier): (u64, &Came), (index, came): (u64, &Came)) {
    let step = came.timestamp.wrapping_sub(earlier.timestamp).cast_signed();
    assert!(step >= 0, "{of}: time runs backwards from {last} to {index}: {earlier:?} {came:?}");
    let (Some((a, picture_a)), Some((b, picture_b))) = (earlier.said, came.said) else { return };
    let same = (a.publisher, a.track, a.layer) == (b.publisher, b.track, b.layer)
        && u64::from(b.number.wrapping_sub(a.number)) == index - last;
    let rate = i64::from(came.codec.clock_rate());
    let passed = b.captured.micros().cast_signed() - a.captured.micros().cast_signed();
    let off = (i64::from(step) * 1_000_000 / rate - passed).abs();
    if same {
        assert!(off <= 25, "{of}: {last} to {index} took {passed} us, not {} ticks", step);
    } else if index == last + 1 {
        assert!(
            !video || b.key && b.part == 0,
            "{of}: {index} goes on with something else than a keyframe: {a:?} {b:?}"
        );
        assert!(off <= 2_000_000 || passed < 0, "{of}: a switch at {index} steps by {off} us: {a:?} {b:?}");
    }
    if let (Some(a_is), Some(b_is), true) = (picture_a, picture_b, index == last + 1) {
        let frames = u16::from(!same || a.frame != b.frame);
        assert_eq!(b_is.id, (a_is.id + frames) & 0x7fff, "{of}: picture ids go on at {index}: {a:?} {b:?}");
        assert_eq!(b_is.tl0, a_is.tl0.wrapping_add(frames as u8), "{of}: base layer numbers go on at {index}");
    }
}

/// How far the moment that sender reports give a packet is from the one at which it was captured, and by which reports.
fn offset(came: &Came, told: &[Told]) -> Option<(u64, i64)> {
    let (tag, _) = came.said?;
    // Of those that came at the same moment it is not known which came first.
    let told = told.iter().rev().find(|told| told.at <= came.at).filter(|told| told.at != came.at)?;
    let ticks = i64::from(came.timestamp.wrapping_sub(told.timestamp).cast_signed());
    // NTP counts from 1900.
    let seconds = (told.ntp >> 32).cast_signed() - 2_208_988_800;
    let told_us = seconds * 1_000_000 + (((told.ntp & 0xffff_ffff) * 1_000_000) >> 32).cast_signed();
    let moment = told_us + ticks * 1_000_000 / i64::from(came.codec.clock_rate());
    Some((told.ntp, moment - tag.captured.micros().cast_signed()))
}

/// The least and the greatest distance, and whose they are.
type Span = ((i64, Tag), (i64, Tag));

/// Camera, voice and screen of one publisher that were captured at once are presented at once.
fn sources_are_in_step(seats: &[Seat], session: SessionId) {
    let mut spans: BTreeMap<(u16, u64), Span> = BTreeMap::new();
    for seat in seats {
        let (mut begun, mut now_shown, mut switched) = (BTreeMap::new(), None, Time::default());
        for (index, came) in &seat.came {
            let (Some((tag, _)), Some((told, off))) = (came.said, offset(came, &seat.told)) else { continue };
            let shown = (tag.publisher, tag.track, tag.layer, tag.number / 100_000);
            let segment = (shown, u64::from(tag.number).wrapping_sub(*index));
            if now_shown.replace(segment) != Some(segment) {
                switched = came.at;
            }
            let begun = *begun.entry(shown).or_insert(came.at);
            // By then the publisher's reports have come for this stream, and ours have gone out after them.
            let reported = came.at.since(switched) > Duration::from_millis(100);
            if reported && came.at.since(begun) > Duration::from_millis(3_500) && !came.repaired {
                let span = spans.entry((tag.publisher, told)).or_insert(((off, tag), (off, tag)));
                span.0 = if off < span.0.0 { (off, tag) } else { span.0 };
                span.1 = if off > span.1.0 { (off, tag) } else { span.1 };
            }
        }
    }
    for ((publisher, _), (low, high)) in spans {
        let apart = high.0 - low.0;
        // What a report's own delay still teaches us of the publisher's clock; lips may be 100 ms apart.
        assert!(apart <= 15_000, "{session:?}: tracks of {publisher} are {apart} us apart: {low:?} {high:?}");
    }
}

/// However many ask, a publisher is asked for a keyframe of a track at most twice a second.
fn requests_are_rare(asked: &[(Time, usize)], slack: Duration) {
    for track in 0..3 {
        let times: Vec<_> = asked.iter().filter(|(_, of)| *of == track).map(|(time, _)| *time).collect();
        for pair in times.windows(2) {
            let gap = pair[1].since(pair[0]) + slack;
            assert!(gap >= Duration::from_millis(500), "asked for keyframes of track {track} within {gap:?}");
        }
        assert!(track != VOICE || times.is_empty(), "sound has no keyframes");
    }
}

/// Repairs cost at most a quarter on top of what is sent, and what every slot may save up.
fn repairs_are_bounded(school: &School) {
    let counters = school.worker.counters();
    let slots: usize = school
        .members
        .values()
        .map(|member| match &member.being {
            Being::Watcher(watcher) => watcher.seats.len(),
            Being::Publisher(_) => 0,
        })
        .sum();
    let bound = counters.count(Count::PacketsForwarded) / 4 + 64 * slots as u64;
    assert!(counters.count(Count::RepairsSent) <= bound, "{} repairs", counters.count(Count::RepairsSent));
}
