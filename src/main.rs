//! The one binary; `springboard help` shows its roles.

use std::process::ExitCode;

use clap::Parser;
use springboard::house::command::Command;

/// Stack of the threads that queries run on: a deep query recurses (SurrealDB advises 10 MiB).
const STACK: usize = 16 * 1024 * 1024;

/// It gives memory back that a flood took; the system's own kept a third more after one (docs/performance.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
