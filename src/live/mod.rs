//! Floor 2, the live kit: what actors share. Actors own what changes, outlives a request and may be
//! lost; each is a thin shell over a plain struct, found through a directory by its key.

pub mod directory;
pub mod pages;
pub mod stage;

pub use directory::Directory;
pub use pages::{Hint, Mark, Pages};
pub use stage::Stage;
