//! Pairing codes: six digits on a screen that an administrator types. Pure: time and chance are handed in.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::limits::{CODE_TRIES_MAX, CODES_MAX};
use crate::base::time::Time;
use crate::lesson::DeviceId;

/// How long a code is good: time to call the administrator, and for them to get to their desk.
pub(super) const CODE_LIFE: Duration = Duration::from_secs(10 * 60);

/// Codes have six digits, the first of them not zero, so that none is left out when it is read aloud.
const FIRST_CODE: u32 = 100_000;
const CODES: u32 = 900_000;

/// The codes that are shown somewhere now.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes(BTreeMap<u32, Shown>);

#[derive(Clone, Debug)]
struct Shown {
    /// The browser that shows it.
    device: DeviceId,
    until: Time,
    tries: u8,
}

impl Codes {
    /// A code for a browser, and until when it is good; the browser's older one (`before`) is over. None if too many
    /// are shown already.
    pub(super) fn show(
        &mut self,
        now: Time,
        device: DeviceId,
        before: Option<&DeviceId>,
        mut chance: impl FnMut() -> u32,
    ) -> Option<(u32, Time)> {
        self.0.retain(|_, shown| now < shown.until && Some(&shown.device) != before);
        if self.0.len() >= CODES_MAX {
            return None;
        }
        let code = loop {
            // At most one in a thousand is taken: this ends.
            let code = FIRST_CODE + chance() % CODES;
            if !self.0.contains_key(&code) {
                break code;
            }
        };
        let until = now + CODE_LIFE;
        self.0.insert(code, Shown { device, until, tries: 0 });
        Some((code, until))
    }

    /// Somebody types a code: the browser that shows it. Who tries one too often, spoils it.
    pub(super) fn try_code(&mut self, now: Time, code: u32) -> Option<DeviceId> {
        let shown = self.0.get_mut(&code).filter(|shown| now < shown.until)?;
        shown.tries += 1;
        let device = shown.device.clone();
        if shown.tries >= CODE_TRIES_MAX {
            self.0.remove(&code);
        }
        Some(device)
    }

    /// A code was used.
    pub(super) fn done(&mut self, code: u32) {
        self.0.remove(&code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);

    fn device(number: usize) -> DeviceId {
        format!("d{number}").parse().unwrap()
    }

    /// Chance that begins again and again with the same numbers.
    fn counting() -> impl FnMut() -> u32 {
        let mut next = 0;
        move || {
            next += 1;
            next - 1
        }
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_and_once() {
        let mut codes = Codes::default();
        let (code, until) = codes.show(NOW, device(1), None, counting()).unwrap();
        assert_eq!((code, until), (100_000, NOW + CODE_LIFE));
        assert_eq!(codes.try_code(until - Duration::from_micros(1), code), Some(device(1)));
        assert_eq!(codes.try_code(until, code), None);
        codes.done(code);
        assert_eq!(codes.try_code(NOW, code), None);
    }

    #[test]
    fn no_two_screens_show_the_same_and_a_screen_shows_only_its_newest() {
        let mut codes = Codes::default();
        let (first, _) = codes.show(NOW, device(1), None, counting()).unwrap();
        let (second, _) = codes.show(NOW, device(2), None, counting()).unwrap();
        assert_ne!(first, second);
        let (third, _) = codes.show(NOW, device(3), Some(&device(2)), || 77).unwrap();
        assert_eq!(codes.try_code(NOW, second), None);
        assert_eq!(codes.try_code(NOW, third), Some(device(3)));
    }

    #[test]
    fn a_code_that_is_tried_too_often_is_over() {
        let mut codes = Codes::default();
        let (code, _) = codes.show(NOW, device(1), None, counting()).unwrap();
        let tries = (0..20).filter(|_| codes.try_code(NOW, code).is_some()).count();
        assert_eq!(tries, usize::from(CODE_TRIES_MAX));
    }

    #[test]
    fn a_crowd_of_screens_is_refused_until_codes_are_over() {
        let mut codes = Codes::default();
        let mut chance = counting();
        let shown = (0..CODES_MAX + 50).filter_map(|number| codes.show(NOW, device(number), None, &mut chance)).count();
        assert_eq!(shown, CODES_MAX);
        assert!(codes.show(NOW + CODE_LIFE, device(0), None, &mut chance).is_some());
    }
}
