//! Answering a watcher (WHEP with slots).

use super::answer::Answer;
use super::offer::unusable;
use crate::lesson::Slot;

use super::{CodecPlan, Feedback, Format, Kind, Local, Offer, OfferFault, Section, extension, stream_of};

/// The name in RTCP that says which streams have one clock (RFC 3550 §6.5.1): the server's, for all of them.
pub const CNAME: &str = "tongke";

/// Whether watchers are asked for transport-cc. Not before there is a sender's estimator that uses it.
const TRANSPORT_CC: bool = false;

/// What a watcher is ready to receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchPlan {
    /// In the offer's order; no name twice.
    pub slots: Vec<SlotPlan>,
}

/// One section of a watcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotPlan {
    /// What it shows.
    pub name: Slot,
    /// The section's name; empty if an only section has none.
    pub mid: String,
    /// Under which it is sent, for its whole life.
    pub ssrc: u32,
    /// Under which it is retransmitted, if any of its codecs can be.
    pub rtx_ssrc: Option<u32>,
    /// What the watcher can decode, in our order of liking.
    pub codecs: Vec<CodecPlan>,
    /// The number of the header extension that carries the mid.
    pub mid_extension: Option<u8>,
    /// The number of the header extension that says when a packet left.
    pub abs_send_time_extension: Option<u8>,
    /// Whether it sends NACK.
    pub nack: bool,
    /// Whether it sends REMB.
    pub remb: bool,
}

/// Answers a watcher: one video is the `picture`, more are `camera`, `screen` and the stage; audios are `voice` and
/// the stage's. `ssrcs` gives numbers that are not used twice.
///
/// # Errors
/// [`OfferFault::Unusable`] if no section can receive a codec we send.
pub fn watch_answer(
    offer: &Offer,
    local: &Local,
    ssrcs: &mut dyn FnMut() -> u32,
) -> Result<(String, WatchPlan), OfferFault> {
    let mut answer = Answer::new(local);
    let mut slots = Vec::new();
    let (mut audios, mut videos) = (audio_slots().iter().copied(), video_slots(offer).iter().copied());
    for section in &offer.sections {
        let name = match section.kind {
            Kind::Audio => audios.next(),
            Kind::Video => videos.next(),
            Kind::Other => None,
        };
        match name.and_then(|name| plan(name, section, ssrcs)) {
            Some((formats, slot)) => {
                write(&mut answer, section, &formats, &slot);
                slots.push(slot);
            }
            None => answer.refuse(section),
        }
    }
    if slots.is_empty() {
        return Err(unusable("no section can receive Opus, H.264 (packetization-mode 1), VP8, VP9 or AV1"));
    }
    Ok((answer.write(), WatchPlan { slots }))
}

/// Sections beyond the last name are refused.
fn video_slots(offer: &Offer) -> &'static [Slot] {
    let videos = offer.sections.iter().filter(|section| section.kind == Kind::Video).count();
    Slot::of_pictures(videos)
}

fn audio_slots() -> &'static [Slot] {
    Slot::of_voices(usize::MAX)
}

/// `None` if nothing can come of this section.
fn plan<'a>(name: Slot, section: &'a Section, ssrcs: &mut dyn FnMut() -> u32) -> Option<(Vec<&'a Format>, SlotPlan)> {
    let formats = section.usable_formats(section.direction.receives())?;
    let any = |has: fn(&Feedback) -> bool| formats.iter().any(|format| has(&format.feedback));
    let slot = SlotPlan {
        name,
        mid: section.mid.clone(),
        ssrc: ssrcs(),
        rtx_ssrc: formats.iter().any(|format| format.rtx.is_some()).then(ssrcs),
        codecs: formats.iter().map(|format| CodecPlan::from(*format)).collect(),
        mid_extension: section.extension(extension::MID),
        abs_send_time_extension: section.extension(extension::ABS_SEND_TIME),
        nack: any(|feedback| feedback.nack),
        remb: any(|feedback| feedback.remb),
    };
    Some((formats, slot))
}

fn write<'a>(answer: &mut Answer<'a>, section: &'a Section, formats: &[&Format], slot: &SlotPlan) {
    let feedback =
        |format: &Format| Feedback { transport_cc: TRANSPORT_CC && format.feedback.transport_cc, ..format.feedback };
    let mut wanted = vec![extension::MID, extension::ABS_SEND_TIME];
    wanted.extend(TRANSPORT_CC.then_some(extension::TRANSPORT_CC));
    answer.accept(section, formats, feedback, |lines| {
        let mut lines = lines
            .extensions(section, &wanted)
            .flag("sendonly")
            .line("msid", format!("{} {}", stream_of(slot.name), slot.name.as_str()));
        if let Some(rtx) = slot.rtx_ssrc {
            lines = lines.line("ssrc-group", format!("FID {} {rtx}", slot.ssrc));
        }
        for ssrc in std::iter::once(slot.ssrc).chain(slot.rtx_ssrc) {
            lines = lines.line("ssrc", format!("{ssrc} cname:{CNAME}"));
        }
        lines
    });
}
