//! What is measured, the same for everyone.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use apalis_core::backend::{TaskSink, finalize::Durable};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::contender::{Contender, Opened};

/// How many pushes the delay is measured on, and the pause between two of them.
const WAKES: usize = 200;
const PAUSE: Duration = Duration::from_millis(20);
/// A backend that stands still this long is not measured further.
const PATIENCE: Duration = Duration::from_secs(180);

/// The arguments of a job: as long as a short mail's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    number: usize,
    text: String,
}

impl Work {
    fn new(number: usize) -> Self {
        Self { number, text: "x".repeat(200) }
    }
}

/// What a job tells when it runs.
pub type Ran = (usize, Instant);

/// The handler: it does nothing but tell.
pub fn ran(work: &Work) -> Ran {
    (work.number, Instant::now())
}

/// One round's figures: rates a second, delays in milliseconds.
pub struct Figures([f64; 9]);

const ROWS: [&str; 9] = [
    "Enqueue, one at a time (jobs/s)",
    "Enqueue, 10 pushers (jobs/s)",
    "Claim to acknowledgement, concurrency 1 (jobs/s)",
    "Claim to acknowledgement, concurrency 10 (jobs/s)",
    "Claim to acknowledgement, concurrency 50 (jobs/s)",
    "Push to handler, idle worker, p50 (ms)",
    "Push to handler, idle worker, p99 (ms)",
    "Push itself in that run, p50 (ms)",
    "Handler's start after push returned, p50 (ms)",
];

/// Measures everything once, each part on a queue of its own.
pub async fn measure<C: Contender>(contender: &C, round: usize, jobs: usize) -> Figures {
    let mut figures = [0.0; 9];
    let queue = |what: &str| format!("{what}-{round}");
    figures[0] = enqueue(contender, &queue("enqueue-1"), jobs.div_ceil(5), 1).await;
    figures[1] = enqueue(contender, &queue("enqueue-10"), jobs, 10).await;
    for (at, concurrency) in [(2, 1), (3, 10), (4, 50)] {
        figures[at] = work(contender, &queue(&format!("work-{concurrency}")), jobs, concurrency).await;
    }
    let delays = wake(contender, &queue("wake")).await;
    figures[5..].copy_from_slice(&delays);
    eprintln!("{} round {round}: {figures:.1?}", C::NAME);
    Figures(figures)
}

async fn fill<C: Contender>(opened: &Opened<C::Sink>, jobs: usize, pushers: usize) {
    let mut running = Vec::new();
    for pusher in 0..pushers {
        let mut sink = opened.sink.clone();
        running.push(tokio::spawn(async move {
            for number in (pusher..jobs).step_by(pushers) {
                assert!(TaskSink::<Work, Durable>::push(&mut sink, Work::new(number)).await.is_ok(), "pushed");
            }
        }));
    }
    for pusher in running {
        pusher.await.expect("a pusher ends");
    }
}

async fn enqueue<C: Contender>(contender: &C, queue: &str, jobs: usize, pushers: usize) -> f64 {
    let opened = contender.open(queue, 10, unbounded_channel().0).await;
    let begun = Instant::now();
    fill::<C>(&opened, jobs, pushers).await;
    jobs as f64 / begun.elapsed().as_secs_f64()
}

/// From the worker's start to the last job's end in the database.
async fn work<C: Contender>(contender: &C, queue: &str, jobs: usize, concurrency: usize) -> f64 {
    let (tell, mut told) = unbounded_channel();
    let opened = contender.open(queue, concurrency, tell).await;
    fill::<C>(&opened, jobs, 10).await;
    let begun = Instant::now();
    let worker = tokio::spawn(opened.worker);
    for _ in 0..jobs {
        next(&mut told).await;
    }
    while !contender.are_done(queue, jobs).await {
        assert!(begun.elapsed() < PATIENCE, "{} does not end its jobs", C::NAME);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let took = begun.elapsed();
    worker.abort();
    jobs as f64 / took.as_secs_f64()
}

async fn next(told: &mut UnboundedReceiver<Ran>) -> Ran {
    tokio::time::timeout(PATIENCE, told.recv()).await.expect("a job runs").expect("the worker lives")
}

/// Push to handler on an idle worker: p50 and p99; of the push itself and of what is left after it the p50.
async fn wake<C: Contender>(contender: &C, queue: &str) -> [f64; 4] {
    let (tell, mut told) = unbounded_channel();
    let opened = contender.open(queue, 1, tell).await;
    let worker = tokio::spawn(opened.worker);
    let mut sink = opened.sink;
    let (mut whole, mut pushes, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..WAKES {
        tokio::time::sleep(PAUSE).await;
        let begun = Instant::now();
        assert!(TaskSink::<Work, Durable>::push(&mut sink, Work::new(number)).await.is_ok(), "pushed");
        let pushed = Instant::now();
        let (_, started) = next(&mut told).await;
        whole.push(started - begun);
        pushes.push(pushed - begun);
        after.push(started.saturating_duration_since(pushed));
    }
    worker.abort();
    [share(&mut whole, 0.5), share(&mut whole, 0.99), share(&mut pushes, 0.5), share(&mut after, 0.5)]
}

fn share(delays: &mut [Duration], share: f64) -> f64 {
    delays.sort_unstable();
    delays[((delays.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0
}

/// The medians as a Markdown table.
pub fn table(names: &[&str], figures: &[Vec<Figures>]) -> String {
    let mut table = format!("| |{}\n|---|{}\n", row(names), "---|".repeat(names.len()));
    for (at, title) in ROWS.iter().enumerate() {
        write!(table, "| {title} |").expect("a string takes all");
        for rounds in figures {
            let mut values: Vec<f64> = rounds.iter().map(|round| round.0[at]).collect();
            values.sort_unstable_by(f64::total_cmp);
            let digits = if at < 5 { 0 } else { 2 };
            let (low, middle, high) = (values[0], values[values.len() / 2], values[values.len() - 1]);
            write!(table, " {middle:.digits$} ({low:.digits$} to {high:.digits$}) |").expect("a string takes all");
        }
        table.push('\n');
    }
    table
}

fn row(names: &[&str]) -> String {
    names.iter().map(|name| format!(" {name} |")).collect()
}
