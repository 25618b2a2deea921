//! Keyframe requests of all watchers of a track, merged so that one bad room cannot make every room blurry.

use std::time::Duration;

use crate::base::time::Time;

/// At most one request a track in this time, however many ask.
pub(super) const ASK_WAIT: Duration = Duration::from_millis(500);

/// What is asked of one track: a set of layers, and when the publisher was last asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ask {
    wanted: u8,
    asked: Option<Time>,
}

impl Ask {
    /// Somebody needs a keyframe of this layer.
    pub(super) const fn want(&mut self, layer: u8) {
        self.wanted |= 1 << layer;
    }

    /// A keyframe of this layer came.
    pub(super) const fn came(&mut self, layer: u8) {
        self.wanted &= !(1 << layer);
    }

    /// These layers are all that can be asked for.
    pub(super) const fn forget_all_but(&mut self, layers: u8) {
        self.wanted &= layers;
    }

    /// Whether the publisher should be asked now.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.wanted != 0 && self.asked.is_none_or(|asked| now.since(asked) >= ASK_WAIT)
    }

    /// The layers to ask for now, if any; they stay wanted until they come, and may be asked for again.
    pub(super) fn due(&mut self, now: Time) -> Option<u8> {
        if !self.is_due(now) {
            return None;
        }
        self.asked = Some(now);
        Some(self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_hundred_askers_are_one_request_and_it_is_repeated_until_answered() {
        let (mut ask, start) = (Ask::default(), Time::from_micros(9_000_000));
        for _ in 0..300 {
            ask.want(2);
        }
        assert_eq!(ask.due(start), Some(0b100));
        ask.want(0);
        assert_eq!(ask.due(start + ASK_WAIT / 2), None);
        assert_eq!(ask.due(start + ASK_WAIT), Some(0b101));
        ask.came(0);
        ask.came(2);
        assert_eq!(ask.due(start + ASK_WAIT * 3), None);
    }
}
