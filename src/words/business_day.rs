//! The agency's business days: letters are printed on their mornings.

use chrono::{Datelike, Days, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

use super::Moment;

/// The hour at which a business day's letters are printed.
const MORNING: u32 = 8;

/// The next morning of a business day that is at least an hour away.
pub fn next_morning(now: Moment, zone: Tz) -> Moment {
    let soonest = now + TimeDelta::hours(1);
    let today = soonest.with_timezone(&zone).date_naive();
    let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or(NaiveTime::MIN);
    (0..8)
        .filter_map(|days| today.checked_add_days(Days::new(days)))
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .filter_map(|day| zone.from_local_datetime(&day.and_time(morning)).earliest())
        .map(|morning| morning.to_utc())
        .find(|morning| *morning >= soonest)
        // No zone leaves eight mornings in a row out.
        .unwrap_or(soonest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONE: Tz = chrono_tz::America::Detroit;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_are_left_out_and_an_hour_is_left() {
        let next = |text| next_morning(at(text), ZONE);
        assert_eq!(next("2026-11-25T11:59:00Z"), at("2026-11-25T13:00:00Z"), "6:59 on a Wednesday");
        assert_eq!(next("2026-11-25T12:01:00Z"), at("2026-11-26T13:00:00Z"), "7:01 on a Wednesday");
        assert_eq!(next("2026-11-27T20:00:00Z"), at("2026-11-30T13:00:00Z"), "a Friday afternoon");
    }

    proptest! {
        #[test]
        fn it_is_soon_and_on_a_weekday(minute in 0i64..(2 * 366 * 24 * 60)) {
            let now = at("2026-01-01T00:00:30Z") + TimeDelta::minutes(minute);
            let next = next_morning(now, ZONE);
            let local = next.with_timezone(&ZONE);
            prop_assert!(local.weekday().number_from_monday() <= 5);
            prop_assert_eq!(local.time(), NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap());
            prop_assert!(next - now >= TimeDelta::hours(1) && next - now <= TimeDelta::hours(3 * 24 + 2));
        }
    }
}
