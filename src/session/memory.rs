//! What a session remembers of its pages' facts, until any of them changes. Plain, for the actor and
//! the requests to share.

use std::{
    any::{Any, TypeId},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Facts by their type, all true or all forgotten.
#[derive(Default)]
pub struct Memory {
    generation: AtomicU64,
    facts: RwLock<Vec<(TypeId, Arc<dyn Any + Send + Sync>)>>,
}

impl Memory {
    /// The facts as remembered, or as `load` finds them. What changes while they load is not lost: then
    /// they are not remembered.
    ///
    /// # Errors
    /// As `load`.
    pub async fn facts<T, F, E>(&self, load: F) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, E>>,
    {
        if let Some(known) = self.remembered::<T>() {
            return Ok(known);
        }
        let generation = self.generation.load(Ordering::Acquire);
        let loaded = Arc::new(load.await?);
        let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::Acquire) == generation {
            facts.retain(|(kind, _)| *kind != TypeId::of::<T>());
            facts.push((TypeId::of::<T>(), loaded.clone()));
        }
        Ok(loaded)
    }

    fn remembered<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let facts = self.facts.read().unwrap_or_else(PoisonError::into_inner);
        let known = facts.iter().find(|(kind, _)| *kind == TypeId::of::<T>())?.1.clone();
        drop(facts);
        known.downcast().ok()
    }

    /// Forgets all facts: something changed.
    pub fn forget(&self) {
        let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        facts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn load(memory: &Memory, value: u32) -> u32 {
        *memory.facts(async { Ok::<u32, ()>(value) }).await.unwrap()
    }

    #[tokio::test]
    async fn facts_are_loaded_once_and_again_after_a_change() {
        let memory = Memory::default();
        assert_eq!(load(&memory, 1).await, 1);
        assert_eq!(load(&memory, 2).await, 1, "remembered");
        memory.forget();
        assert_eq!(load(&memory, 3).await, 3);
    }

    #[tokio::test]
    async fn what_changes_while_facts_load_is_not_lost() {
        let memory = Memory::default();
        let stale = memory.facts(async {
            memory.forget();
            Ok::<u32, ()>(1)
        });
        assert_eq!(*stale.await.unwrap(), 1);
        assert_eq!(load(&memory, 2).await, 2, "the stale one was not remembered");
    }

    #[tokio::test]
    async fn a_fault_is_not_remembered() {
        let memory = Memory::default();
        assert_eq!(memory.facts::<u32, _, _>(async { Err("away") }).await.unwrap_err(), "away");
        assert_eq!(load(&memory, 2).await, 2);
    }
}
