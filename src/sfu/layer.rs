//! Which simulcast layer a slot shows.

use super::command::Wish;
use crate::base::limits::LAYERS_MAX;

/// What a track offers now: bits per second of each layer that arrives, lowest first.
pub type Offered = [Option<u64>; LAYERS_MAX];

/// The layer a slot should show: the largest that arrives and is no larger than what is wished for and what the line
/// allows; if all are larger, the smallest there is, since a large picture is better than none.
pub fn choose(offered: &Offered, wish: Wish, allowed: Wish) -> Option<u8> {
    let Wish::UpTo(largest) = wish.min(allowed) else { return None };
    let arriving = (0_u8..).zip(offered).filter(|(_, bps)| bps.is_some()).map(|(layer, _)| layer);
    let fitting = arriving.clone().filter(|layer| *layer <= largest).max();
    fitting.or_else(|| arriving.min())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Offered = [Some(150_000), Some(500_000), Some(2_500_000)];

    #[test]
    fn a_slot_gets_the_largest_layer_that_is_wished_for_and_allowed() {
        assert_eq!(choose(&ALL, Wish::UpTo(2), Wish::UpTo(2)), Some(2));
        assert_eq!(choose(&ALL, Wish::UpTo(1), Wish::UpTo(2)), Some(1));
        assert_eq!(choose(&ALL, Wish::UpTo(2), Wish::UpTo(0)), Some(0));
        assert_eq!(choose(&ALL, Wish::Off, Wish::UpTo(2)), None);
        assert_eq!(choose(&ALL, Wish::UpTo(2), Wish::Off), None);
    }

    #[test]
    fn a_layer_that_stopped_arriving_is_not_chosen() {
        assert_eq!(choose(&[Some(1), Some(2), None], Wish::UpTo(2), Wish::UpTo(2)), Some(1));
        assert_eq!(choose(&[None, None, Some(3)], Wish::UpTo(0), Wish::UpTo(2)), Some(2));
        assert_eq!(choose(&[None; 3], Wish::UpTo(2), Wish::UpTo(2)), None);
    }
}
