//! A person's logon: profile, password, recovery options. It exists before it has any account (R47).

pub mod changes;
pub mod findable;
pub mod form;
mod hashing;
pub mod jobs;
pub mod password;
pub mod profile;
pub mod queries;
pub mod questions;

pub use findable::prepare;
pub use hashing::Hasher;
pub use profile::{Profile, Recovery};
