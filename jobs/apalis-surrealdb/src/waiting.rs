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

/// Answers with what waits in each of `$queues`, in their order, as [`Waiting`]. It takes as long as there is.
pub const WAITING: &str = "{
    LET $now = time::now();
    LET $held = (SELECT queue, count() AS count FROM array::flatten((SELECT VALUE tasks FROM apalis_lease))
        .map(|$task: array| type::record('apalis_task', $task[0])) WHERE stage = 'open' GROUP BY queue);
    RETURN $queues.map(|$queue: string| {
        LET $waiting = (SELECT VALUE record::id(id)[2] <= $now FROM type::record('apalis_entry', [$queue]..[$queue, ..]) WHERE taken = NONE);
        LET $ready = array::len($waiting.filter(|$is_due: bool| $is_due));
        {
            ready: $ready,
            delayed: array::len($waiting) - $ready,
            held: ($held[WHERE queue = $queue].count)[0] ?? 0
        }
    });
}";

/// Answers with the arguments, as bytes, of the tasks of a `$queue` that were ended since `$since` without having done what they
/// should.
pub const KILLED: &str = "SELECT VALUE args FROM (SELECT VALUE type::record('apalis_task', record::id(id)[2])
    FROM type::record('apalis_killed', [$queue, $since]..[$queue, ..])) WHERE status = 'Killed'";
