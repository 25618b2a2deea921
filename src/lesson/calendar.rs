//! Days, as a school counts them. All of China keeps one hour, UTC+8, summer and winter.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::{Date, Month};

use crate::base::time::Time;

/// One day, from midnight to midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

/// A text that is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a day is written like 2026-09-01")]
pub struct BadDay;

/// Minutes after midnight, below [`Minute::PER_DAY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(u16);

/// A text that is no time of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is written like 08:20")]
pub struct BadMinute;

/// What UTC lacks to the hour of China.
const EAST: Duration = Duration::from_secs(8 * 3_600);

impl Day {
    /// The day that `now` is in.
    pub fn of(now: Time) -> Self {
        let days = (now + EAST).micros() / 86_400_000_000;
        let epoch = Date::from_calendar_date(1970, Month::January, 1).expect("it is a day");
        let since = i64::try_from(days).ok().map(time::Duration::days);
        Self(since.and_then(|days| epoch.checked_add(days)).unwrap_or(Date::MAX))
    }

    /// So many days later.
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.checked_add(time::Duration::days(i64::from(days))).unwrap_or(Date::MAX))
    }

    /// The day before.
    pub fn before(self) -> Self {
        Self(self.0.previous_day().unwrap_or(self.0))
    }

    /// How many days `earlier` was before; none if it was later.
    pub fn since(self, earlier: Self) -> Option<u32> {
        u32::try_from(self.0.to_julian_day() - earlier.0.to_julian_day()).ok()
    }

    /// 1 is Monday, 7 Sunday.
    pub const fn weekday(self) -> u8 {
        self.0.weekday().number_from_monday()
    }

    /// A moment of it. Before 1970 there is none: it is the first.
    pub fn at(self, minute: Minute) -> Time {
        let epoch = Date::from_calendar_date(1970, Month::January, 1).expect("it is a day");
        let days = u64::try_from(self.0.to_julian_day() - epoch.to_julian_day()).unwrap_or(0);
        Time::from_micros((days * 1_440 + u64::from(minute.0)) * 60_000_000) - EAST
    }

    /// As eight digits, for ids.
    pub fn digits(self) -> String {
        self.to_string().replace('-', "")
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl FromStr for Day {
    type Err = BadDay;

    /// Reads 2026-09-01, 2026/9/1 and 2026年9月1日.
    fn from_str(text: &str) -> Result<Self, BadDay> {
        let mut numbers = text.trim().trim_end_matches('日').split(['-', '/', '年', '月']).map(str::parse::<u16>);
        let mut next = || numbers.next()?.ok();
        let (Some(year), Some(month), Some(day), None) = (next(), next(), next(), next()) else { return Err(BadDay) };
        let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok()).ok_or(BadDay)?;
        let day = u8::try_from(day).map_err(|_| BadDay)?;
        // What is before computers is a slip of the hand.
        let year = Some(i32::from(year)).filter(|year| (1970..=9999).contains(year)).ok_or(BadDay)?;
        Date::from_calendar_date(year, month, day).map(Self).map_err(|_| BadDay)
    }
}

impl Minute {
    /// The first.
    pub const MIDNIGHT: Self = Self(0);

    /// In one day.
    pub const PER_DAY: u16 = 1_440;

    /// The time of day of `now`.
    pub fn of(now: Time) -> Self {
        let minutes = (now + EAST).micros() / 60_000_000 % u64::from(Self::PER_DAY);
        Self(u16::try_from(minutes).unwrap_or_default())
    }

    /// So many after midnight; none from the next midnight on.
    pub const fn new(minutes: u16) -> Option<Self> {
        if minutes < Self::PER_DAY { Some(Self(minutes)) } else { None }
    }

    /// After midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Later or earlier by so much, within the day.
    pub const fn moved(self, minutes: i16) -> Self {
        let moved = self.0.saturating_add_signed(minutes);
        Self(if moved < Self::PER_DAY { moved } else { Self::PER_DAY - 1 })
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for Minute {
    type Err = BadMinute;

    /// Reads 08:20, 8:20 and 08:20:00.
    fn from_str(text: &str) -> Result<Self, BadMinute> {
        let (hours, rest) = text.trim().split_once([':', '：']).ok_or(BadMinute)?;
        let minutes = rest.split([':', '：']).next().unwrap_or(rest);
        let number = |text: &str| text.parse::<u16>().map_err(|_| BadMinute);
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if minutes >= 60 || hours >= 24 { Err(BadMinute) } else { Ok(Self(hours * 60 + minutes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_read_as_schools_write_it_and_written_one_way() {
        for text in ["2026-09-01", "2026/9/1", "2026年9月1日", " 2026-9-01 "] {
            assert_eq!(day(text).to_string(), "2026-09-01");
        }
        for bad in ["", "2026-13-01", "2026-02-30", "01.09.2026", "2026-9", "2026-9-1-1", "26-9-1", "上周一"] {
            assert_eq!(bad.parse::<Day>(), Err(BadDay), "{bad}");
        }
        assert_eq!(day("2026-09-01").digits(), "20260901");
    }

    #[test]
    fn a_moment_and_its_day_agree() {
        let bell = day("2025-11-21").at("08:20".parse().unwrap());
        assert_eq!(bell.micros(), 1_763_684_400_000_000, "2025-11-21T00:20:00Z");
        assert_eq!(Day::of(bell), day("2025-11-21"));
        assert_eq!(Minute::of(bell).to_string(), "08:20");
        let midnight = day("2025-11-21").at(Minute::new(0).unwrap());
        assert_eq!(Day::of(midnight - Duration::from_micros(1)), day("2025-11-20"));
        assert_eq!((day("2025-11-21").weekday(), day("2025-11-23").weekday()), (5, 7));
        assert_eq!(day("2025-11-21").plus(10), day("2025-12-01"));
        assert_eq!(
            (day("2025-12-01").since(day("2025-11-21")), day("2025-11-21").since(day("2025-12-01"))),
            (Some(10), None)
        );
    }

    #[test]
    fn a_time_of_a_day_is_read_and_stays_within_it() {
        for text in ["08:20", "8:20", "08:20:00", "8：20"] {
            assert_eq!(text.parse::<Minute>().map(|minute| minute.to_string()), Ok("08:20".to_owned()));
        }
        for bad in ["", "24:00", "8:60", "820", "a:b", ":20"] {
            assert_eq!(bad.parse::<Minute>(), Err(BadMinute), "{bad}");
        }
        let late = Minute::new(1_430).unwrap();
        assert_eq!((late.moved(60).to_string(), late.moved(-1_440).to_string()), ("23:59".into(), "00:00".into()));
    }
}
