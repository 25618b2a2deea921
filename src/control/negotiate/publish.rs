//! Answering a publisher (WHIP).

use super::answer::Answer;
use super::offer::unusable;
use crate::lesson::Source;

use super::{CodecPlan, Feedback, Format, Kind, Local, Offer, OfferFault, Section, extension};

/// What a publisher will send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishPlan {
    /// In the offer's order; at most one of each source.
    pub tracks: Vec<TrackPlan>,
}

/// One section of a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackPlan {
    /// What it is.
    pub source: Source,
    /// The section's name; empty if an only section has none.
    pub mid: String,
    /// What it may send, in our order of liking.
    pub codecs: Vec<CodecPlan>,
    /// The simulcast layers it announces, in its order; empty for a single stream.
    pub rids: Vec<String>,
    /// The SSRCs it announces, each with that of its retransmissions; empty for simulcast.
    pub ssrcs: Vec<(u32, Option<u32>)>,
    /// The number of the header extension that carries the mid.
    pub mid_extension: Option<u8>,
    /// The number of the header extension that carries the rid.
    pub rid_extension: Option<u8>,
    /// The number of the header extension that carries the repaired rid.
    pub rrid_extension: Option<u8>,
    /// The number of the header extension that counts all packets.
    pub transport_cc_extension: Option<u8>,
    /// The number of the header extension that says when a packet left; only where there is no transport-cc.
    pub abs_send_time_extension: Option<u8>,
    /// The number of the header extension that says how loud it is.
    pub audio_level_extension: Option<u8>,
    /// Whether it wants transport-cc feedback.
    pub transport_cc: bool,
    /// Whether it wants REMB instead.
    pub remb: bool,
    /// Whether it answers NACK.
    pub nack: bool,
}

/// Answers a publisher: first audio `voice`, first video `camera`, second video `screen`, anything else refused.
///
/// # Errors
/// [`OfferFault::Unusable`] if no section carries a codec we take in the right direction.
pub fn publish_answer(offer: &Offer, local: &Local) -> Result<(String, PublishPlan), OfferFault> {
    let mut answer = Answer::new(local);
    let mut tracks = Vec::new();
    let (mut audios, mut videos) = ([Source::Voice].into_iter(), [Source::Camera, Source::Screen].into_iter());
    for section in &offer.sections {
        let source = match section.kind {
            Kind::Audio => audios.next(),
            Kind::Video => videos.next(),
            Kind::Other => None,
        };
        match source.and_then(|source| plan(source, section)) {
            Some((formats, track)) => {
                write(&mut answer, section, &formats, &track);
                tracks.push(track);
            }
            None => answer.refuse(section),
        }
    }
    if tracks.is_empty() {
        return Err(unusable("no section sends Opus, H.264 (packetization-mode 1), VP8, VP9 or AV1"));
    }
    Ok((answer.write(), PublishPlan { tracks }))
}

/// `None` if nothing can come of this section.
fn plan(source: Source, section: &Section) -> Option<(Vec<&Format>, TrackPlan)> {
    let formats = section.usable_formats(section.direction.sends())?;
    let transport_cc_extension = section.extension(extension::TRANSPORT_CC);
    let any = |has: fn(&Feedback) -> bool| formats.iter().any(|format| has(&format.feedback));
    let transport_cc = transport_cc_extension.is_some() && any(|feedback| feedback.transport_cc);
    let remb = !transport_cc && any(|feedback| feedback.remb);
    let track = TrackPlan {
        source,
        mid: section.mid.clone(),
        codecs: formats.iter().map(|format| CodecPlan::from(*format)).collect(),
        rids: section.rids.clone(),
        ssrcs: section.ssrcs.clone(),
        mid_extension: section.extension(extension::MID),
        rid_extension: section.extension(extension::RID),
        rrid_extension: section.extension(extension::RRID),
        transport_cc_extension: transport_cc_extension.filter(|_| transport_cc),
        abs_send_time_extension: section.extension(extension::ABS_SEND_TIME).filter(|_| remb),
        audio_level_extension: section.extension(extension::AUDIO_LEVEL),
        transport_cc,
        remb,
        nack: any(|feedback| feedback.nack),
    };
    Some((formats, track))
}

fn write<'a>(answer: &mut Answer<'a>, section: &'a Section, formats: &[&Format], track: &TrackPlan) {
    let feedback = |format: &Format| Feedback {
        transport_cc: track.transport_cc && format.feedback.transport_cc,
        remb: track.remb && format.feedback.remb,
        ..format.feedback
    };
    let mut wanted = vec![extension::MID, extension::RID, extension::RRID, extension::AUDIO_LEVEL];
    wanted.extend(track.transport_cc_extension.map(|_| extension::TRANSPORT_CC));
    wanted.extend(track.abs_send_time_extension.map(|_| extension::ABS_SEND_TIME));
    answer.accept(section, formats, feedback, |lines| {
        let mut lines = lines.extensions(section, &wanted).flag("recvonly");
        for rid in &track.rids {
            lines = lines.line("rid", format!("{rid} recv"));
        }
        if !track.rids.is_empty() {
            lines = lines.line("simulcast", format!("recv {}", track.rids.join(";")));
        }
        lines
    });
}
