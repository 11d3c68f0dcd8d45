//! The middleware that stores how each job ended, under the fencing token of its claim.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{
    error::{AbortError, BoxDynError, DeferredError, RetryAfterError},
    layers::{Layer, Service},
    task::Task,
};
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::{
    Config, Lease, Steward,
    ended::{self, Ended, Ending},
    held::Held,
    together::Together,
};

/// How long a job's end waits for others while the worker has more to do.
const GATHER: Duration = Duration::from_millis(2);

/// Puts [`AckService`] around a worker's jobs.
#[derive(Clone)]
pub struct AckLayer {
    pub(crate) steward: Steward,
    pub(crate) held: Arc<Held>,
    pub(crate) config: Config,
    pub(crate) endings: Arc<Together<Ended, bool>>,
}

impl<S> Layer<S> for AckLayer {
    type Service = AckService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AckService { inner, layer: self.clone() }
    }
}

/// Runs a job and has stored how it ended, behind the next one: what is ended and not stored yet counts to what the worker
/// holds, and a worker that is told to stop waits for it.
pub struct AckService<S> {
    inner: S,
    layer: AckLayer,
}

impl<S, Args> Service<Task<Args>> for AckService<S>
where
    S: Service<Task<Args>>,
    S::Future: Send + 'static,
    S::Response: Serialize + Send + 'static,
    S::Error: Into<BoxDynError>,
{
    type Response = S::Response;
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<S::Response, BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Args>) -> Self::Future {
        let context = task.ctx().clone();
        let lease = context.data().get::<Lease>().cloned();
        let layer = self.layer.clone();
        let job = self.inner.call(task);
        Box::pin(async move {
            let Some(mut lease) = lease else { return job.await.map_err(Into::into) };
            let Some(begun) = layer.held.begin(&lease) else {
                // It was given back while it waited: another worker runs it.
                return Err("the claim was given back before the job began".into());
            };
            let outcome = tokio::select! {
                outcome = job => outcome.map_err(Into::into),
                _ = lease.lost.wait_for(|lost| *lost) => return Err("the lease was lost to another worker".into()),
            };
            let attempts = context.attempt();
            let last = attempts >= context.max_attempts().unwrap_or(usize::MAX);
            let ending = layer.ending(&outcome, attempts, last);
            // On a task of its own: what is done is stored, even if the worker is let go meanwhile.
            begun.job_ended();
            let present = layer.steward.enter();
            tokio::spawn(async move {
                layer.acknowledge(&lease, attempts, ending).await;
                begun.end();
                drop(present);
            });
            outcome
        })
    }
}

impl AckLayer {
    fn ending<T: Serialize>(&self, outcome: &Result<T, BoxDynError>, attempts: usize, last: bool) -> Ending {
        let error = match outcome {
            // What has no JSON form can't be waited for; the job is done all the same.
            Ok(returned) => return Ending::Done(serde_json::to_string(returned).unwrap_or_else(|_| "null".into())),
            Err(error) => error,
        };
        let reason = error.to_string();
        if last || find::<AbortError>(error).is_some() {
            Ending::Killed(reason)
        } else if let Some(wait) = find::<RetryAfterError>(error) {
            Ending::Later(wait.get_duration(), reason)
        } else if find::<DeferredError>(error).is_some() {
            Ending::Later(Duration::ZERO, reason)
        } else {
            Ending::Later(self.config.wait_after(attempts), reason)
        }
    }

    /// Stores the ending, again and again while the database is away: the lease is renewed meanwhile.
    async fn acknowledge(&self, lease: &Lease, attempts: usize, ending: Ending) {
        let is_done = matches!(ending, Ending::Done(_));
        let waits = matches!(ending, Ending::Later(..));
        let ended = Ended { id: lease.id.clone(), epoch: lease.epoch, attempts, ending };
        let mut pause = Duration::from_millis(20);
        if self.held.counts().unbegun > 0 {
            // Others end soon, and share the transaction.
            tokio::time::sleep(GATHER).await;
        }
        loop {
            let store = |ended: Vec<Ended>| async move { ended::acknowledge(self.steward.db(), &ended).await };
            match self.endings.write(ended.clone(), store).await {
                Ok(true) => {
                    self.steward.ring_ended();
                    if waits {
                        // Somebody is to know when its time comes.
                        self.steward.bells().ring(&self.config.queue);
                    }
                    break;
                }
                // It ended in the handler's own transaction.
                Ok(false) if lease.was_lent() && is_done => {
                    self.steward.ring_ended();
                    break;
                }
                Ok(false) => {
                    tracing::warn!(task = %lease.id, "a late acknowledgement was fenced out");
                    break;
                }
                Err(_) if *lease.lost.borrow() => break,
                Err(error) => {
                    tracing::warn!(task = %lease.id, %error, "not acknowledged yet; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
            }
        }
    }
}

/// Looks for an error of this type in the whole chain of causes.
fn find<E: std::error::Error + 'static>(error: &BoxDynError) -> Option<&E> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
