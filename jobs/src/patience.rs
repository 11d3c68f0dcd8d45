//! How long a job is tried.

use std::time::Duration;

/// A retry schedule: how many tries, and the waits between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Tries in all, the first one included.
    pub tries: usize,
    /// The wait after the first try.
    pub first: Duration,
    /// The longest wait: each is twice the one before, up to this.
    pub longest: Duration,
}

impl Patience {
    /// The same wait after each try.
    pub const fn every(wait: Duration, tries: usize) -> Self {
        Self { tries, first: wait, longest: wait }
    }

    /// Waits that double from `first` up to `longest`.
    pub const fn doubling(first: Duration, longest: Duration, tries: usize) -> Self {
        Self { tries, first, longest }
    }

    /// The wait after this try; nothing after the last one.
    pub fn wait_after(&self, tried: usize) -> Option<Duration> {
        if tried >= self.tries {
            return None;
        }
        let doublings = u32::try_from(tried.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
        Some(self.first.saturating_mul(1 << doublings).min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_and_it_doubles() {
        let patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60), 5);
        let waits: Vec<Option<u64>> =
            (1..=5).map(|tried| patience.wait_after(tried).map(|wait| wait.as_secs())).collect();
        assert_eq!(waits, [Some(10), Some(20), Some(40), Some(60), None]);
    }

    #[test]
    fn an_alert_is_tried_for_four_hours() {
        use crate::{Alert, Job};
        let waits = (1..).map_while(|tried| Alert::PATIENCE.wait_after(tried));
        assert_eq!(waits.sum::<Duration>(), Duration::from_secs(47 * 5 * 60));
    }
}
