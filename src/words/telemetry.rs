//! Structured logs. What they may name: record ids, routes, counts and durations; never a code, a
//! password, a token, an address or a person's name.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What is said unless `RUST_LOG` chooses. A question that is given up, at its patience's or the process's
/// end, is rolled back by dropping its transaction; the engine calls that an error (`tr`). Silencing it hides a
/// transaction that is truly forgotten as well; ending the background questions in order would be better.
const USUAL: &str = "info,surrealdb=warn,surrealdb_core=warn,surrealdb_datastore::tr=off,typst=warn";

/// Starts logging to standard error: lines for people in the demo, JSON for machines otherwise.
/// `RUST_LOG` chooses what is said.
pub fn start(for_people: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let registry = tracing_subscriber::registry().with(filter);
    let started = if for_people {
        registry.with(fmt::layer().with_writer(std::io::stderr).with_target(false)).try_init()
    } else {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    };
    // A second start (tests share one process) keeps the first subscriber.
    drop(started);
}
