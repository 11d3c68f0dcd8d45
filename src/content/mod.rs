//! Content: what the agency says on its pages and to people, as staff change it (R148). The agency's configuration is
//! the first version of every document; those that staff publish lie over it, in the database.

mod changing;
mod document;
mod edit_pages;
mod form;
pub mod item;
mod pages;
mod preview_pages;
mod publish_pages;
mod queries;
mod reading;
pub mod routes;
mod version_pages;
mod waiting;
mod waiting_pages;
pub mod waiting_routes;

pub use document::Document;

use std::collections::BTreeMap;

use self::queries::Held;
use crate::{
    db::DbError,
    form::Faults,
    http::{Portal, Published},
    words::Agency,
};

/// Makes the portal say what is published, if that is not what it says already.
///
/// # Errors
/// When the database does not answer.
pub async fn follow(portal: &Portal) -> Result<(), DbError> {
    if queries::head(&portal.db).await? == portal.publication.now().head { Ok(()) } else { load(portal).await }
}

/// Makes the portal say what is published now.
///
/// # Errors
/// When the database does not answer.
pub async fn load(portal: &Portal) -> Result<(), DbError> {
    let _turn = portal.publication.turn().await;
    // First: what is published meanwhile has another number, and is read at the next look.
    let head = queries::head(&portal.db).await?;
    let held = queries::held(&portal.db).await?;
    let published = published(portal.publication.configured(), head, &held);
    for (document, why) in &published.unfit {
        tracing::warn!(document, why, "what was published does not fit the configuration");
    }
    portal.publication.put(published);
    Ok(())
}

/// Tells the operator which of the configuration's documents staff can't change, because they are longer than a form takes.
pub fn check_configured(configured: &Agency) {
    for document in Document::all(configured).into_iter().flat_map(|(_, documents)| documents) {
        if let Err(faults) = document.put(&document.items(configured), configured) {
            let why = faults.iter().map(|(_, sentence)| sentence).collect::<Vec<_>>().join(" ");
            tracing::warn!(document = document.key(), why, "the configuration has what the console can't change");
        }
    }
}

/// What the agency says with all that was published over its configuration. All of it together holds, as a rule; if the
/// configuration was changed so that it does not, each document that does not fit is as the configuration says.
fn published(configured: &std::sync::Arc<Agency>, head: i64, all: &[Held]) -> Published {
    let mut published = Published { head, ..Published::none(configured.clone()) };
    let mut waiting = Vec::new();
    for held in all {
        published.holding.insert(held.document.clone(), held.holding.clone());
        match Document::of_key(&held.document, configured) {
            Some(document) if document.is_terms() => {
                published.terms_since = published.terms_since.max(Some(held.holding.at));
                waiting.push((document, held));
            }
            Some(document) => waiting.push((document, held)),
            None => drop(published.unfit.insert(held.document.clone(), "The agency has no such document.".into())),
        }
    }
    let agency = match together(configured, &waiting) {
        Some(agency) => agency,
        None => one_by_one(configured, waiting, &mut published.unfit),
    };
    published.agency = agency.into();
    published
}

/// All documents at once, if they hold together.
fn together(configured: &Agency, waiting: &[(Document, &Held)]) -> Option<Agency> {
    let mut agency = configured.clone();
    for (document, held) in waiting {
        agency = document.merge(held.items.as_ref()?, &agency).ok()?;
    }
    agency.check().ok().map(|()| agency)
}

/// One after the other, for as long as one more fits: a menu may lead to a page that comes later.
fn one_by_one(
    configured: &Agency,
    mut waiting: Vec<(Document, &Held)>,
    unfit: &mut BTreeMap<String, String>,
) -> Agency {
    let mut agency = configured.clone();
    loop {
        let before = waiting.len();
        let mut left = Vec::new();
        for (document, held) in waiting {
            match held.items.as_deref().map_or_else(|| Err(unreadable()), |items| document.put(items, &agency)) {
                Ok(next) => agency = next,
                Err(faults) => left.push((document, held, faults)),
            }
        }
        if left.len() == before || left.is_empty() {
            let why = |faults: &Faults| faults.iter().map(|(_, sentence)| sentence).collect::<Vec<_>>().join(" ");
            unfit.extend(left.iter().map(|(_, held, faults)| (held.document.clone(), why(faults))));
            return agency;
        }
        waiting = left.into_iter().map(|(document, held, _)| (document, held)).collect();
    }
}

fn unreadable() -> Faults {
    Faults::one("document", "It can't be read.")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{item::Item, *};
    use crate::{http::Holding, words::agency::SEED};

    fn held(document: &Document, items: Option<Vec<Item>>) -> Held {
        let at = "2026-11-24T15:00:00Z".parse().unwrap();
        Held { document: document.key(), holding: Holding { version: 1, by_name: "s".into(), at }, items }
    }

    fn configured() -> Arc<Agency> {
        Arc::new(Agency::parse(SEED).unwrap())
    }

    #[test]
    fn a_page_is_gone_that_no_menu_leads_to_any_more() {
        let configured = configured();
        let mut menu = Document::Menu.items(&configured);
        menu.retain(|item| item.text("href") != "/services/branches");
        let gone = Document::Guide("branches".into());
        for all in [
            [held(&gone, Some(vec![])), held(&Document::Menu, Some(menu.clone()))],
            [held(&Document::Menu, Some(menu)), held(&gone, Some(vec![]))],
        ] {
            let published = published(&configured, 2, &all);
            assert!(
                published.unfit.is_empty() && published.agency.guide("branches").is_none(),
                "{:?}",
                published.unfit
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_as_configured_and_the_rest_holds() {
        let configured = configured();
        let mut menu = Document::Menu.items(&configured);
        menu[1].values.insert("href".into(), "/services/gone".into());
        let mut home = Document::Home.items(&configured);
        home[0].values.insert("slogan".into(), "Ours".into());
        let all = [
            held(&Document::Menu, Some(menu)),
            held(&Document::Home, Some(home)),
            held(&Document::Faqs, None),
            held(&Document::Guide("dealers".into()), Some(vec![])),
        ];
        let published = published(&configured, 4, &all);
        assert_eq!(published.agency.slogan, "Ours");
        assert_eq!(published.unfit.keys().collect::<Vec<_>>(), ["faqs", "guide-dealers", "menu"]);
        assert!(published.unfit["menu"].contains("/services/gone"), "{}", published.unfit["menu"]);
        assert_eq!(published.version("menu"), 1);
    }
}
