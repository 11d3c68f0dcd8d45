//! The form of a document: its items, and what its buttons do with them. Nothing is kept until it is published: what was
//! typed goes back and forth with the form.

use super::{Document, item::Item, reading::name};
use crate::form::Fields;

/// What a button of the form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Shows what it would look like.
    Preview,
    /// Goes back from there.
    Edit,
    /// Shows a letter as it would be printed.
    Print,
    /// Publishes it.
    Publish,
    /// Takes a whole page away.
    TakeAway,
    /// Changes the list of items; the item that it is about.
    Change(Change, usize),
}

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It changes places with the one before.
    Up,
    /// With the one after.
    Down,
    /// It goes.
    Remove,
    /// Another one comes after it, of the kind of this number.
    Add(usize),
}

/// The act of a posted form; a form that names none wants to be looked at.
pub fn act(posted: &Fields) -> Act {
    let typed = posted.text("act");
    let (verb, rest) = typed.split_once('-').unwrap_or((typed, ""));
    let number = |text: &str| text.parse::<usize>().ok();
    match (verb, number(rest)) {
        ("edit", _) => Act::Edit,
        ("print", _) => Act::Print,
        ("publish", _) => Act::Publish,
        ("away", _) => Act::TakeAway,
        ("up", Some(index)) => Act::Change(Change::Up, index),
        ("down", Some(index)) => Act::Change(Change::Down, index),
        ("remove", Some(index)) => Act::Change(Change::Remove, index),
        ("add", _) => match rest.split_once('-').map(|(kind, index)| (number(kind), number(index))) {
            Some((Some(kind), Some(index))) => Act::Change(Change::Add(kind), index),
            _ => Act::Preview,
        },
        _ => Act::Preview,
    }
}

/// The items of a posted form. Those of a kind that the document does not have are left out; what stands for an item
/// beside its fields is the document's, not the form's.
pub fn items(posted: &Fields, document: &Document, now: &[Item]) -> Vec<Item> {
    let count = posted.pairs().filter(|(key, _)| key.starts_with("item-") && key.ends_with("-kind")).count();
    let posted_items = (0..count).filter_map(|index| {
        let mut item = Item { kind: posted.text(&name(index, "kind")).into(), ..Item::default() };
        let kind = item.kind()?;
        let is_fixed = now.get(index).filter(|known| known.kind == item.kind && document.offers().is_empty());
        let is_head = index == 0 && now.first().is_some_and(|known| known.kind == item.kind);
        if is_fixed.is_none() && !is_head && !document.offers().iter().any(|offered| offered.name == kind.name) {
            return None;
        }
        if let Some(known) = is_fixed {
            let beside = known.values.iter().filter(|(key, _)| kind.fields.iter().all(|field| field.name != *key));
            item.values.extend(beside.map(|(key, value)| (key.clone(), value.clone())));
        }
        for field in kind.fields {
            let typed = posted.text(&name(index, field.name)).replace("\r\n", "\n");
            item = item.with(field.name, typed.trim());
        }
        Some(item)
    });
    posted_items.collect()
}

/// Changes the list, and tells where the item is then that was moved or added; what can't be done leaves it as it is.
pub fn change(items: &mut Vec<Item>, change: Change, index: usize, document: &Document) -> Option<usize> {
    // The title of a page stays where it is.
    let first = usize::from(matches!(document, Document::Service(_)));
    match change {
        Change::Up if index > first && index < items.len() => {
            items.swap(index, index - 1);
            Some(index - 1)
        }
        Change::Down if index >= first && index + 1 < items.len() => {
            items.swap(index, index + 1);
            Some(index + 1)
        }
        Change::Remove if index >= first && index < items.len() => {
            items.remove(index);
            None
        }
        Change::Add(kind) => {
            let at = (index + 1).min(items.len());
            items.insert(at, Item::new(document.offers().get(kind)?));
            Some(at)
        }
        _ => None,
    }
}

/// The items as a form shows them.
pub fn fields(items: &[Item]) -> Fields {
    let each = items
        .iter()
        .enumerate()
        .flat_map(|(index, item)| item.values.iter().map(move |(field, value)| (name(index, field), value.clone())));
    Fields::new(each.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::{Agency, agency::SEED};

    fn posted(items: &[Item], act: &str) -> Fields {
        let kinds = items.iter().enumerate().map(|(index, item)| (name(index, "kind"), item.kind.clone()));
        let all = fields(items).pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect::<Vec<_>>();
        Fields::new(kinds.chain(all).chain([("act".to_owned(), act.to_owned())]).collect())
    }

    #[test]
    fn what_a_form_was_filled_with_comes_back() {
        let agency = Agency::parse(SEED).unwrap();
        for document in Document::all(&agency).into_iter().flat_map(|(_, documents)| documents) {
            let now = document.items(&agency);
            assert_eq!(items(&posted(&now, ""), &document, &now), now, "{}", document.key());
        }
    }

    #[test]
    fn a_form_can_neither_name_a_version_nor_bring_parts_of_another_document() {
        let agency = Agency::parse(SEED).unwrap();
        let now = Document::Terms.items(&agency);
        let forged = vec![now[0].clone().with("version", "1"), now[0].clone()];
        assert_eq!(items(&posted(&forged, ""), &Document::Terms, &now), now);
        assert_eq!(items(&posted(&now, ""), &Document::Faqs, &Document::Faqs.items(&agency)), []);
    }

    proptest! {
        #[test]
        fn no_button_loses_what_was_typed(acts in prop::collection::vec(("up|down|add-0|add-1", 0usize..40), 0..20)) {
            let agency = Agency::parse(SEED).unwrap();
            let (document, before) = (Document::Menu, Document::Menu.items(&agency));
            let mut after = before.clone();
            for (verb, index) in acts {
                if let Act::Change(what, index) = act(&Fields::default().with("act", format!("{verb}-{index}"))) {
                    change(&mut after, what, index, &document);
                }
            }
            for item in before {
                prop_assert!(after.contains(&item));
            }
        }
    }
}
