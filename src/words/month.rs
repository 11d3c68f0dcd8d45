//! A month of the agency's calendar.

use std::fmt;

use chrono::{Datelike, Months, NaiveDate, NaiveTime, TimeZone, offset::LocalResult};
use chrono_tz::Tz;

use super::Moment;

/// A month: its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// The month of this moment in the agency's zone.
    pub fn of(moment: Moment, zone: Tz) -> Self {
        let day = moment.with_timezone(&zone).date_naive();
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Reads `2026-11`; none when it is no month of the years 1900 to 2999.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let is_digits = |text: &str, length| text.len() == length && text.bytes().all(|digit| digit.is_ascii_digit());
        if !is_digits(year, 4) || !is_digits(month, 2) || !("1900"..="2999").contains(&year) {
            return None;
        }
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).map(Self)
    }

    /// The one before.
    pub fn previous(self) -> Self {
        Self(self.0.checked_sub_months(Months::new(1)).unwrap_or(self.0))
    }

    /// Its first moment in this zone.
    pub fn begin(self, zone: Tz) -> Moment {
        first_moment(self.0, zone)
    }

    /// The first moment after it in this zone.
    pub fn end(self, zone: Tz) -> Moment {
        first_moment(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0), zone)
    }

    /// Its name on pages: `November 2026`.
    pub fn name(self) -> String {
        self.0.format("%B %Y").to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

fn first_moment(day: NaiveDate, zone: Tz) -> Moment {
    let midnight = day.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&midnight) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        // Where clocks go forward at midnight, a day begins an hour later.
        LocalResult::None => zone
            .from_local_datetime(&(midnight + chrono::Duration::hours(1)))
            .earliest()
            .map_or_else(|| midnight.and_utc(), |at| at.to_utc()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONE: Tz = chrono_tz::America::Detroit;

    #[test]
    fn a_month_begins_at_the_agencys_midnight() {
        let month = Month::parse("2026-11").unwrap();
        assert_eq!(month.begin(ZONE).to_rfc3339(), "2026-11-01T04:00:00+00:00");
        assert_eq!(month.end(ZONE).to_rfc3339(), "2026-12-01T05:00:00+00:00");
        assert_eq!((month.name().as_str(), month.previous().to_string().as_str()), ("November 2026", "2026-10"));
        assert_eq!(Month::of("2026-12-01T04:59:59Z".parse().unwrap(), ZONE), month);
        for wrong in ["", "2026", "2026-13", "2026-1", "02026-01", "+026-01", "2026-11-01", "1899-12"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn months_meet_and_hold_their_moments(seconds in 0i64..4_000_000_000) {
            let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
            for zone in [ZONE, chrono_tz::America::Havana, chrono_tz::Asia::Beirut, chrono_tz::UTC] {
                let month = Month::of(moment, zone);
                prop_assert!(month.begin(zone) <= moment && moment < month.end(zone));
                prop_assert_eq!(month.previous().end(zone), month.begin(zone));
                prop_assert_eq!(Month::parse(&month.to_string()), Some(month));
            }
        }
    }
}
