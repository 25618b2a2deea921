//! How often who may knock: at the door, at the login, for a pairing code, and with one.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::base::bucket::Buckets;
use crate::base::delay::Delays;
use crate::base::limits::TRIERS_MAX;
use crate::base::time::Time;
use crate::lesson::{AccountId, Refusal};

use super::super::refused::Refused;

/// Whoever knocks, as far as one can tell them apart: an IPv4 address, or the half of an IPv6 address that a household or
/// a school has for itself (RFC 6177 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Knocker(IpAddr);

impl Knocker {
    pub(super) fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(long) => Self(Ipv6Addr::from_bits(long.to_bits() >> 64 << 64).into()),
            short => Self(short),
        }
    }
}

/// Who has tried what, and how often.
pub(super) struct Tries {
    requests: Buckets<Knocker>,
    logins: Buckets<Knocker>,
    names: Buckets<AccountId>,
    wrong: Delays<(AccountId, Knocker)>,
    codes: Buckets<Knocker>,
    pairings: Buckets<AccountId>,
}

impl Default for Tries {
    fn default() -> Self {
        let every = Duration::from_millis;
        Self {
            // A county behind one address: 404 rooms that come back at once ask about six times each.
            requests: Buckets::new(4_000, every(5), TRIERS_MAX),
            // A staff room in the morning, behind one address.
            logins: Buckets::new(40, every(2_000), TRIERS_MAX),
            // From everywhere together: 1,440 guesses a day at one password, and nobody is kept out for longer than a minute.
            names: Buckets::new(20, every(60_000), TRIERS_MAX),
            wrong: Delays::new(TRIERS_MAX),
            // A school that sets up its screens, each of which asks every ten minutes.
            codes: Buckets::new(60, every(5_000), TRIERS_MAX),
            // An administrator who types a code for each screen; a million codes would take a year.
            pairings: Buckets::new(20, every(15_000), TRIERS_MAX),
        }
    }
}

impl Tries {
    /// Any request.
    pub(super) fn request(&mut self, now: Time, from: IpAddr) -> Result<(), Refused> {
        // This machine's own are its owner's.
        if from.to_canonical().is_loopback() {
            return Ok(());
        }
        self.requests.take(now, &Knocker::at(from)).map_err(too_many)
    }

    /// A password is about to be compared.
    pub(super) fn login(&mut self, now: Time, name: &AccountId, from: IpAddr) -> Result<(), Refused> {
        let knocker = Knocker::at(from);
        self.wrong.may_try(now, &(name.clone(), knocker)).map_err(too_many)?;
        self.logins.take(now, &knocker).map_err(too_many)?;
        self.names.take(now, name).map_err(too_many)
    }

    /// It was wrong.
    pub(super) fn login_failed(&mut self, now: Time, name: &AccountId, from: IpAddr) {
        self.wrong.failed(now, &(name.clone(), Knocker::at(from)));
    }

    /// It was right.
    pub(super) fn login_succeeded(&mut self, name: &AccountId, from: IpAddr) {
        self.wrong.succeeded(&(name.clone(), Knocker::at(from)));
    }

    /// A screen asks for a code.
    pub(super) fn code(&mut self, now: Time, from: IpAddr) -> Result<(), Refused> {
        self.codes.take(now, &Knocker::at(from)).map_err(too_many)
    }

    /// An administrator types one.
    pub(super) fn pairing(&mut self, now: Time, who: &AccountId) -> Result<(), Refused> {
        self.pairings.take(now, who).map_err(too_many)
    }
}

fn too_many(wait: Duration) -> Refused {
    Refused::for_now(Refusal::TooMany, wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_763_683_200_000_000);

    #[test]
    fn a_household_is_one_knocker_and_two_are_two() {
        let at = |text: &str| Knocker::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:aaaa::1"), at("2001:db8:1:2:bbbb::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.7"), at("192.0.2.7"));
        assert_ne!(at("192.0.2.7"), at("192.0.2.8"));
    }

    #[test]
    fn who_guesses_waits_longer_each_time_and_the_owner_elsewhere_does_not() {
        let mut tries = Tries::default();
        let (thief, owner) = (IpAddr::from([192, 0, 2, 7]), IpAddr::from([192, 0, 2, 8]));
        let name = AccountId::new("wang").unwrap();
        for _ in 0..5 {
            assert!(tries.wrong.may_try(NOW, &(AccountId::new("other").unwrap(), Knocker::at(thief))).is_ok());
            let _waits = tries.login(NOW, &name, thief);
            tries.login_failed(NOW, &name, thief);
        }
        let refused = tries.login(NOW, &name, thief).unwrap_err();
        assert_eq!((refused.refusal, refused.wait), (Refusal::TooMany, Some(Duration::from_secs(4))));
        assert!(tries.login(NOW, &name, owner).is_ok());
    }

    #[test]
    fn many_addresses_together_do_not_guess_faster_than_the_account_allows() {
        let mut tries = Tries::default();
        let name = AccountId::new("wang").unwrap();
        let guesses =
            (0..1_000_u32).filter(|number| tries.login(NOW, &name, IpAddr::from(number.to_be_bytes())).is_ok());
        assert_eq!(guesses.count(), 20);
    }

    #[test]
    fn this_machine_may_ask_as_often_as_it_likes() {
        let mut tries = Tries::default();
        let asks =
            |tries: &mut Tries, from: [u8; 4]| (0..10_000).filter(|_| tries.request(NOW, from.into()).is_ok()).count();
        assert_eq!(asks(&mut tries, [192, 0, 2, 7]), 4_000);
        assert_eq!(asks(&mut tries, [127, 0, 0, 1]), 10_000);
    }
}
