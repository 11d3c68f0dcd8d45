//! Word of what was just done, on the page that follows.

use serde::Deserialize;

/// What the address of the page says was done.
#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
}

impl Done {
    /// A sentence about it; none if nothing was done, or nothing that is known.
    pub fn sentence(&self, what: &str) -> Option<String> {
        match self.done.as_deref()? {
            "saved" => Some(format!("{what} is saved.")),
            "deleted" => Some(format!("{what} is deleted.")),
            _ => None,
        }
    }
}
