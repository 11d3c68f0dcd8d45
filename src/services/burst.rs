//! What one address may do in quick succession, counted in memory: for requests that cost a little and are asked for as
//! one types. Limits that must hold for all processes together are in `db::rate_limit`.

use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// A limit by address; a clone counts with it.
#[derive(Clone)]
pub struct BurstLimit(Arc<DefaultKeyedRateLimiter<String>>);

impl BurstLimit {
    /// `burst` at once, and then `per_second`.
    ///
    /// # Panics
    /// When either is 0.
    pub fn new(per_second: u32, burst: u32) -> Self {
        let number = |number| NonZeroU32::new(number).expect("a limit is at least 1");
        Self(Arc::new(RateLimiter::keyed(Quota::per_second(number(per_second)).allow_burst(number(burst)))))
    }

    /// Counts one for `client`; false if it is one too many.
    pub fn allows(&self, client: &str) -> bool {
        self.0.check_key(&client.to_owned()).is_ok()
    }

    /// Forgets the addresses that have not come lately.
    pub fn tidy(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::BurstLimit;

    #[test]
    fn a_burst_is_allowed_and_no_more_for_each_address_alone() {
        let limit = BurstLimit::new(1, 3);
        assert!((0..3).all(|_| limit.allows("a")) && !limit.allows("a"));
        assert!(limit.allows("b"));
    }
}
