//! What time it is, as an argument: the system's clock when it runs, a hand-moved one in tests.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, Utc};

/// A point in time, UTC.
pub type Moment = DateTime<Utc>;

/// A source of the present moment.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    System,
    /// A clock that stands until it is moved; milliseconds since 1970.
    Standing(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `moment`.
    pub fn standing_at(moment: Moment) -> Self {
        Self::Standing(Arc::new(AtomicI64::new(moment.timestamp_millis())))
    }

    /// The present moment, to the millisecond: what the database gives back equals what it was given.
    pub fn now(&self) -> Moment {
        let millis = match self {
            Self::System => Utc::now().timestamp_millis(),
            Self::Standing(millis) => millis.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// Moves a standing clock on; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Self::Standing(millis) = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }
}
