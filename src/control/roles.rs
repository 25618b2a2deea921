//! What was negotiated, in the words of the media core and of sessions.

use super::negotiate::{CodecPlan, PublishPlan, TrackPlan, WatchPlan};
use super::session::PublishedTrack;
use crate::lesson::{Layer, Slot, Source};
use crate::sfu::command::{Extensions, PayloadType, Role, Slot as MediaSlot, Track, UplinkFeedback};
use crate::wire::codec::Codec;

/// A publisher, as a media thread is told of it.
pub(super) fn publisher_role(plan: &PublishPlan) -> (Extensions, Role) {
    let first = |id: fn(&TrackPlan) -> Option<u8>| plan.tracks.iter().find_map(id);
    let extensions = Extensions {
        mid: first(|track| track.mid_extension),
        rid: first(|track| track.rid_extension),
        repaired_rid: first(|track| track.rrid_extension),
        transport_cc: first(|track| track.transport_cc_extension),
        abs_send_time: None,
    };
    let feedback = if plan.tracks.iter().any(|track| track.transport_cc) {
        UplinkFeedback::TransportCc
    } else if plan.tracks.iter().any(|track| track.remb) {
        UplinkFeedback::Remb
    } else {
        UplinkFeedback::ReportsOnly
    };
    let tracks = plan.tracks.iter().map(|track| Track {
        video: is_video(&track.codecs),
        mid: track.mid.clone().into_bytes(),
        payload_types: payload_types(&track.codecs),
        rids: lowest_first(&track.rids).into_iter().map(String::into_bytes).collect(),
        streams: track.ssrcs.clone(),
        nack: track.nack,
    });
    (extensions, Role::Publisher { tracks: tracks.collect(), feedback })
}

/// A watcher, as a media thread is told of it.
pub(super) fn watcher_role(plan: &WatchPlan) -> (Extensions, Role) {
    let abs_send_time = plan.slots.iter().find_map(|slot| slot.abs_send_time_extension);
    let slots = plan.slots.iter().map(|slot| MediaSlot {
        video: is_video(&slot.codecs),
        ssrc: slot.ssrc,
        repair_ssrc: slot.rtx_ssrc,
        payload_types: payload_types(&slot.codecs),
        rank: rank(slot.name),
    });
    (Extensions { abs_send_time, ..Extensions::default() }, Role::Watcher { slots: slots.collect() })
}

/// Who goes first on a thin line: the slides, then the teacher, then the others.
const fn rank(slot: Slot) -> u8 {
    match slot {
        Slot::Voice | Slot::Screen | Slot::Picture => 0,
        Slot::Camera => 1,
        Slot::Stage(_) | Slot::StageVoice(_) => 2,
    }
}

fn is_video(codecs: &[CodecPlan]) -> bool {
    codecs.iter().any(|plan| plan.codec != Codec::Opus)
}

fn payload_types(codecs: &[CodecPlan]) -> Vec<PayloadType> {
    codecs.iter().map(|plan| PayloadType { codec: plan.codec, media: plan.payload_type, repair: plan.rtx }).collect()
}

/// A publisher's track, as its session remembers it.
pub(super) fn published(track: &TrackPlan) -> PublishedTrack {
    let named: Vec<_> = lowest_first(&track.rids).iter().filter_map(|rid| Layer::parse(rid)).collect();
    let layers = match (named.len() == track.rids.len(), track.rids.len()) {
        (_, 0) if track.source == Source::Voice => Vec::new(),
        (_, 0) => vec![Layer::Full],
        (true, _) => named,
        // Layers of other names: the largest is the full one.
        (false, count) => Layer::ALL[Layer::ALL.len().saturating_sub(count)..].to_vec(),
    };
    PublishedTrack { source: track.source, layers }
}

/// Layers by size: `q`, `h`, `f` where they are called so, else as offered.
fn lowest_first(rids: &[String]) -> Vec<String> {
    let mut rids = rids.to_vec();
    rids.sort_by_key(|rid| Layer::parse(rid));
    rids
}
