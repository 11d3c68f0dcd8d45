//! Finds the actor for a key. There is no global registry: each portal has its own.

use std::{hash::Hash, sync::Arc};

use dashmap::{DashMap, mapref::entry::Entry};

/// Handles by key. A handle whose actor stopped is replaced when it is asked for.
pub struct Directory<K, H> {
    handles: DashMap<K, Arc<H>>,
}

/// A handle knows whether its actor still runs.
pub trait Connected {
    /// Whether the actor still runs.
    fn is_connected(&self) -> bool;
}

impl<K: Eq + Hash + Clone, H> Default for Directory<K, H> {
    fn default() -> Self {
        Self { handles: DashMap::new() }
    }
}

impl<K: Eq + Hash + Clone, H: Connected> Directory<K, H> {
    /// The handle for a key, if its actor runs.
    pub fn find<Q>(&self, key: &Q) -> Option<Arc<H>>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.handles.get(key).map(|handle| handle.clone()).filter(|handle| handle.is_connected())
    }

    /// The handle for a key; starts its actor if there is none that runs.
    pub fn find_or_start(&self, key: &K, start: impl FnOnce() -> H) -> Arc<H> {
        match self.handles.entry(key.clone()) {
            Entry::Occupied(entry) if entry.get().is_connected() => entry.get().clone(),
            Entry::Occupied(mut entry) => {
                let handle = Arc::new(start());
                entry.insert(handle.clone());
                handle
            }
            Entry::Vacant(entry) => entry.insert(Arc::new(start())).clone(),
        }
    }

    /// Forgets a handle, unless another took its place.
    pub fn forget(&self, key: &K, handle: &Arc<H>) {
        self.handles.remove_if(key, |_, present| Arc::ptr_eq(present, handle));
    }

    /// Forgets every handle whose actor stopped: memory is bounded by who is active.
    pub fn forget_stopped(&self) {
        self.handles.retain(|_, handle| handle.is_connected());
    }

    /// Every handle whose actor runs.
    pub fn all(&self) -> Vec<Arc<H>> {
        self.handles.iter().map(|entry| entry.value().clone()).filter(|handle| handle.is_connected()).collect()
    }
}
