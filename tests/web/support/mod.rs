//! A portal of its own for each test, and a browser that reads its pages.

mod portal;

#[allow(dead_code, reason = "the other test binary uses the rest of it")]
#[path = "../../support/mod.rs"]
mod shared;

pub use portal::{Portal, run};
pub use shared::{
    authenticator::app_of,
    browser::{Browser, Page},
    path::{PASSWORD, answer, code_in, request_code},
    tools::{is_whole, tools},
};

/// Signs up and signs in.
pub async fn sign_up(portal: &Portal, user_id: &str) -> Browser {
    shared::path::sign_up(&portal.url, user_id).await
}

/// A link whose proof is not the one that was mailed.
pub fn with_another_end(link: &str) -> String {
    let end = if link.ends_with('0') { '1' } else { '0' };
    format!("{}{end}", &link[..link.len() - 1])
}
