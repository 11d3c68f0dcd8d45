//! A portal of its own for each test, and a browser that reads its pages.

mod browser;
mod path;
mod portal;

pub use browser::{Browser, Page};
pub use path::{PASSWORD, code_in, request_code, sign_up};
pub use portal::{Portal, run};
