//! How much one address may have open at a time. Without it, a few thousand connections that send a byte a second would
//! hold every file that the process may open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A count of what is open, by key; a clone is the same count.
#[derive(Clone)]
pub struct Admission(Arc<Inner>);

struct Inner {
    each: usize,
    all: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_key: HashMap<String, usize>,
}

impl Admission {
    /// At most `each` for one key, and `all` together.
    pub fn new(each: usize, all: usize) -> Self {
        Self(Arc::new(Inner { each, all, open: Mutex::default() }))
    }

    /// Lets one more in, until the ticket is dropped; none if it would be one too many.
    pub fn admit(&self, key: &str) -> Option<Ticket> {
        let mut open = self.0.lock();
        let own = open.by_key.get(key).copied().unwrap_or(0);
        if own >= self.0.each || open.all >= self.0.all {
            return None;
        }
        open.all += 1;
        open.by_key.insert(key.to_owned(), own + 1);
        drop(open);
        Some(Ticket { admission: self.0.clone(), key: key.to_owned() })
    }

    /// How much is open now.
    pub fn open(&self) -> usize {
        self.0.lock().all
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that was let in.
pub struct Ticket {
    admission: Arc<Inner>,
    key: String,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.all -= 1;
        match open.by_key.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.by_key.remove(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Admission;

    #[test]
    fn one_key_never_takes_what_is_for_others() {
        let admission = Admission::new(2, 3);
        let held = [admission.admit("a"), admission.admit("a")];
        assert!(held.iter().all(Option::is_some) && admission.admit("a").is_none());
        let other = admission.admit("b");
        assert!(other.is_some() && admission.admit("c").is_none(), "all together");
        drop(held);
        assert!(admission.admit("a").is_some());
        assert_eq!(admission.open(), 1);
    }
}
