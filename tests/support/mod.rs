//! What the tests of the web and of the program share: a browser without JavaScript, and the path that
//! most of them begin with.

pub mod authenticator;
pub mod browser;
pub mod path;
pub mod tools;
