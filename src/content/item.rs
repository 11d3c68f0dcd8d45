//! The parts of a document as staff edit them: a list of items, each of a kind that says which fields it has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a field is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// A tick, `yes` or nothing.
    Tick,
}

/// A field of an item.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in records and forms.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What helps to fill it in.
    pub hint: &'static str,
    /// How it is typed.
    pub input: Input,
    /// Whether it must be filled in.
    pub required: bool,
    /// The most letters.
    pub longest: usize,
}

impl Field {
    const fn line(name: &'static str, label: &'static str) -> Self {
        Self { name, label, hint: "", input: Input::Line, required: true, longest: 300 }
    }

    const fn lines(name: &'static str, label: &'static str) -> Self {
        Self { name, label, hint: "", input: Input::Lines, required: true, longest: 10_000 }
    }

    const fn tick(name: &'static str, label: &'static str) -> Self {
        Self { name, label, hint: "", input: Input::Tick, required: false, longest: 3 }
    }

    const fn long(self) -> Self {
        Self { longest: 60_000, ..self }
    }

    const fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }
}

/// A kind of item.
#[derive(Debug)]
pub struct Kind {
    /// Its name in records and forms.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

const PARAGRAPHS: &str = "An empty line begins a new paragraph.";
const ADDRESS: Field = Field::line("href", "Address")
    .hint("A page of the portal, such as /services/branches, or an address outside that begins with https://");

/// The home page's head.
pub const HOME: Kind =
    Kind { name: "home", label: "Head", fields: &[Field::line("title", "Heading"), Field::line("slogan", "Slogan")] };
/// A link of the top navigation.
pub const LINK: Kind = Kind { name: "link", label: "Link", fields: &[Field::line("label", "What it says"), ADDRESS] };
/// The heading of a group of entries.
pub const GROUP: Kind = Kind { name: "group", label: "Heading", fields: &[Field::line("title", "Heading")] };
/// An entry of a menu.
pub const ENTRY: Kind = Kind {
    name: "entry",
    label: "Entry",
    fields: &[
        Field::line("label", "What it says"),
        ADDRESS,
        Field::line("description", "Note under it").optional(),
        Field::line("maintenance", "Note while it is out of order").optional(),
        Field::tick("highlight", "Highlight it"),
        Field::tick("off", "Hide it for now"),
    ],
};
/// The title of an audience's page.
pub const SERVICE: Kind = Kind { name: "service", label: "Page", fields: &[Field::line("title", "Title")] };
/// A page of text.
pub const GUIDE: Kind = Kind {
    name: "guide",
    label: "Page",
    fields: &[Field::line("title", "Title"), Field::lines("text", "Text").hint(PARAGRAPHS).long()],
};
/// A question and its answer.
pub const FAQ: Kind = Kind {
    name: "faq",
    label: "Question",
    fields: &[Field::line("question", "Question"), Field::lines("answer", "Answer")],
};
/// A way to reach the agency.
pub const CONTACT: Kind = Kind {
    name: "contact",
    label: "Contact",
    fields: &[
        Field::line("label", "Heading"),
        Field::lines("text", "The number, the address, the hours"),
        Field::line("href", "Link").optional().hint("tel:, mailto: or https://, where one helps."),
    ],
};
/// The help of a step.
pub const HELP: Kind = Kind {
    name: "help",
    label: "Help",
    fields: &[Field::lines("text", "Text").optional().hint("Empty means that this step has none.")],
};
/// Terms.
pub const TERMS: Kind = Kind {
    name: "terms",
    label: "Terms",
    fields: &[Field::line("title", "Title"), Field::lines("text", "Text").hint(PARAGRAPHS).long()],
};
/// An e-mail.
pub const MAIL: Kind =
    Kind { name: "mail", label: "E-mail", fields: &[Field::line("subject", "Subject"), Field::lines("text", "Text")] };
/// A letter.
pub const LETTER: Kind = Kind {
    name: "letter",
    label: "Letter",
    fields: &[
        Field::line("subject", "Subject"),
        Field::lines("steps", "What to do").hint("One step on each line."),
        Field::line("aside", "Heading of the last paragraph"),
        Field::lines("text", "Last paragraph"),
    ],
};
/// A text message.
pub const TEXT_MESSAGE: Kind = Kind {
    name: "text-message",
    label: "Text message",
    fields: &[Field {
        longest: 320,
        ..Field::lines("text", "Text").hint("At most 320 characters; above 160 it is usually sent as several messages.")
    }],
};

const ALL: [&Kind; 13] =
    [&HOME, &LINK, &GROUP, &ENTRY, &SERVICE, &GUIDE, &FAQ, &CONTACT, &HELP, &TERMS, &MAIL, &LETTER, &TEXT_MESSAGE];

/// One part of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The name of its kind.
    pub kind: String,
    /// What its fields hold, and what stands for it beside them.
    pub values: BTreeMap<String, String>,
}

impl Item {
    /// An item of a kind without anything in it.
    pub fn new(kind: &Kind) -> Self {
        Self { kind: kind.name.into(), values: BTreeMap::new() }
    }

    /// With a value, if there is any.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.values.insert(name.into(), value);
        }
        self
    }

    /// With a tick, or without.
    pub fn ticked(self, name: &str, is_set: bool) -> Self {
        self.with(name, if is_set { "yes" } else { "" })
    }

    /// Its kind; nothing for one that no form has.
    pub fn kind(&self) -> Option<&'static Kind> {
        ALL.into_iter().find(|kind| kind.name == self.kind)
    }

    /// What it is called among others: its title, or its first words.
    pub fn title(&self) -> &str {
        let all = ["label", "title", "question"].into_iter().map(|name| self.text(name));
        all.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// Whether it is of this kind.
    pub fn is(&self, kind: &Kind) -> bool {
        self.kind == kind.name
    }

    /// What a field holds; empty if nothing.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Whether a tick is set.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

/// The paragraphs of a text: an empty line stands between two. Other line breaks stay.
pub fn paragraphs(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in text.lines().map(str::trim) {
        match all.last_mut() {
            Some(last) if line.is_empty() && !last.is_empty() => all.push(String::new()),
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            _ => {}
        }
    }
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::paragraphs;

    proptest! {
        #[test]
        fn paragraphs_that_were_written_down_are_read_again(all in prop::collection::vec("[a-z]{1,9}([ \n][a-z]{1,9}){0,3}", 0..5)) {
            prop_assert_eq!(paragraphs(&all.join("\n\n")), all.clone());
            prop_assert_eq!(paragraphs(&format!("\n{}\n\n", all.join("\n \n\n"))), all);
        }
    }
}
