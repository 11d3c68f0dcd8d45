//! Content: what the agency says on its pages and to people, as staff change it (R148). The agency's configuration is
//! the first version of every document; those that staff publish lie over it, in the database.

mod document;
mod form;
pub mod item;
mod pages;
mod preview_pages;
mod reading;
pub mod routes;
mod rows;

pub use document::Document;
pub use rows::ALL;

use crate::{http::Portal, store::StoreFault, words::Agency};

/// Makes the portal say what is published now. A document that no longer fits the configuration (a menu leads to a
/// page that is gone) is as the configuration says, and the log tells.
///
/// # Errors
/// When the database does not answer.
pub async fn load(portal: &Portal) -> Result<(), StoreFault> {
    // One at a time: what was read first must not be put in last.
    let _turn = portal.says.turn().await;
    let mut published = Vec::new();
    for now in rows::now(&portal.store).await? {
        published.push((now.items()?, now));
    }
    // A menu may lead to a page that was written later than it.
    published.sort_by_key(|(_, now)| !now.document.starts_with("guide-"));
    let mut agency: Agency = Agency::clone(portal.says.configured());
    for (items, now) in published {
        let Some(document) = Document::of_key(&now.document, &agency) else {
            tracing::warn!(document = now.document, "what was published is of nothing that the agency has");
            continue;
        };
        match document.put(&items, &agency) {
            Ok(next) => agency = next,
            Err(faults) => {
                let why = faults.iter().next().map(|(_, sentence)| sentence.to_owned());
                tracing::warn!(document = now.document, why, "what was published does not fit the configuration");
            }
        }
    }
    portal.says.put(agency);
    Ok(())
}
