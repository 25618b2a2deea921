//! What must hold for every text, for fuzzing and for tests.

use super::offer::{read_description, read_section};
use super::{
    Candidate, Local, Offer, Section, SlotPlan, TrackPlan, publish_answer, read_fragment, read_offer, watch_answer,
};
use crate::base::limits::BODY_BYTES_MAX;
use crate::control::handshake::Fingerprint;

/// Reads and answers whatever it is given; what was answered must read back as it was meant.
///
/// # Panics
/// If it does not.
#[doc(hidden)]
pub fn fuzz_sdp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Anything may come of it but a panic.
    drop(read_fragment(&text));
    let Ok(offer) = read_offer(&text) else { return };
    if text.len() > BODY_BYTES_MAX / 2 {
        return; // its answer may be longer than what is read here
    }
    let local = Local {
        ufrag: "ours".to_owned(),
        pwd: "a password of twenty-two".replace(' ', "-"),
        fingerprint: Fingerprint::Sha256([7; 32]),
        candidates: vec![Candidate { address: ([192, 0, 2, 1], 7700).into(), tcp: false }],
        session_id: 7,
    };
    if let Ok((answer, plan)) = publish_answer(&offer, &local) {
        reads_back(&offer, &answer, &plan.tracks, |track| &track.mid, track_reads_back);
    }
    let mut last = 0;
    let mut ssrcs = || {
        last += 1;
        last
    };
    if let Ok((answer, plan)) = watch_answer(&offer, &local, &mut ssrcs) {
        reads_back(&offer, &answer, &plan.slots, |slot| &slot.mid, slot_reads_back);
    }
}

fn reads_back<P>(offer: &Offer, answer: &str, plans: &[P], mid: fn(&P) -> &String, check: fn(&Section, &P)) {
    let description = read_description(answer).expect("an answer is SDP");
    let sections = description.media_descriptions.iter().enumerate().map(|(n, media)| read_section(n, media));
    let sections = sections.collect::<Result<Vec<_>, _>>().expect("within the limits");
    assert_eq!(sections.len(), offer.sections.len(), "a section for a section");
    for (asked, answered) in offer.sections.iter().zip(&sections) {
        assert_eq!((&asked.mid, asked.kind), (&answered.mid, answered.kind));
    }
    let accepted: Vec<_> = sections.iter().filter(|section| !section.refused).collect();
    assert_eq!(accepted.len(), plans.len(), "accepted is what is planned");
    for (section, plan) in accepted.into_iter().zip(plans) {
        assert_eq!(&section.mid, mid(plan));
        assert!(section.rtcp_mux);
        check(section, plan);
    }
}

fn track_reads_back(section: &Section, track: &TrackPlan) {
    assert!(section.direction.receives() && !section.direction.sends());
    assert_eq!(section.rids, track.rids);
    assert_eq!(section.codecs.len(), track.codecs.len());
}

fn slot_reads_back(section: &Section, slot: &SlotPlan) {
    assert!(section.direction.sends() && !section.direction.receives());
    assert_eq!(section.ssrcs, [(slot.ssrc, slot.rtx_ssrc)]);
    assert_eq!(section.codecs.len(), slot.codecs.len());
}
