//! Structured logs. What they may name: record ids, routes, counts and durations; never a code, a
//! password, a token, an address or a person's name.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicBool, Ordering},
};

use tracing_subscriber::{EnvFilter, filter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Whether the process is stopping.
static ENDING: AtomicBool = AtomicBool::new(false);
/// What the engine does by itself in the background; it logs what it leaves undone at the end, which the next start takes up.
const BACKGROUND: &str = "surrealdb::core::kvs::ds";

/// What is said unless `RUST_LOG` chooses. At a process's end the embedded engine's client can't kill its
/// LIVE queries, for it asks under a session without a namespace, and warns (`live`); they end with the process. That each
/// listener and worker started says nothing that "serving" does not, and would stand below a newcomer's greeting.
const USUAL: &str = "info,surrealdb=warn,surrealdb::method::live=error,surrealdb_core=warn,typst=warn,\
    actix_server=warn,apalis_core::worker::context=warn";

/// Notes that the process is stopping.
pub fn ending() {
    ENDING.store(true, Ordering::Relaxed);
}

/// Starts logging to standard error: lines for people in the demo, JSON for machines otherwise.
/// `RUST_LOG` chooses what is said.
pub fn start(for_people: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let unless_ending = filter::dynamic_filter_fn(|about, _| {
        !(ENDING.load(Ordering::Relaxed) && about.target().starts_with(BACKGROUND))
    });
    let registry = tracing_subscriber::registry().with(filter).with(unless_ending);
    let started = if for_people {
        let colors = std::io::stderr().is_terminal();
        registry.with(fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(colors)).try_init()
    } else {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    };
    // A second start (tests share one process) keeps the first subscriber.
    drop(started);
}
