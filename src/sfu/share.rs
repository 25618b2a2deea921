//! How a watcher's line is shared between its slots: voice, then screen, then camera, then the others.

use super::command::Wish;
use super::layer::Offered;
use crate::base::limits::SLOTS_MAX;

/// What a slot asks of the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// Which slot it is of.
    pub(super) slot: usize,
    pub(super) video: bool,
    pub(super) rank: u8,
    pub(super) wish: Wish,
    pub(super) offered: Offered,
    /// What it may use: until now, and as the answer.
    pub(super) allowed: Wish,
}

/// Sets what each claim is allowed. Sound always goes. Then every picture gets its lowest layer in the order of rank,
/// as long as the budget lasts or `generous` says that the line has not shown a limit; then larger ones, in the same order.
pub(super) fn share(claims: &mut [Claim], budget_bps: u64, generous: bool) {
    claims.sort_unstable_by_key(|claim| (claim.video, claim.rank));
    let mut left = budget_bps;
    let mut before = [Wish::Off; SLOTS_MAX];
    for (claim, before) in claims.iter_mut().zip(&mut before) {
        *before = claim.allowed;
        let Some(lowest) = lowest(claim) else {
            claim.allowed = Wish::UpTo(0);
            continue;
        };
        let cost = claim.offered[usize::from(lowest)].unwrap_or(0);
        let goes = !claim.video || generous || weighed(cost, *before, lowest) <= left;
        claim.allowed = if goes { Wish::UpTo(lowest) } else { Wish::Off };
        left = left.saturating_sub(if goes { cost } else { 0 });
    }
    for (claim, before) in claims.iter_mut().zip(before).filter(|(claim, _)| claim.video) {
        raise(claim, before, &mut left);
    }
}

/// What must be left for a layer that costs this much. What goes on may become a little dearer, as with a keyframe; what
/// begins needs some room. Without this band a slot would come and go on every line that nearly carries it.
fn weighed(cost: u64, before: Wish, layer: u8) -> u64 {
    if before >= Wish::UpTo(layer) { cost / 4 * 3 } else { cost / 4 * 5 }
}

/// The smallest layer that arrives, if the slot wants any.
fn lowest(claim: &Claim) -> Option<u8> {
    let wanted = claim.wish != Wish::Off;
    (0..).zip(&claim.offered).find(|(_, bps)| bps.is_some() && wanted).map(|(layer, _)| layer)
}

/// Gives a claim the largest layer that what is left can pay for.
fn raise(claim: &mut Claim, before: Wish, left: &mut u64) {
    let (Wish::UpTo(now), Wish::UpTo(wanted)) = (claim.allowed, claim.wish) else { return };
    let paid = claim.offered.get(usize::from(now)).copied().flatten().unwrap_or(0);
    let dearer = (0_u8..).zip(&claim.offered).filter(|(layer, _)| *layer > now && *layer <= wanted);
    let affordable = dearer.filter_map(|(layer, bps)| Some((layer, (*bps)?.saturating_sub(paid))));
    if let Some((layer, more)) = affordable.filter(|(layer, more)| weighed(*more, before, *layer) <= *left).last() {
        claim.allowed = Wish::UpTo(layer);
        *left = left.saturating_sub(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson() -> [Claim; 3] {
        let claim =
            |video, rank, offered| Claim { slot: 0, video, rank, wish: Wish::UpTo(2), offered, allowed: Wish::Off };
        [
            claim(true, 1, [Some(150_000), Some(500_000), Some(2_500_000)]),
            claim(true, 0, [Some(400_000), None, None]),
            claim(false, 0, [Some(40_000), None, None]),
        ]
    }

    fn allowed(budget_bps: u64, generous: bool) -> [Wish; 3] {
        let mut claims = lesson();
        share(&mut claims, budget_bps, generous);
        claims.map(|claim| claim.allowed)
    }

    #[test]
    fn a_line_is_shared_in_the_order_voice_screen_camera() {
        let (voice, screen) = (Wish::UpTo(0), Wish::UpTo(0));
        assert_eq!(allowed(4_000_000, false), [voice, screen, Wish::UpTo(2)]);
        assert_eq!(allowed(1_100_000, false), [voice, screen, Wish::UpTo(1)]);
        assert_eq!(allowed(700_000, false), [voice, screen, Wish::UpTo(0)]);
        assert_eq!(allowed(600_000, false), [voice, screen, Wish::Off]);
        assert_eq!(allowed(100_000, false), [voice, Wish::Off, Wish::Off]);
    }

    #[test]
    fn a_line_of_which_nothing_bad_is_known_gets_every_picture_small() {
        assert_eq!(allowed(100_000, true), [Wish::UpTo(0); 3]);
    }

    #[test]
    fn what_goes_on_stays_on_a_line_on_which_it_would_not_begin() {
        let mut claims = lesson();
        share(&mut claims, 1_100_000, false);
        share(&mut claims, 1_000_000, false);
        assert_eq!(claims.map(|claim| claim.allowed), [Wish::UpTo(0), Wish::UpTo(0), Wish::UpTo(1)]);
        assert_eq!(allowed(1_000_000, false), [Wish::UpTo(0); 3]);
    }

    #[test]
    fn a_slot_that_wants_nothing_costs_nothing() {
        let mut claims = lesson();
        claims[1].wish = Wish::Off;
        share(&mut claims, 650_000, false);
        assert_eq!(claims.map(|claim| claim.allowed), [Wish::UpTo(0), Wish::UpTo(0), Wish::UpTo(1)]);
    }
}
