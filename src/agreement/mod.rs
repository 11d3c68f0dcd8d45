//! Terms that changed: whoever signed in is asked to agree to them before anything else (R65, R125). Access that staff gave
//! was agreed to by nobody, and is asked for here as well.

mod pages;
pub mod queries;
pub mod routes;
