//! The form of a document: its items, and what its buttons do with them. Nothing is kept until it is published: what was
//! typed goes back and forth with the form.

use std::{collections::HashMap, ops::Range};

use super::{
    Document,
    item::{self, Item},
    reading::{MOST, name},
};
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

/// The items of a posted form. Those of a kind that the document does not have are left out. Which step a help is for is
/// the form's word, and looked up; which version terms have is not: that is the version's that is changed.
pub fn items(posted: &Fields, document: &Document, held: &[Item]) -> Vec<Item> {
    let typed: HashMap<&str, &str> = posted.pairs().collect();
    let text = |index: usize, field: &str| typed.get(name(index, field).as_str()).copied().unwrap_or_default();
    let kinds = document.kinds();
    let read = |index: usize| {
        let kind = kinds.iter().find(|kind| kind.name == text(index, "kind"))?;
        let values = kind.fields.iter().map(|field| (field, text(index, field.name).replace("\r\n", "\n")));
        let item = values.fold(Item::new(kind), |item, (field, value)| item.with(field.name, value.trim()));
        Some(match document {
            Document::Help => {
                item.with("step", held.iter().find(|known| known.text("step") == text(index, "step"))?.text("step"))
            }
            _ => item.with("version", held.first().map_or("", |known| known.text("version"))),
        })
    };
    // One more than there may be: the fault says so.
    (0..=MOST).take_while(|index| !text(*index, "kind").is_empty()).filter_map(read).collect()
}

/// Changes the list, and tells where the item is then that was moved or added; what can't be done leaves it as it is.
pub fn change(items: &mut Vec<Item>, change: Change, index: usize, document: &Document) -> Option<usize> {
    // The title of a page stays where it is.
    let first = usize::from(matches!(document, Document::Service(_)));
    if index < first && !matches!(change, Change::Add(_)) || index >= items.len() && !items.is_empty() {
        return None;
    }
    match change {
        Change::Up => {
            let before = begins_before(items, first, index)?;
            let run = run(items, index);
            let length = run.len();
            items[before..run.end].rotate_right(length);
            Some(before)
        }
        Change::Down => {
            let moved = run(items, index);
            // An entry goes one step, below a heading as well; a heading goes below the entries of the next one.
            let is_heading = items.get(index)?.is(&item::GROUP);
            let after = if is_heading { run(items, moved.end).end } else { (moved.end + 1).min(items.len()) };
            let other = moved.end..after;
            if other.is_empty() {
                return None;
            }
            let length = other.len();
            items[moved.start..other.end].rotate_right(length);
            Some(index + length)
        }
        Change::Remove => {
            (index < items.len()).then(|| items.remove(index));
            None
        }
        Change::Add(kind) => {
            let at = (index + 1).min(items.len());
            items.insert(at, Item::new(document.offers().get(kind)?));
            Some(at)
        }
    }
}

/// What moves with an item: a heading takes its entries along.
fn run(items: &[Item], index: usize) -> Range<usize> {
    let Some(item) = items.get(index) else { return index..index };
    if !item.is(&item::GROUP) {
        return index..index + 1;
    }
    let length = items[index + 1..].iter().take_while(|item| !item.is(&item::GROUP)).count();
    index..index + 1 + length
}

/// Where the item begins that an item is moved before: for a heading, the one before it.
fn begins_before(items: &[Item], first: usize, index: usize) -> Option<usize> {
    if !items.get(index)?.is(&item::GROUP) {
        return (index > first).then(|| index - 1);
    }
    (first..index).rev().find(|before| items[*before].is(&item::GROUP))
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
        let forged = vec![now[0].clone().with("version", "1")];
        assert_eq!(items(&posted(&forged, ""), &Document::Terms, &now), now);
        let help = Document::Help.items(&agency);
        let forged = vec![help[2].clone().with("step", "nowhere"), help[1].clone()];
        assert_eq!(items(&posted(&forged, ""), &Document::Help, &help), [help[1].clone()]);
        assert_eq!(items(&posted(&now, ""), &Document::Faqs, &Document::Faqs.items(&agency)), []);
    }

    #[test]
    fn a_heading_takes_its_entries_along() {
        let agency = Agency::parse(SEED).unwrap();
        let before = Document::Menu.items(&agency);
        let second = (1..).find(|index| before[*index].is(&item::GROUP)).unwrap();
        let mut after = before.clone();
        assert_eq!(change(&mut after, Change::Up, second, &Document::Menu), Some(0));
        assert_eq!(after[0], before[second]);
        let moved = Document::Menu.put(&after, &agency).unwrap();
        assert_eq!(moved.groups[1].title, agency.groups[0].title);
        assert_eq!(moved.groups[1].entries.len(), agency.groups[0].entries.len());
        assert_eq!(change(&mut after, Change::Down, 0, &Document::Menu), Some(second));
        assert_eq!(after, before);
        // An entry crosses the heading, and comes back.
        assert_eq!(change(&mut after, Change::Down, second - 1, &Document::Menu), Some(second));
        assert_eq!(after[second - 1], before[second]);
        assert_eq!(change(&mut after, Change::Up, second, &Document::Menu), Some(second - 1));
        assert_eq!(after, before);
        let last = (0..before.len()).rev().find(|index| before[*index].is(&item::GROUP)).unwrap();
        assert_eq!(change(&mut after, Change::Down, last, &Document::Menu), None);
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
