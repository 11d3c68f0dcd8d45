//! The one binary; `springboard help` shows its roles.

use std::process::ExitCode;

use clap::Parser;
use springboard::house::command::Command;

/// Stack of the threads that queries run on: a deep query recurses (SurrealDB advises 10 MiB).
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let command = Command::parse();
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_stack_size(STACK)
            .build()
            .expect("the runtime starts with threads and timers")
    });
    match system.block_on(command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("springboard: {fault}");
            ExitCode::FAILURE
        }
    }
}
