//! The database server: SurrealDB's own, with its own command line (`start`, `export`, `import`, …).

use std::process::ExitCode;

fn main() -> ExitCode {
    surrealdb_server::init(surrealdb_server::core::CommunityComposer())
}
