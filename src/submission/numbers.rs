//! Confirmation numbers: unique under concurrency without a hot record. Each process reserves a
//! block and hands its numbers out; a number of a block that was not used up is never given.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::{
    db::{Db, DbError, Query, statement},
    words::ConfirmationNumber,
};

/// How many numbers a process reserves at a time.
const BLOCK: i64 = 20;

/// The numbers that this process may hand out.
#[derive(Clone)]
pub struct Numbers {
    db: Db,
    block: Arc<Mutex<std::ops::Range<i64>>>,
}

statement! {
    Reserve { block: i64 } -> Option<i64>;
    reads counter;
    writes counter;
    "LET $first = (SELECT VALUE next FROM ONLY counter:confirmation) ?? 1;
     UPSERT counter:confirmation SET next = $first + $block RETURN NONE;
     RETURN $first;"
}

impl Numbers {
    /// Numbers for one process.
    pub fn new(db: Db) -> Self {
        Self { db, block: Arc::new(Mutex::new(0..0)) }
    }

    /// The next number.
    ///
    /// # Errors
    /// When the database does not answer, or after ten thousand million submissions.
    pub async fn next(&self) -> Result<ConfirmationNumber, DbError> {
        let mut block = self.block.lock().await;
        if block.is_empty() {
            let first = self.reserve().await?;
            *block = first..first + BLOCK;
        }
        let number = block.next().unwrap_or(0);
        ConfirmationNumber::new(number).map_err(|_| DbError::Broken("no confirmation number is left".into()))
    }

    async fn reserve(&self) -> Result<i64, DbError> {
        let first = Reserve { block: BLOCK }.run(&self.db).await?;
        first.ok_or_else(|| DbError::Broken("no block of numbers".into()))
    }
}

statement! {
    BeginAt { first: i64 };
    writes counter;
    "INSERT IGNORE INTO counter { id: 'confirmation', next: $first };"
}

/// Sets where numbers begin, if none was given yet.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_at(db: &Db, first: i64) -> Result<(), DbError> {
    BeginAt { first }.run(db).await
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_two_processes_give_the_same_number() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        begin_at(&db, 41436).await.unwrap();
        let processes: Vec<Numbers> = (0..4).map(|_| Numbers::new(db.clone())).collect();
        let asked = processes.iter().flat_map(|numbers| (0..25).map(|_| numbers.next()));
        let given: Vec<i64> =
            futures_util::future::join_all(asked).await.into_iter().map(|number| number.unwrap().number()).collect();
        assert_eq!(given.iter().collect::<HashSet<_>>().len(), 100);
        assert!(given.iter().all(|number| *number >= 41436));
    }
}
