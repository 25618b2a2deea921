//! A track that arrives: one stream, or one for each simulcast layer.

use std::time::Duration;

use super::bridge::Crossing;
use super::clock::StreamClock;
use super::command::{PayloadType, Track};
use super::gaps::Gaps;
use super::keyframe::Ask;
use super::layer::Offered;
use super::pass::Fanout;
use super::peer::PeerKey;
use super::rate::Rate;
use super::recent::Recent;
use super::report::Reception;
use super::route::Route;
use crate::base::limits::{AUDIO_RECENT_PACKETS, LAYERS_MAX, VIDEO_RECENT_PACKETS};
use crate::base::seq::Seen;
use crate::base::slab::Key;
use crate::base::time::Time;

pub(super) type UpKey = Key<Up>;

/// A layer from which nothing came for so long is not there: frames come at least once a second even from a static
/// screen.
const LAYER_GONE_AFTER: Duration = Duration::from_millis(1_500);
/// While others of the same track still come, a silent layer was switched off by its encoder: a slow camera's frames
/// are 200 ms apart.
const LAYER_OFF_AFTER: Duration = Duration::from_millis(400);

/// What the layers of a browser's camera take.
const USUAL_BPS: [u64; LAYERS_MAX] = [150_000, 500_000, 2_000_000];
/// Opus with its headers.
const USUAL_VOICE_BPS: u64 = 50_000;

/// One simulcast layer, or the only stream, of a track.
pub(super) struct Stream {
    pub(super) ssrc: Option<u32>,
    pub(super) repair_ssrc: Option<u32>,
    pub(super) seen: Seen,
    pub(super) repair_seen: Seen,
    pub(super) recent: Recent,
    pub(super) gaps: Gaps,
    pub(super) clock: Option<StreamClock>,
    pub(super) rate: Rate,
    pub(super) reception: Reception,
    pub(super) heard: Time,
    /// The timestamp of the last keyframe.
    pub(super) keyframe_at: Option<u32>,
    pub(super) fanout: Fanout,
    /// Counts how often it began anew.
    pub(super) epoch: u8,
    /// Other workers that get it.
    pub(super) crossings: Vec<Crossing>,
    /// Something of it is still to go to them.
    pub(super) crosses: bool,
}

impl Stream {
    fn new(video: bool) -> Self {
        Self {
            ssrc: None,
            repair_ssrc: None,
            seen: Seen::default(),
            repair_seen: Seen::default(),
            recent: Recent::new(if video { VIDEO_RECENT_PACKETS } else { AUDIO_RECENT_PACKETS }),
            gaps: Gaps::new(),
            clock: None,
            rate: Rate::default(),
            reception: Reception::default(),
            heard: Time::default(),
            keyframe_at: None,
            fanout: Fanout::default(),
            epoch: 0,
            crossings: Vec::new(),
            crosses: false,
        }
    }

    /// Whether a packet that was sent again is of use: it is not here, and not older than what is kept.
    pub(super) fn lacks(&self, index: u64) -> bool {
        let oldest = self.seen.highest().map_or(0, |highest| (highest + 1).saturating_sub(self.recent.capacity()));
        index >= oldest && self.recent.at(index).is_none()
    }

    /// Forgets what belonged to the SSRC that it had: a publisher may change it at any time.
    pub(super) fn restart(&mut self, repair: bool) {
        self.repair_seen = Seen::default();
        if !repair {
            self.seen = Seen::default();
            self.gaps = Gaps::new();
            self.clock = None;
            self.reception = Reception::default();
            self.recent.clear();
            self.epoch = self.epoch.wrapping_add(1);
        }
    }
}

/// A track that arrives.
pub(super) struct Up {
    pub(super) peer: PeerKey,
    /// Its number among the publisher's tracks.
    pub(super) track: usize,
    pub(super) video: bool,
    pub(super) mid: Box<[u8]>,
    pub(super) rids: Vec<Vec<u8>>,
    pub(super) payload_types: Vec<PayloadType>,
    pub(super) nack: bool,
    /// Lowest layer first.
    pub(super) layers: Vec<Stream>,
    /// Who gets it.
    pub(super) route: Route,
    /// Which layers other workers watch, by lane.
    pub(super) elsewhere: Vec<(u8, u8)>,
    pub(super) ask: Ask,
    /// Whether it was last told to be arriving.
    pub(super) live: bool,
    /// Which layers were there when last looked at.
    pub(super) arriving: u8,
}

impl Up {
    pub(super) fn new(peer: PeerKey, number: usize, track: Track) -> Self {
        let layers = track.rids.len().clamp(1, LAYERS_MAX);
        Self {
            peer,
            track: number,
            video: track.video,
            mid: track.mid.into(),
            rids: track.rids,
            payload_types: track.payload_types,
            nack: track.nack,
            layers: (0..layers).map(|_| Stream::new(track.video)).collect(),
            route: Route::default(),
            elsewhere: Vec::new(),
            ask: Ask::default(),
            live: false,
            arriving: 0,
        }
    }

    /// The rate of each layer that arrives now; a usual one as long as it is not known.
    pub(super) fn offered(&mut self, now: Time) -> Offered {
        let mut offered = [None; LAYERS_MAX];
        let usual = if self.video { USUAL_BPS } else { [USUAL_VOICE_BPS; LAYERS_MAX] };
        let heard = self.heard();
        for ((bps, stream), usual) in offered.iter_mut().zip(&mut self.layers).zip(usual) {
            let behind = heard.since(stream.heard);
            let arrives =
                now.since(stream.heard) < LAYER_GONE_AFTER && behind < LAYER_OFF_AFTER && stream.ssrc.is_some();
            *bps = arrives.then(|| stream.rate.steady_bps(now).unwrap_or(usual));
        }
        offered
    }

    /// The largest layer it may have.
    pub(super) fn top_layer(&self) -> u8 {
        u8::try_from(self.layers.len().saturating_sub(1)).unwrap_or(0)
    }

    /// When anything of this track arrived last.
    pub(super) fn heard(&self) -> Time {
        self.layers.iter().map(|stream| stream.heard).max().unwrap_or_default()
    }

    /// The codec entry of a payload type, and whether it is a retransmission.
    pub(super) fn payload_type(&self, number: u8) -> Option<(PayloadType, bool)> {
        let media = self.payload_types.iter().find(|known| known.media == number).map(|known| (*known, false));
        media.or_else(|| {
            self.payload_types.iter().find(|known| known.repair == Some(number)).map(|known| (*known, true))
        })
    }
}
