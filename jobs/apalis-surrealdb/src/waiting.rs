//! What waits in queues, for those who watch them: statements for an application's own way to the database.

use surrealdb::types::SurrealValue;

/// What waits in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SurrealValue)]
pub struct Waiting {
    /// Tasks that can be run.
    pub ready: i64,
    /// Tasks that wait for their time.
    pub delayed: i64,
    /// Tasks that workers hold.
    pub held: i64,
}

/// The tasks that workers hold. A lease also names those that ended, or wait for another try, since it was written.
macro_rules! held {
    () => {
        "array::flatten((SELECT VALUE tasks FROM apalis_lease)).map(|$task: array| {
            LET $row = (SELECT queue, stage, status, epoch FROM ONLY type::record('apalis_task', $task[0]));
            { queue: $row.queue, status: $row.status, is_held: $row.stage = 'open' AND $row.epoch = $task[1] }
        }).filter(|$row: object| $row.is_held)"
    };
}

pub(crate) const HELD: &str = held!();

/// Answers with what waits in each of `$queues`, in their order, as [`Waiting`]. It takes as long as there is.
pub const WAITING: &str = concat!(
    "{
    LET $now = time::now();
    LET $held = ",
    held!(),
    ";
    RETURN $queues.map(|$queue: string| {
        LET $waiting = (SELECT VALUE record::id(id)[2] <= $now FROM type::record('apalis_entry', [$queue]..[$queue, ..]) WHERE taken = NONE);
        LET $ready = array::len($waiting.filter(|$is_due: bool| $is_due));
        {
            ready: $ready,
            delayed: array::len($waiting) - $ready,
            held: array::len($held.filter(|$row: object| $row.queue = $queue))
        }
    });
}"
);

/// Answers with the arguments, as bytes, of the tasks of a `$queue` that were ended since `$since` without having done what they
/// should.
pub const KILLED: &str = "SELECT VALUE args FROM (SELECT VALUE type::record('apalis_task', record::id(id)[2])
    FROM type::record('apalis_killed', [$queue, $since]..[$queue, ..])) WHERE status = 'Killed'";
