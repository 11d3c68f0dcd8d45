//! The server as a process, and the queue on it across processes.

mod process;
mod queue;
