//! What a working process does by the clock: it enqueues the sweeps, seals the audit, reads bounces and what the printer says.

use std::time::Duration;

use springboard_jobs::{Job, Sweep};
use tokio::task::JoinSet;

use super::{app::Built, bounces};
use crate::{
    audit::{self, Sealer, Trust},
    db::Transaction,
    letter_room::printer,
};

/// How often the printer's folder is looked at.
const LISTENING: Duration = Duration::from_secs(60);
/// How often the audit is sealed.
const SEALING: Duration = Duration::from_secs(10);

/// Begins them; they end when the set is dropped.
pub fn begin(built: &Built) -> JoinSet<()> {
    let mut rounds = JoinSet::new();
    rounds.spawn(enqueue_sweeps(built.clone()));
    if built.portal.audit_keys.can_sign() {
        rounds.spawn(seal_audit(built.clone()));
    }
    rounds.spawn(hear_printer(built.clone()));
    rounds.spawn(bounces::read(built.clone()));
    rounds
}

/// Every process enqueues the sweep of each slot; the queue takes one.
async fn enqueue_sweeps(built: Built) {
    let mut slot = tokio::time::interval(Sweep::SLOT);
    loop {
        slot.tick().await;
        let task = Sweep::due_at(built.portal.now().timestamp()).task();
        if let Err(fault) = Transaction::enqueue(task).run(&built.portal.db).await {
            tracing::warn!(%fault, "the sweep could not be enqueued");
        }
    }
}

/// Every process with the key seals; of two that do at once, one finds it done.
async fn seal_audit(built: Built) {
    let mut pause = tokio::time::interval(SEALING);
    let memory = built.portal.data.join("audit-seal");
    let sealer = Sealer { trust: Trust::of(&built.portal), memory: Some(&memory) };
    loop {
        pause.tick().await;
        if let Err(fault) = audit::seal(&built.portal.db, &sealer).await {
            tracing::error!(%fault, "the audit could not be sealed");
        }
    }
}

/// Reads what the print provider says of batches and returned letters.
async fn hear_printer(built: Built) {
    let mut pause = tokio::time::interval(LISTENING);
    loop {
        pause.tick().await;
        if let Err(fault) = printer::hear(&built.portal).await {
            tracing::warn!(%fault, "what the printer says can't be read");
        }
    }
}
