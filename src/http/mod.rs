//! Floor 2, HTTP: what every handler stands on, reads from and answers with.

pub mod answer;
pub mod csv;
mod done;
pub mod fault;
pub mod gate;
pub mod headers;
pub mod portal;
pub mod posted;
pub mod publication;
pub mod resend_views;
mod seen;
pub mod uploaded;
pub mod visit;

pub use answer::{answer, at_address, fault_page, page, see_other, unprocessable};
pub use csv::csv;
pub use done::Done;
pub use fault::Fault;
pub use portal::{Caller, Portal};
pub use posted::Posted;
pub use publication::{Holding, Publication, Published};
pub use seen::seen;
pub use visit::Visit;
