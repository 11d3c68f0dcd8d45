//! Floor 2, the page kit: the frame that every page shares and the parts that pages are made of.
//! It turns plain values into HTML and knows neither slices nor the database.

pub mod assets;
pub mod confirm;
pub mod fields;
pub mod frame;
pub mod icons;
pub mod open;
pub mod parts;
pub mod plot;
pub mod time;
pub mod track;

pub use frame::{Crumb, Frame, Page, Signed};
pub use icons::Icon;
pub use maud::{Markup, PreEscaped, html};
