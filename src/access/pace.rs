//! How soon a person is told of messages, and when they are not to be disturbed.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::{db::value::SurrealValue, words::Moment};

/// The hour of the agency's day at which a daily digest leaves.
const MORNING: u32 = 8;

/// How soon a person is told of an account's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum Pace {
    /// One e-mail for each message.
    #[surreal(rename = "at once")]
    AtOnce,
    /// One e-mail an hour for all of that hour.
    #[surreal(rename = "hourly")]
    Hourly,
    /// One e-mail each morning.
    #[surreal(rename = "daily")]
    Daily,
    /// Not at all.
    #[surreal(rename = "off")]
    Off,
}

impl Pace {
    /// All, as they are offered.
    pub const ALL: [Self; 4] = [Self::AtOnce, Self::Hourly, Self::Daily, Self::Off];

    /// Its name in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::AtOnce => "at once",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Off => "off",
        }
    }

    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::AtOnce => "At once",
            Self::Hourly => "Once an hour",
            Self::Daily => "Once a day, at 8 in the morning",
            Self::Off => "Off",
        }
    }

    /// The pace of this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.word() == word)
    }
}

/// The hours of the agency's day in which nothing is sent, from the first to before the second; they may span midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: u32,
    until: u32,
}

impl Quiet {
    /// Quiet hours; nothing if they are no hours of a day, or none at all.
    pub fn new(from: u32, until: u32) -> Option<Self> {
        (from < 24 && until < 24 && from != until).then_some(Self { from, until })
    }

    /// Quiet hours as a record keeps them.
    pub fn kept(from: Option<i64>, until: Option<i64>) -> Option<Self> {
        Self::new(u32::try_from(from?).ok()?, u32::try_from(until?).ok()?)
    }

    /// The first quiet hour, and the first that is quiet no longer.
    pub fn hours(self) -> (u32, u32) {
        (self.from, self.until)
    }

    fn holds(self, hour: u32) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&hour)
        } else {
            hour >= self.from || hour < self.until
        }
    }
}

/// When a person is told of what was posted at this moment; never, if they want none. Times are the agency's.
pub fn due(pace: Pace, quiet: Option<Quiet>, posted: Moment, zone: Tz) -> Option<Moment> {
    let local = posted.with_timezone(&zone);
    let moment = match pace {
        Pace::Off => return None,
        Pace::AtOnce => local,
        Pace::Hourly => next(local, |hour| hour != local.hour()),
        Pace::Daily => next(local, |hour| hour == MORNING),
    };
    let loud = |hour| quiet.is_none_or(|quiet| !quiet.holds(hour));
    Some(if loud(moment.hour()) { moment } else { next(moment, loud) }.to_utc())
}

/// The beginning of the next hour that will do. Hours that a change of clocks leaves out do not exist; those that it
/// repeats come twice.
fn next(after: DateTime<Tz>, will_do: impl Fn(u32) -> bool) -> DateTime<Tz> {
    let mut hour = begin_of_hour(after);
    // Two days hold every hour, whatever the clocks do.
    for _ in 0..50 {
        hour = begin_of_hour(hour + TimeDelta::hours(1));
        if will_do(hour.hour()) {
            return hour;
        }
    }
    let tomorrow = after.date_naive().checked_add_days(Days::new(1)).unwrap_or(after.date_naive());
    after.timezone().from_local_datetime(&tomorrow.and_time(NaiveTime::MIN)).latest().unwrap_or(after)
}

fn begin_of_hour(moment: DateTime<Tz>) -> DateTime<Tz> {
    let past = TimeDelta::seconds(i64::from(moment.minute() * 60 + moment.second()))
        + TimeDelta::nanoseconds(i64::from(moment.nanosecond()));
    moment - past
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONE: Tz = chrono_tz::America::Detroit;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn each_pace_has_its_moment() {
        let posted = at("2026-11-24T15:20:00Z"); // 10:20 in Detroit
        assert_eq!(due(Pace::AtOnce, None, posted, ZONE), Some(posted));
        assert_eq!(due(Pace::Hourly, None, posted, ZONE), Some(at("2026-11-24T16:00:00Z")));
        assert_eq!(due(Pace::Daily, None, posted, ZONE), Some(at("2026-11-25T13:00:00Z")));
        assert_eq!(due(Pace::Off, None, posted, ZONE), None);
    }

    #[test]
    fn quiet_hours_span_midnight_and_end_in_the_agencys_zone() {
        let quiet = Quiet::new(21, 7);
        assert_eq!(due(Pace::AtOnce, quiet, at("2026-11-25T03:00:00Z"), ZONE), Some(at("2026-11-25T12:00:00Z")));
        assert_eq!(due(Pace::AtOnce, quiet, at("2026-11-24T15:00:00Z"), ZONE), Some(at("2026-11-24T15:00:00Z")));
        assert_eq!(
            due(Pace::Daily, Quiet::new(7, 10), at("2026-11-24T15:00:00Z"), ZONE),
            Some(at("2026-11-25T15:00:00Z"))
        );
        assert_eq!(Quiet::new(7, 7), None);
        assert_eq!(Quiet::new(24, 1), None);
    }

    proptest! {
        /// Whatever is chosen, nobody is told before the message or in their quiet hours, and everybody within two days.
        #[test]
        fn nobody_is_disturbed_or_forgotten(
            pace in prop::sample::select(&Pace::ALL[..3]),
            (from, until) in (0u32..24, 0u32..24),
            minute in 0i64..(2 * 366 * 24 * 60),
        ) {
            let posted = at("2026-01-01T00:00:30Z") + TimeDelta::minutes(minute);
            let quiet = Quiet::new(from, until);
            let due = due(pace, quiet, posted, ZONE).unwrap();
            prop_assert!(due >= posted && due - posted <= TimeDelta::hours(49));
            if let Some(quiet) = quiet {
                prop_assert!(!quiet.holds(due.with_timezone(&ZONE).hour()));
            }
        }
    }
}
