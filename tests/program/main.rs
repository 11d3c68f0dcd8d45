//! The program as a process: walked in a real browser, with a real mail server, and killed at chosen
//! moments.

mod batches;
mod canaries;
mod console;
mod content;
mod deploy;
mod driver;
mod durable_steps;
mod engines;
mod first_day;
mod hostile;
mod html;
mod inputs;
mod kills;
mod ledger;
mod look;
mod mailboxes;
mod members;
mod process;
mod production;
#[allow(dead_code, reason = "the other test binary uses the rest of it")]
#[path = "../support/mod.rs"]
mod shared;
mod sink;
mod smtp;
mod trouble;
mod validators;
mod walk;
