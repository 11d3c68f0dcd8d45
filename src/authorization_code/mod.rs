//! Authorization codes: requested, handed over, tried, used, voided (R82, R114–R116, R127).

pub mod acts;
pub mod ending;
mod handing_over;
pub mod jobs;
pub mod queries;
pub mod reminders;
pub mod track;

use chrono::Duration;

pub use ending::MOVED;

use crate::db::rate_limit::Limit;

/// How a code reaches the address on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By letter.
    Letter,
}

impl Channel {
    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Letter => "letter",
        }
    }

    /// How long a code lasts from when it was handed over.
    pub fn lasts(self) -> Duration {
        match self {
            Self::Email => Duration::hours(24),
            Self::Letter => Duration::days(30),
        }
    }
}

/// Account look-ups by one logon, of unknown and known numbers alike.
pub const LOOK_UPS: Limit = Limit { what: "account look-up", most: 10, within: Duration::hours(1) };
/// Account look-ups from one address, whoever is signed in.
pub const LOOK_UPS_OF_ADDRESS: Limit = Limit { what: "account look-up address", most: 60, within: Duration::hours(1) };
/// Requests of one logon for one account in a day.
pub const A_DAY: Limit = Limit { what: "code a day", most: 1, within: Duration::hours(24) };
/// Requests of one logon for one account in a month.
pub const A_MONTH: Limit = Limit { what: "code a month", most: 4, within: Duration::days(30) };
/// Requests of all logons for one account in a day.
pub const OF_ACCOUNT_A_DAY: Limit = Limit { what: "code account day", most: 6, within: Duration::hours(24) };
/// Requests of all logons for one account in a month.
pub const OF_ACCOUNT_A_MONTH: Limit = Limit { what: "code account month", most: 20, within: Duration::days(30) };
/// Requests from one address in a day, whoever is signed in.
pub const OF_ADDRESS: Limit = Limit { what: "code address", most: 40, within: Duration::hours(24) };
/// Letters that one logon has sent in a day.
pub const LETTERS: Limit = Limit { what: "code letters", most: 10, within: Duration::hours(24) };
/// Codes typed in by one logon.
pub const ENTRIES: Limit = Limit { what: "code entry", most: 5, within: Duration::minutes(10) };
/// Wrong codes of one logon for one account: with the twentieth its own code is void.
pub const WRONG: Limit = Limit { what: "wrong code", most: 19, within: Duration::hours(24) };
