//! How long a session lasts: by when it began and when it was last used.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::Duration;

use crate::words::Moment;

/// Idle for so long, a session ends.
pub const IDLE: Duration = Duration::minutes(30);
/// So long before that, the person is warned.
pub const WARNING: Duration = Duration::minutes(5);
/// A session never lasts longer.
pub const LONGEST: Duration = Duration::hours(12);

/// The life of one session.
pub struct Life {
    began: Moment,
    /// Milliseconds since 1970.
    seen: AtomicI64,
    ended: AtomicBool,
}

impl Life {
    /// A session that began then and was last used then.
    pub fn new(began: Moment, seen: Moment) -> Self {
        Self { began, seen: AtomicI64::new(seen.timestamp_millis()), ended: AtomicBool::new(false) }
    }

    /// When it began.
    pub fn began(&self) -> Moment {
        self.began
    }

    /// When it was last used, as far as is known here.
    pub fn seen(&self) -> Moment {
        Moment::from_timestamp_millis(self.seen.load(Ordering::Relaxed)).unwrap_or(self.began)
    }

    /// It was used then, here or elsewhere; an older word changes nothing.
    pub fn used(&self, moment: Moment) {
        self.seen.fetch_max(moment.timestamp_millis(), Ordering::Relaxed);
    }

    /// When it ends unless something is done.
    pub fn ends(&self) -> Moment {
        (self.seen() + IDLE).min(self.began + LONGEST)
    }

    /// Ends it now.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Whether it was ended.
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Whether it still holds at this moment.
    pub fn holds(&self, now: Moment) -> bool {
        !self.is_ended() && now < self.ends()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_prolongs_it_but_not_beyond_the_longest() {
        let began: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
        let life = Life::new(began, began);
        assert!(life.holds(began + Duration::minutes(29)) && !life.holds(began + Duration::minutes(30)));
        life.used(began + Duration::minutes(20));
        life.used(began + Duration::minutes(10));
        assert_eq!(life.ends(), began + Duration::minutes(50));
        life.used(began + Duration::minutes(12 * 60 - 5));
        assert_eq!(life.ends(), began + LONGEST);
        life.end();
        assert!(!life.holds(began));
    }
}
