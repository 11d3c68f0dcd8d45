//! The agency's business days: letters are printed on their mornings.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

use super::Moment;

/// The hour at which a business day's letters are printed.
const MORNING: u32 = 8;
/// How far a business day may be away: no agency closes for longer.
const FARTHEST: u64 = 60;

/// Which days are business days.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The agency's zone.
    pub zone: Tz,
    /// Days that are none, beside Saturdays and Sundays.
    pub holidays: &'a [NaiveDate],
}

impl Calendar<'_> {
    /// Whether a day is a business day.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&day)
    }

    /// The agency's day at a moment.
    pub fn day(&self, at: Moment) -> NaiveDate {
        self.local(at).date_naive()
    }

    fn local(&self, at: Moment) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }

    fn morning(&self, day: NaiveDate) -> Option<Moment> {
        let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or(NaiveTime::MIN);
        Some(self.zone.from_local_datetime(&day.and_time(morning)).earliest()?.to_utc())
    }

    fn business_days(&self, from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        (0..FARTHEST)
            .filter_map(move |days| from.checked_add_days(Days::new(days)))
            .filter(|day| self.is_business_day(*day))
    }

    /// The next morning of a business day that is at least an hour away.
    pub fn next_morning(&self, now: Moment) -> Moment {
        let soonest = now + TimeDelta::hours(1);
        let mornings = self.business_days(self.day(soonest)).filter_map(|day| self.morning(day));
        mornings.into_iter().find(|morning| *morning >= soonest).unwrap_or(soonest)
    }

    /// Whether this is a business day whose morning has come.
    pub fn has_begun(&self, now: Moment) -> bool {
        let day = self.day(now);
        self.is_business_day(day) && self.morning(day).is_some_and(|morning| morning <= now)
    }

    /// The business day that is so many of them later.
    pub fn later(&self, at: Moment, days: usize) -> NaiveDate {
        let day = self.day(at);
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        self.business_days(next).take(days).last().unwrap_or(day)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONE: Tz = chrono_tz::America::Detroit;
    const PLAIN: Calendar<'_> = Calendar { zone: ZONE, holidays: &[] };

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_are_left_out_and_an_hour_is_left() {
        let next = |text| PLAIN.next_morning(at(text));
        assert_eq!(next("2026-11-25T11:59:00Z"), at("2026-11-25T13:00:00Z"), "6:59 on a Wednesday");
        assert_eq!(next("2026-11-25T12:01:00Z"), at("2026-11-26T13:00:00Z"), "7:01 on a Wednesday");
        assert_eq!(next("2026-11-27T20:00:00Z"), at("2026-11-30T13:00:00Z"), "a Friday afternoon");
    }

    #[test]
    fn holidays_are_left_out_as_well() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let holidays = [day("2026-11-26"), day("2026-11-27")];
        let calendar = Calendar { zone: ZONE, holidays: &holidays };
        assert_eq!(calendar.next_morning(at("2026-11-25T14:00:00Z")), at("2026-11-30T13:00:00Z"));
        assert_eq!(calendar.later(at("2026-11-25T14:00:00Z"), 2), day("2026-12-01"));
        assert_eq!(calendar.later(at("2026-11-25T14:00:00Z"), 0), day("2026-11-25"));
        assert!(calendar.has_begun(at("2026-11-25T13:00:00Z")) && !calendar.has_begun(at("2026-11-25T12:59:59Z")));
        assert!(!calendar.has_begun(at("2026-11-26T15:00:00Z")) && !calendar.has_begun(at("2026-11-28T15:00:00Z")));
    }

    proptest! {
        #[test]
        fn it_is_soon_and_on_a_weekday(minute in 0i64..(2 * 366 * 24 * 60)) {
            let now = at("2026-01-01T00:00:30Z") + TimeDelta::minutes(minute);
            let next = PLAIN.next_morning(now);
            let local = next.with_timezone(&ZONE);
            prop_assert!(local.weekday().number_from_monday() <= 5);
            prop_assert_eq!(local.time(), NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap());
            prop_assert!(next - now >= TimeDelta::hours(1) && next - now <= TimeDelta::hours(3 * 24 + 2));
        }
    }
}
