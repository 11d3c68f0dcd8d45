//! Menus as data: links, groups of entries, audience pages, guides (R2, R14–R46, G12).

use serde::Deserialize;

use super::agency::AccountType;

/// A link in the top navigation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// Whether it leaves the portal, which is marked for the reader.
    pub fn is_external(&self) -> bool {
        self.href.starts_with("https://") || self.href.starts_with("http://")
    }
}

/// A titled group of entries: on the home page or on an audience page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its heading.
    pub title: String,
    /// What it offers, in order.
    pub entries: Vec<Entry>,
}

/// One entry of a menu.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it says.
    pub label: String,
    /// What it leads to, in a few words.
    #[serde(default)]
    pub description: String,
    /// Where it leads: a path of the portal, or an address outside.
    pub href: String,
    /// Whether it stands out.
    #[serde(default)]
    pub highlight: bool,
    /// A note while it is out of order.
    #[serde(default)]
    pub maintenance: Option<String>,
    /// Whether it is left out.
    #[serde(default)]
    pub off: bool,
}

/// An audience's page: who it is for and what it offers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name in the address, `/services/{key}`.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// Columns of entries.
    pub groups: Vec<Group>,
}

/// How a service is reached that other systems or people serve.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Its name in the address, `/services/{key}`.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// What to do, one paragraph each.
    pub text: Vec<String>,
}

/// Whether a page may have this name in its address: small letters, digits and hyphens, at most 40.
pub fn is_page_name(name: &str) -> bool {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') && !name.ends_with('-')
}

impl Service {
    /// The page of a type for which the agency wrote none: sign in with its hint.
    pub(super) fn of_type(kind: &AccountType) -> Self {
        let entry = Entry {
            label: format!("{} Login", kind.name),
            description: format!("Login as a {}", kind.name),
            href: format!("/sign-in?for={}", kind.key),
            highlight: false,
            maintenance: None,
            off: false,
        };
        let group = Group { title: kind.name.clone(), entries: vec![entry] };
        Self { key: kind.key.clone(), title: format!("{} Services", kind.name), groups: vec![group] }
    }
}
