//! The queue beside the backends that others wrote, at equal durability: everyone's job is on the disk (a sync of
//! the log, not only a write) before its push returns, and so is the end of each.
//!
//! `./run` starts PostgreSQL and Redis in a folder of their own and then this program.

#![recursion_limit = "256"]

mod contender;
#[path = "../../../../src/db/embedded.rs"]
mod embedded;
mod measure;
#[path = "../../../../src/db/record_read.rs"]
mod record_read;

use std::path::PathBuf;

use contender::{Contender, Postgres, Redis, Sqlite, Surreal};
use measure::{Figures, measure};

/// The namespace and the database.
const NAME: &str = "bench";

/// How often everything is measured; the medians are printed.
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder on the disk to be measured"));
    let jobs = std::env::var("JOBS").ok().and_then(|jobs| jobs.parse().ok()).unwrap_or(5_000);
    let surreal = Surreal::open(&folder.join("surreal")).await;
    let sqlite = Sqlite::open(&folder.join("sqlite")).await;
    let postgres = Postgres::open(&std::env::var("POSTGRES_URL").expect("POSTGRES_URL")).await;
    let redis = Redis::open(&std::env::var("REDIS_URL").expect("REDIS_URL")).await;
    let mut figures: [Vec<Figures>; 4] = Default::default();
    for round in 0..ROUNDS {
        // Everyone in each round, so that a slow minute of the machine meets them all.
        figures[0].push(measure(&surreal, round, jobs).await);
        figures[1].push(measure(&sqlite, round, jobs).await);
        figures[2].push(measure(&postgres, round, jobs).await);
        figures[3].push(measure(&redis, round, jobs).await);
    }
    let names = [Surreal::NAME, Sqlite::NAME, Postgres::NAME, Redis::NAME];
    println!("{jobs} jobs, median of {ROUNDS} rounds (lowest to highest)\n");
    print!("{}", measure::table(&names, &figures));
}
