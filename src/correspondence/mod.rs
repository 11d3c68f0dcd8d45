//! Correspondence: every letter, e-mail and text message that the agency sent for an account, as it was sent, to look at
//! and to save as PDF.

pub mod pages;
pub mod routes;
