//! The module's real-time clock, and the calendar it is shown in.

use crate::time::Instant;

const DAY_S: i64 = 86_400;
const QUARTER_MS: i64 = 15 * 60 * 1000;

/// Wall clock of one module: what the driver said, shifted by what the host
/// set with AT+CCLK, shown in a time zone.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Unix milliseconds at [`Instant::ZERO`].
    origin_ms: i64,
    /// Shift the host set, in milliseconds.
    shift_ms: i64,
    /// Local time minus UTC, in quarters of an hour (3GPP 27.007 `+CCLK`).
    zone_quarters: i8,
}

/// A date and time of day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Clock {
    pub(crate) fn new(origin_ms: i64, zone_quarters: i8) -> Self {
        Self {
            origin_ms,
            shift_ms: 0,
            zone_quarters,
        }
    }

    /// The driver's wall clock reads `unix_ms` now.
    pub(crate) fn synchronise(&mut self, now: Instant, unix_ms: i64) {
        self.origin_ms = unix_ms.saturating_sub(millis(now));
    }

    /// The module's clock, in milliseconds since the Unix epoch.
    pub(crate) fn unix_ms(&self, now: Instant) -> i64 {
        self.origin_ms
            .saturating_add(millis(now))
            .saturating_add(self.shift_ms)
    }

    /// The network's clock, which the host cannot shift.
    pub(crate) fn network_unix_ms(&self, now: Instant) -> i64 {
        self.origin_ms.saturating_add(millis(now))
    }

    /// The module takes over the network's clock.
    pub(crate) fn follow_network(&mut self) {
        self.shift_ms = 0;
    }

    /// Local time minus UTC, in quarters of an hour.
    pub(crate) fn zone_quarters(&self) -> i8 {
        self.zone_quarters
    }

    /// Date and time of day where the module is.
    pub(crate) fn local(&self, now: Instant) -> Civil {
        self.to_local(self.unix_ms(now))
    }

    /// Date and time of day where the module is, at some other time.
    pub(crate) fn to_local(&self, unix_ms: i64) -> Civil {
        Civil::from_unix_ms(unix_ms.saturating_add(i64::from(self.zone_quarters) * QUARTER_MS))
    }

    /// The host sets local time and time zone.
    pub(crate) fn set_local(&mut self, now: Instant, local: Civil, zone_quarters: i8) {
        self.zone_quarters = zone_quarters;
        let unix_ms = local
            .unix_ms()
            .saturating_sub(i64::from(zone_quarters) * QUARTER_MS);
        self.shift_ms = unix_ms.saturating_sub(self.network_unix_ms(now));
    }
}

impl Civil {
    /// The date and time of day in UTC.
    pub(crate) fn from_unix_ms(unix_ms: i64) -> Self {
        let seconds = unix_ms.div_euclid(1000);
        let (year, month, day) = date(seconds.div_euclid(DAY_S));
        let of_day = seconds.rem_euclid(DAY_S);
        Self {
            year,
            month,
            day,
            hour: small(of_day / 3600),
            minute: small(of_day / 60 % 60),
            second: small(of_day % 60),
        }
    }

    /// Milliseconds since the Unix epoch, read as UTC.
    pub(crate) fn unix_ms(&self) -> i64 {
        let of_day =
            i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        (days(self.year, self.month, self.day) * DAY_S + of_day).saturating_mul(1000)
    }

    /// Whether such a date and time exist.
    pub(crate) fn is_valid(&self) -> bool {
        (1..=12).contains(&self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && date(days(self.year, self.month, self.day)) == (self.year, self.month, self.day)
    }
}

/// Days since 1970-01-01 of a date, after Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms": years begin in March, so
/// that the leap day is their last.
fn days(year: i64, month: u8, day: u8) -> i64 {
    let month = i64::from(month);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days`].
fn date(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, small(month), small(day))
}

/// A calendar field; each fits a byte by construction.
fn small(value: i64) -> u8 {
    debug_assert!((0..100).contains(&value));
    u8::try_from(value).unwrap_or(0)
}

fn millis(now: Instant) -> i64 {
    i64::try_from(now.since_origin().as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn civil(year: i64, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Civil {
        Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        }
    }

    #[test]
    fn known_dates() {
        for (unix_s, expected) in [
            (0, civil(1970, 1, 1, 0, 0, 0)),
            (-1, civil(1969, 12, 31, 23, 59, 59)),
            (951_782_400, civil(2000, 2, 29, 0, 0, 0)),
            (1_786_082_042, civil(2026, 8, 7, 5, 54, 2)),
            (4_107_542_400, civil(2100, 3, 1, 0, 0, 0)),
        ] {
            assert_eq!(Civil::from_unix_ms(unix_s * 1000), expected);
            assert_eq!(expected.unix_ms(), unix_s * 1000);
        }
    }

    #[test]
    fn dates_that_do_not_exist() {
        assert!(civil(2000, 2, 29, 23, 59, 59).is_valid());
        for wrong in [
            civil(2100, 2, 29, 0, 0, 0),
            civil(2001, 0, 1, 0, 0, 0),
            civil(2001, 13, 1, 0, 0, 0),
            civil(2001, 4, 31, 0, 0, 0),
            civil(2001, 1, 0, 0, 0, 0),
            civil(2001, 1, 1, 24, 0, 0),
            civil(2001, 1, 1, 0, 60, 0),
            civil(2001, 1, 1, 0, 0, 60),
        ] {
            assert!(!wrong.is_valid(), "{wrong:?}");
        }
    }

    #[test]
    fn the_host_sets_local_time_and_it_runs_on() {
        let now = Instant::from_origin(Duration::from_secs(10));
        let later = Instant::from_origin(Duration::from_secs(12));
        let mut clock = Clock::new(1_786_082_042_000, 32);
        assert_eq!(clock.local(Instant::ZERO), civil(2026, 8, 7, 13, 54, 2));
        clock.set_local(now, civil(2020, 1, 1, 0, 0, 0), -4);
        assert_eq!(clock.local(later), civil(2020, 1, 1, 0, 0, 2));
        assert_eq!(clock.unix_ms(later), 1_577_840_402_000);
        clock.follow_network();
        assert_eq!(clock.unix_ms(later), clock.network_unix_ms(later));
    }

    proptest! {
        #[test]
        fn dates_round_trip(seconds in -60_000_000_000i64..250_000_000_000) {
            let date = Civil::from_unix_ms(seconds * 1000);
            prop_assert!(date.is_valid());
            prop_assert_eq!(date.unix_ms(), seconds * 1000);
        }

        #[test]
        fn days_follow_each_other(day in -1_000_000i64..3_000_000) {
            let (year, month, of_month) = date(day);
            let next = date(day + 1);
            prop_assert!(
                next == (year, month, of_month + 1)
                    || next == (year, month + 1, 1)
                    || next == (year + 1, 1, 1) && (month, of_month) == (12, 31)
            );
        }

        #[test]
        fn no_time_panics(unix_ms: i64, zone in -96i8..=96) {
            let mut clock = Clock::new(unix_ms, zone);
            let local = clock.local(Instant::ZERO);
            clock.set_local(Instant::ZERO, local, zone);
        }
    }
}
