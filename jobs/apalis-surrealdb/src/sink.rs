//! Enqueueing through apalis's own `TaskSink`, outside any transaction of the caller.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, UNIX_EPOCH},
};

use apalis_core::{
    backend::{BackendConfig, future::BoxSyncFuture},
    task::Task,
};
use futures_util::{FutureExt, Sink};
use rand::RngExt;

use crate::{Config, Error, NewTask, Steward, SurrealStorage};

/// What was given to a handle and is not written yet.
#[derive(Default)]
pub(crate) struct Outbox {
    waiting: Vec<NewTask>,
    writing: Option<BoxSyncFuture<Result<(), Error>>>,
}

impl<Args> Sink<Task<Vec<u8>>> for SurrealStorage<Args> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, task: Task<Vec<u8>>) -> Result<(), Error> {
        let this = self.get_mut();
        let task = from_apalis(this.config(), task);
        this.outbox.waiting.push(task);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        loop {
            if let Some(writing) = &mut this.outbox.writing {
                let written = ready!(writing.poll_unpin(cx));
                this.outbox.writing = None;
                written?;
            }
            if this.outbox.waiting.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let tasks = std::mem::take(&mut this.outbox.waiting);
            this.outbox.writing = Some(BoxSyncFuture::new(write(this.steward().clone(), tasks).boxed()));
        }
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_flush(cx)
    }
}

fn from_apalis(config: &Config, task: Task<Vec<u8>>) -> NewTask {
    let (args, context) = task.take();
    // JSON of the same value is the same text.
    let key = config.once_per_args.then(|| String::from_utf8_lossy(&args).into_owned());
    let mut new = NewTask::raw(&config.queue, args).attempts(context.attempt());
    if let Some(key) = key {
        new = new.idempotency_key(key);
    }
    if let Some(id) = context.task_id() {
        new = new.id(id.to_string());
    }
    if let Some(at) = context.run_at() {
        new = new.run_at((UNIX_EPOCH + Duration::from_secs(at)).into());
    }
    if let Some(attempts) = context.max_attempts() {
        new = new.max_attempts(attempts);
    }
    if let Some(priority) = context.priority() {
        new = new.priority(i64::try_from(priority).unwrap_or(i64::MAX));
    }
    if let Some(key) = context.idempotency_key() {
        new = new.idempotency_key(key);
    }
    new.meta(context.metadata().clone().into_inner())
}

/// Writes all of them in one transaction, which those share who push at the same moment.
async fn write(steward: Steward, tasks: Vec<NewTask>) -> Result<(), Error> {
    let mut pause = Duration::from_millis(2);
    loop {
        match steward.enqueue(tasks.clone()).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_conflict() && pause < Duration::from_secs(2) => {
                let jitter = rand::rng().random_range(0.5..=1.0);
                tokio::time::sleep(pause.mul_f64(jitter)).await;
                pause *= 2;
            }
            Err(error) => return Err(Error::Shared(error)),
        }
    }
}
