//! The program as a process: walked in a real browser, with a real mail server, and killed at chosen
//! moments.

mod canaries;
mod driver;
mod kills;
mod process;
#[path = "../support/mod.rs"]
mod shared;
mod smtp;
mod validators;
mod walk;
