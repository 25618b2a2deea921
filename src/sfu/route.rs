//! Who gets a track.

use super::down::DownKey;

/// One slot that a track is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) down: DownKey,
    /// Its packets never wait for others of their frame.
    pub(super) prompt: bool,
}

/// Every slot that a track is sent to, or will be from its next keyframe on.
#[derive(Default)]
pub(super) struct Route {
    members: Vec<Member>,
    prompts: usize,
}

impl Route {
    /// Puts a slot on the route, once.
    pub(super) fn join(&mut self, down: DownKey, prompt: bool) {
        if self.members.iter().all(|member| member.down != down) {
            self.members.push(Member { down, prompt });
            self.prompts += usize::from(prompt);
        }
    }

    /// Takes a slot off.
    pub(super) fn leave(&mut self, down: DownKey) {
        self.retain(|member| *member != down);
    }

    /// Keeps those slots for which `stays` is true.
    pub(super) fn retain(&mut self, stays: impl Fn(&DownKey) -> bool) {
        self.members.retain(|member| stays(&member.down));
        self.prompts = self.members.iter().filter(|member| member.prompt).count();
    }

    /// Says whether a slot's packets may wait.
    pub(super) fn set_prompt(&mut self, down: DownKey, prompt: bool) {
        if let Some(member) = self.members.iter_mut().find(|member| member.down == down) {
            member.prompt = prompt;
        }
        self.prompts = self.members.iter().filter(|member| member.prompt).count();
    }

    /// The member in the `place`-th place.
    pub(super) fn at(&self, place: usize) -> Option<Member> {
        self.members.get(place).copied()
    }

    /// Every slot.
    pub(super) fn downs(&self) -> impl Iterator<Item = DownKey> + '_ {
        self.members.iter().map(|member| member.down)
    }

    /// How many slots.
    pub(super) const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nobody gets the track.
    pub(super) const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether any slot's packets never wait.
    pub(super) const fn has_prompt(&self) -> bool {
        self.prompts > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_knows_whether_anybody_on_it_cannot_wait() {
        let [a, b] = [1, 2].map(DownKey::from_bits);
        let mut route = Route::default();
        route.join(a, false);
        route.join(a, true);
        assert_eq!((route.len(), route.has_prompt()), (1, false), "who is on the route does not join again");
        route.join(b, true);
        assert!(route.has_prompt());
        route.set_prompt(a, true);
        route.leave(b);
        assert!(route.has_prompt());
        route.set_prompt(a, false);
        assert!(!route.has_prompt());
    }
}
