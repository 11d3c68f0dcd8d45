//! Floor 5, the house: it starts the portal, mounts the slices and runs the worker. Nothing imports it.

pub mod app;
mod arguments;
mod audit;
mod backup;
mod board;
pub mod bounces;
pub mod command;
pub mod console;
mod control;
#[cfg(feature = "demo")]
pub mod demo;
mod init;
mod limits;
mod listeners;
pub mod operators;
pub mod rounds;
pub mod router;
mod tls;
pub mod worker;
