//! The database server: SurrealDB's own, with its own command line (`start`, `export`, `import`, …).

// The engine's recursive futures are deeper than the compiler looks by default, in a release build.
#![recursion_limit = "256"]

use std::process::ExitCode;

fn main() -> ExitCode {
    surrealdb_server::init(surrealdb_server::core::CommunityComposer())
}
