//! Text at the edge. What people type, paste and autofill, and what programs write, becomes what is kept by one of four
//! functions: [`identifier()`] for codes and numbers, [`name()`] for what is shown beside the agency's own words, [`free_text()`]
//! for prose, and [`password()`] for secrets. [`folded()`] is what text is searched by.

mod folded;
mod free;
mod identifier;
mod letter;
mod name;
mod password;

pub use folded::folded;
pub use free::free_text;
pub use identifier::identifier;
pub use letter::{is_dash, is_invisible};
pub use name::{is_shown, name};
pub use password::{password, password_forms};
