//! What items say, read into the agency: every fault is named beside its field.

use super::{
    Document,
    item::{self, Field, Input, Item, paragraphs},
};
use crate::{
    form::Faults,
    words::{
        Agency,
        agency::{ContactPoint, Faq, Terms},
        menu::{Entry, Group, Guide, Link, Service},
        wording::Wording,
    },
};

/// The most items of a document.
pub const MOST: usize = 200;

/// The name of an item's field in a form.
pub fn name(index: usize, field: &str) -> String {
    format!("item-{index}-{field}")
}

impl Document {
    /// The agency with these items in the place of what the document says there, if all of it holds together then.
    ///
    /// # Errors
    /// What is wrong with which field; under `document`, what is wrong with the whole.
    pub fn put(&self, items: &[Item], agency: &Agency) -> Result<Agency, Faults> {
        let next = self.merge(items, agency)?;
        self.check_addresses(items, &next)?;
        next.check().map_err(|fault| Faults::one("document", format!("This can't be published. {fault}.")))?;
        Ok(next)
    }

    /// The same, without a look at what other documents say.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn merge(&self, items: &[Item], agency: &Agency) -> Result<Agency, Faults> {
        let faults = self.faults_of_fields(items);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut next = agency.clone();
        match self {
            Self::Home => {
                let item = first(items)?;
                (next.title, next.slogan) = (item.text("title").into(), item.text("slogan").into());
            }
            Self::Links => {
                let link = |item: &Item| Link { label: item.text("label").into(), href: item.text("href").into() };
                next.links = items.iter().map(link).collect();
            }
            Self::Menu => next.groups = groups(items, 0)?,
            Self::Service(key) => {
                let title = first(items)?.text("title").to_owned();
                let service = Service { key: key.clone(), title, groups: groups(&items[1..], 1)? };
                replace(&mut next.services, service, |service| &service.key);
            }
            Self::Guide(key) => match items.first() {
                None => next.guides.retain(|guide| guide.key != *key),
                Some(item) => {
                    let (title, text) = (item.text("title").into(), paragraphs(item.text("text")));
                    replace(&mut next.guides, Guide { key: key.clone(), title, text }, |guide| &guide.key);
                }
            },
            Self::Faqs => {
                let faq =
                    |item: &Item| Faq { question: item.text("question").into(), answer: item.text("answer").into() };
                next.faqs = items.iter().map(faq).collect();
            }
            Self::Contact => next.contact = items.iter().map(contact).collect(),
            Self::Help => {
                let written = items.iter().filter(|item| !item.text("text").is_empty());
                next.help = written.map(|item| (item.text("step").into(), item.text("text").into())).collect();
            }
            Self::Terms => next.terms = terms(first(items)?),
            Self::AccessTerms => next.access_terms = terms(first(items)?),
            Self::Text(occasion) => {
                let wording = wording(first(items)?);
                wording.check(*occasion).map_err(|(part, fault)| Faults::one(&name(0, part), fault))?;
                next.texts.insert(occasion.key().into(), wording);
            }
        }
        Ok(next)
    }

    /// What is wrong with the fields by themselves.
    fn faults_of_fields(&self, items: &[Item]) -> Faults {
        if items.len() > MOST {
            return Faults::one("document", format!("There are more than {MOST} parts."));
        }
        if items.is_empty() && !matches!(self, Self::Guide(_)) {
            return Faults::one("document", "Nothing is left of it.");
        }
        let mut faults = Faults::default();
        for (index, item) in items.iter().enumerate() {
            let Some(kind) = self.kinds().into_iter().find(|kind| item.is(kind)) else {
                return Faults::one("document", "It has parts of another document.");
            };
            for field in kind.fields {
                if let Some(fault) = fault_of_field(field, item.text(field.name)) {
                    faults.add(&name(index, field.name), fault);
                }
            }
        }
        faults
    }

    /// No address leads nowhere (G12), and none runs a script.
    fn check_addresses(&self, items: &[Item], agency: &Agency) -> Result<(), Faults> {
        let mut faults = Faults::default();
        for (index, item) in items.iter().enumerate() {
            let href = item.text("href");
            let (leads, how) = match self {
                Self::Contact => (
                    href.is_empty() || ["tel:", "mailto:"].iter().any(|way| href.starts_with(way)),
                    "Begin with tel:, mailto: or https://",
                ),
                _ => {
                    (!item.is(&item::ENTRY) && !item.is(&item::LINK), "Name a page that exists, or begin with https://")
                }
            };
            if !leads && let Err(fault) = agency.check_target(href) {
                faults.add(&name(index, "href"), format!("{}: {fault}. {how}", item.title()));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// What is wrong with what was typed into a field.
fn fault_of_field(field: &Field, text: &str) -> Option<String> {
    let label = field.label;
    if field.required && text.is_empty() {
        Some(format!("Fill in: {label}."))
    } else if text.chars().count() > field.longest {
        Some(format!("{label} may have at most {} characters.", field.longest))
    } else if field.input == Input::Line && text.contains(['\r', '\n']) {
        Some(format!("{label} is one line."))
    } else if text.chars().any(is_invisible) {
        Some(format!("{label} has a character that nobody sees. Type it anew instead of pasting it."))
    } else {
        None
    }
}

/// Characters that control a terminal or turn the direction of what follows: no text needs them, and a letter that has
/// one can't be printed.
fn is_invisible(letter: char) -> bool {
    let is_control = letter.is_control() && !matches!(letter, '\n' | '\t');
    is_control || matches!(letter, '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn first(items: &[Item]) -> Result<&Item, Faults> {
    items.first().ok_or_else(|| Faults::one("document", "Nothing is left of it."))
}

/// The groups that headings and entries make; the first of them has this number in its form.
fn groups(items: &[Item], first: usize) -> Result<Vec<Group>, Faults> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if item.is(&item::GROUP) {
            groups.push(Group { title: item.text("title").into(), entries: Vec::new() });
            continue;
        }
        let group = groups
            .last_mut()
            .ok_or_else(|| Faults::one(&name(first + index, "label"), "A heading must stand above the first entry."))?;
        let maintenance = item.text("maintenance");
        group.entries.push(Entry {
            label: item.text("label").into(),
            description: item.text("description").into(),
            href: item.text("href").into(),
            highlight: item.has("highlight"),
            maintenance: (!maintenance.is_empty()).then(|| maintenance.to_owned()),
            off: item.has("off"),
        });
    }
    Ok(groups)
}

fn replace<T>(all: &mut Vec<T>, new: T, key: impl Fn(&T) -> &String) {
    match all.iter_mut().find(|old| key(old) == key(&new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

fn contact(item: &Item) -> ContactPoint {
    let href = item.text("href");
    ContactPoint {
        label: item.text("label").into(),
        text: item.text("text").into(),
        href: (!href.is_empty()).then(|| href.to_owned()),
    }
}

fn terms(item: &Item) -> Terms {
    Terms {
        version: item.text("version").into(),
        title: item.text("title").into(),
        text: paragraphs(item.text("text")),
    }
}

fn wording(item: &Item) -> Wording {
    let lines = item.text("steps").lines().map(str::trim).filter(|line| !line.is_empty());
    let text = item.text("text");
    // An e-mail ends with a line break, as text files do.
    let text = if item.is(&item::MAIL) { format!("{text}\n") } else { text.to_owned() };
    Wording {
        subject: item.text("subject").into(),
        steps: lines.map(str::to_owned).collect(),
        aside: item.text("aside").into(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::agency::SEED;

    fn seed() -> Agency {
        Agency::parse(SEED).unwrap()
    }

    #[test]
    fn every_document_says_again_what_it_said() {
        let agency = seed();
        for document in Document::all(&agency).into_iter().flat_map(|(_, documents)| documents) {
            assert_eq!(Document::of_key(&document.key(), &agency), Some(document.clone()));
            let items = document.items(&agency);
            let next = document
                .put(&items, &agency)
                .unwrap_or_else(|faults| panic!("{}: {:?}", document.key(), faults.iter().collect::<Vec<_>>()));
            assert_eq!(document.items(&next), items, "{}", document.key());
            // The page of a type for which none was written is written down with that.
            if !matches!(document, Document::Service(_)) {
                assert_eq!(format!("{next:?}"), format!("{agency:?}"), "{}", document.key());
            }
        }
    }

    fn fault(document: &Document, items: &[Item]) -> (String, String) {
        let faults = document.put(items, &seed()).unwrap_err();
        let (field, sentence) = faults.iter().next().unwrap();
        (field.to_owned(), sentence.to_owned())
    }

    #[test]
    fn no_address_leads_nowhere_or_runs_a_script() {
        for href in ["/services/nowhere", "javascript:alert(1)", "//evil.example", "http://plain.example", "x"] {
            let mut items = Document::Menu.items(&seed());
            items[1].values.insert("href".into(), href.into());
            assert_eq!(fault(&Document::Menu, &items).0, "item-1-href", "{href}");
            let mut links = Document::Links.items(&seed());
            links[0].values.insert("href".into(), href.into());
            assert_eq!(fault(&Document::Links, &links).0, "item-0-href", "{href}");
            let mut contact = Document::Contact.items(&seed());
            contact[0].values.insert("href".into(), href.into());
            assert_eq!(fault(&Document::Contact, &contact).0, "item-0-href", "{href}");
        }
    }

    #[test]
    fn an_entry_stands_under_a_heading_and_a_page_stays_while_a_menu_leads_to_it() {
        let mut items = Document::Menu.items(&seed());
        items.remove(0);
        assert_eq!(fault(&Document::Menu, &items).0, "item-0-label");
        let (field, sentence) = fault(&Document::Guide("branches".into()), &[]);
        assert!(field == "document" && sentence.contains("/services/branches"), "{sentence}");
    }

    #[test]
    fn a_text_keeps_the_places_that_it_must_have() {
        let document = Document::of_key("text-code-mail", &seed()).unwrap();
        let mut items = document.items(&seed());
        items[0].values.insert("text".into(), "no code".into());
        let (field, sentence) = fault(&document, &items);
        assert!(field == "item-0-text" && sentence.contains("{code}"), "{sentence}");
    }

    #[test]
    fn nothing_that_nobody_sees_and_no_part_of_another_document_is_taken() {
        for odd in ["a\u{202E}b", "a\u{1B}b", "\u{FEFF}a", "a\0"] {
            let mut items = Document::Home.items(&seed());
            items[0].values.insert("title".into(), odd.into());
            assert_eq!(fault(&Document::Home, &items).0, "item-0-title", "{odd:?}");
        }
        assert_eq!(fault(&Document::Links, &Document::Faqs.items(&seed())).0, "document");
    }
}
