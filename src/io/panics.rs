//! What is left of a panic of a media thread: its words, and how often there was one.

use std::any::Any;
use std::collections::VecDeque;
use std::time::Duration;

use crate::base::time::Time;

/// A thread that panics more often than this within [`PANICS_WITHIN`] is not mended by one more worker: something
/// comes again and again that no worker survives, and each time every lesson of the thread is cut.
pub(super) const PANICS_MAX: usize = 5;
/// systemd's own limit of starts counts over the same time (`deploy/systemd/tongke.service`).
pub(super) const PANICS_WITHIN: Duration = Duration::from_secs(60);

/// When a thread panicked, of late.
#[derive(Debug, Default)]
pub(super) struct Panics(VecDeque<Time>);

impl Panics {
    /// Notes one more; whether the thread may go on.
    pub(super) fn note(&mut self, now: Time) -> bool {
        self.0.retain(|at| now.since(*at) < PANICS_WITHIN);
        self.0.push_back(now);
        self.0.len() <= PANICS_MAX
    }
}

/// What a panic said.
pub(super) fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn five_panics_in_a_minute_are_borne_and_the_sixth_is_not() {
        let mut panics = Panics::default();
        let at = |second: u64| Time::default() + Duration::from_secs(1_000 + second);
        assert!((0..5).all(|second| panics.note(at(second))));
        assert!(!panics.note(at(59)), "the sixth in a minute");
        assert!(panics.note(at(119)), "all but one are a minute ago");
    }

    #[test]
    fn the_words_of_a_panic_are_kept_whichever_way_they_were_said() {
        let said = |panic: fn()| words(&*catch_unwind(panic).unwrap_err()).to_owned();
        assert_eq!(said(|| panic!("plain")), "plain");
        assert_eq!(said(|| panic!("slot {}", 7)), "slot 7");
        assert_eq!(said(|| std::panic::panic_any(7)), "no words");
    }
}
