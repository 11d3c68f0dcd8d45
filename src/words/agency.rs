//! The agency, as data: its name, menus, account types, help texts and terms (R1, R2, G12).
//! Nothing in the code knows which agency it serves.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    AccountNumber, Moment,
    business_day::Calendar,
    help,
    menu::{Entry, Group, Guide, Link, Service, is_page_name},
    wording::{Occasion, Wording},
};

/// The configuration that the portal comes with, for a first look.
pub const SEED: &str = include_str!("../../seeds/agency.toml");

/// The first words of the portal's own addresses: a short address (R11) must be another.
const FIRST_WORDS: [&str; 21] = [
    "access",
    "accounts",
    "agree",
    "alerts",
    "assets",
    "contact",
    "faqs",
    "letter",
    "live",
    "outbox",
    "recover",
    "services",
    "session",
    "settings",
    "sign-in",
    "sign-out",
    "sign-up",
    "springboard",
    "staff",
    "submissions",
    "terms",
];

/// Everything that differs between agencies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// The agency's name in the header and on letters.
    pub name: String,
    /// The office that people know, as the texts call it.
    pub office: String,
    /// What the portal is called.
    pub portal: String,
    /// The heading of the public home (R12).
    pub title: String,
    /// The line under it (R12).
    pub slogan: String,
    /// What the logon system is called on the sign-in page (R161).
    pub logon_system: String,
    /// IANA name of the zone that times are shown in.
    pub time_zone: String,
    /// Return address on letters, one line each.
    pub letterhead: Vec<String>,
    /// Its logo, as the text of an SVG; none means the portal's own (R1).
    #[serde(default)]
    pub logo: Option<String>,
    /// Colours that replace the portal's own, by name: `brand`, `action` (R1).
    #[serde(default)]
    pub theme: BTreeMap<String, String>,
    /// Top navigation (R2).
    pub links: Vec<Link>,
    /// The public home's menu, in order (R14–R39).
    pub groups: Vec<Group>,
    /// Audience pages (R40–R46).
    #[serde(default)]
    pub services: Vec<Service>,
    /// Pages that say how a service is reached that is not offered here (G12).
    #[serde(default)]
    pub guides: Vec<Guide>,
    /// A message to more accounts than this needs a second employee's release.
    #[serde(default = "release_above")]
    pub release_above: i64,
    /// Days that are no business days, beside Saturdays and Sundays: no letter is printed then.
    #[serde(default)]
    pub holidays: Vec<NaiveDate>,
    /// How many business days a letter is under way.
    #[serde(default = "letter_days")]
    pub letter_days: usize,
    /// The account types, in the order they are offered (R86–R100).
    pub account_types: Vec<AccountType>,
    /// Frequent questions (R39).
    pub faqs: Vec<Faq>,
    /// How the agency is reached.
    pub contact: Vec<ContactPoint>,
    /// Step help from the agency's own instructions, by step (R150–R160).
    pub help: BTreeMap<String, String>,
    /// The terms of the portal (R65).
    pub terms: Terms,
    /// The terms of access to an account (R125).
    pub access_terms: Terms,
    /// What is written to people, by occasion (R148); what is left out is the seed's.
    #[serde(default)]
    pub texts: BTreeMap<String, Wording>,
}

/// A kind of account that the agency keeps (R86–R100).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountType {
    /// Its key in records and addresses.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What its number is called: "Mechanic School ID".
    pub id_label: String,
    /// An example of its number, for the hint under the field.
    #[serde(default)]
    pub example: Option<AccountNumber>,
}

/// A question and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faq {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// One way to reach the agency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactPoint {
    /// What it is: "Telephone".
    pub label: String,
    /// The number, the address, the hours.
    pub text: String,
    /// A link, where one helps: `tel:…`, `mailto:…`.
    #[serde(default)]
    pub href: Option<String>,
}

/// Terms that people agree to; who agreed to what is kept by version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The version that is stored with an agreement.
    pub version: String,
    /// The heading.
    pub title: String,
    /// The paragraphs.
    pub text: Vec<String>,
}

fn letter_days() -> usize {
    5
}

fn release_above() -> i64 {
    100
}

impl Agency {
    /// Reads an agency's configuration and checks that it holds together.
    ///
    /// # Errors
    /// A sentence for the operator that names what is wrong.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let mut agency: Self = toml::from_str(toml).map_err(|fault| fault.to_string())?;
        if Occasion::ALL.iter().any(|occasion| !agency.texts.contains_key(occasion.key())) {
            let seed: Self = toml::from_str(SEED).map_err(|fault| fault.to_string())?;
            for (key, wording) in seed.texts {
                agency.texts.entry(key).or_insert(wording);
            }
        }
        agency.check()?;
        Ok(agency)
    }

    /// The account type with this key.
    pub fn account_type(&self, key: &str) -> Option<&AccountType> {
        self.account_types.iter().find(|kind| kind.key == key)
    }

    /// The name of an account type, or the key itself for a type that is no longer offered.
    pub fn type_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.account_type(key).map_or(key, |kind| &kind.name)
    }

    /// The audience page with this key; every account type has one, written down or not (R45).
    pub fn service(&self, key: &str) -> Option<Service> {
        let written = self.services.iter().find(|service| service.key == key).cloned();
        written.or_else(|| self.account_type(key).map(Service::of_type))
    }

    /// The guide with this key.
    pub fn guide(&self, key: &str) -> Option<&Guide> {
        self.guides.iter().find(|guide| guide.key == key)
    }

    /// The agency's zone. It was checked when the configuration was read.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// The agency's business days.
    pub fn calendar(&self) -> Calendar<'_> {
        Calendar { zone: self.zone(), holidays: &self.holidays }
    }

    /// The first moment of a day in the agency's zone.
    pub fn start_of(&self, day: NaiveDate) -> Option<Moment> {
        let midnight = day.and_hms_opt(0, 0, 0)?;
        // Where the clocks are put forward at midnight, the day begins later.
        let hours = (0..3).map(|hour| midnight + chrono::TimeDelta::hours(hour));
        let begins = hours.filter_map(|hour| self.zone().from_local_datetime(&hour).earliest()).next()?;
        Some(begins.to_utc())
    }

    /// The last minute of a day in the agency's zone.
    pub fn end_of(&self, day: NaiveDate) -> Option<Moment> {
        let minute = day.and_hms_opt(23, 59, 0)?;
        Some(self.zone().from_local_datetime(&minute).latest()?.to_utc())
    }

    /// What is written on an occasion. Every occasion was given a text when the configuration was read.
    pub fn wording(&self, occasion: Occasion) -> Wording {
        self.texts.get(occasion.key()).cloned().unwrap_or_default()
    }

    /// The help for a step, if the agency wrote one.
    pub fn help(&self, step: &str) -> Option<&str> {
        self.help.get(step).map(String::as_str)
    }

    /// Every entry of every menu.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let on_services = self.services.iter().flat_map(|service| &service.groups);
        self.groups.iter().chain(on_services).flat_map(|group| &group.entries)
    }

    /// The agency's colours as a stylesheet.
    pub fn theme_css(&self) -> String {
        let colours: String = self.theme.iter().map(|(name, colour)| format!("--{name}:{colour};")).collect();
        format!("@layer base{{:root{{{colours}}}}}")
    }

    /// Whether it holds together: no menu leads nowhere, no text lacks a place.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn check(&self) -> Result<(), String> {
        if self.logo.as_ref().is_some_and(|logo| !logo.trim_start().starts_with("<svg")) {
            return Err("logo: give the text of an SVG, beginning with <svg".into());
        }
        for (name, colour) in &self.theme {
            let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
            if !plain(name) || !colour.strip_prefix('#').is_some_and(plain) {
                return Err(format!("theme: {name} needs a colour like #0b4a57"));
            }
        }
        if self.time_zone.parse::<Tz>().is_err() {
            return Err(format!("time_zone: {} is no zone of the IANA database", self.time_zone));
        }
        let mut keys = HashSet::new();
        for kind in &self.account_types {
            if !keys.insert(&kind.key) {
                return Err(format!("account_types: {} is there twice", kind.key));
            }
        }
        let mut keys =
            self.services.iter().map(|service| &service.key).chain(self.account_types.iter().map(|kind| &kind.key));
        if let Some(taken) = keys.find(|key| FIRST_WORDS.contains(&key.as_str())) {
            return Err(format!(
                "{taken} is a word of the portal's own addresses: the short address /{taken} can't be reached"
            ));
        }
        for (key, wording) in &self.texts {
            let occasion = Occasion::of_key(key).ok_or_else(|| format!("texts: nothing is written for {key}"))?;
            wording.check(occasion).map_err(|(part, fault)| format!("texts.{key}, {part}: {fault}"))?;
        }
        if let Some(guide) = self.guides.iter().find(|guide| !is_page_name(&guide.key)) {
            return Err(format!("guides: {} is no name for an address", guide.key));
        }
        let steps = help::steps(self);
        if let Some(step) = self.help.keys().find(|key| steps.iter().all(|(step, _)| step != *key)) {
            return Err(format!("help: there is no step {step}"));
        }
        for link in &self.links {
            self.check_target(&link.href).map_err(|fault| format!("{}: {fault}", link.label))?;
        }
        for point in &self.contact {
            let href = point.href.as_deref().unwrap_or("tel:");
            if !["tel:", "mailto:"].iter().any(|way| href.starts_with(way)) {
                self.check_target(href).map_err(|fault| format!("{}: {fault}", point.label))?;
            }
        }
        for entry in self.entries() {
            self.check_target(&entry.href).map_err(|fault| format!("{}: {fault}", entry.label))?;
        }
        Ok(())
    }

    /// No menu leads nowhere: a path names a page that exists (G12).
    ///
    /// # Errors
    /// A sentence that names the address.
    pub fn check_target(&self, href: &str) -> Result<(), String> {
        if href.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) {
            return Ok(());
        }
        let (path, query) = href.split_once('?').unwrap_or((href, ""));
        let known = match path {
            "/" | "/faqs" | "/contact" | "/terms" | "/terms/access" | "/letter" | "/sign-up" | "/access"
            | "/springboard" => true,
            "/sign-in" => query.strip_prefix("for=").is_none_or(|key| self.account_type(key).is_some()),
            _ => path
                .strip_prefix("/services/")
                .is_some_and(|key| self.service(key).is_some() || self.guide(key).is_some()),
        };
        if known { Ok(()) } else { Err(format!("{href} leads to no page")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_holds_all_that_the_slides_list() {
        let agency = Agency::parse(SEED).unwrap();
        assert_eq!(agency.groups.len(), 8);
        assert_eq!(agency.groups.iter().map(|group| group.entries.len()).sum::<usize>(), 26);
        assert_eq!(agency.account_types.len(), 15);
        for kind in &agency.account_types {
            assert!(agency.service(&kind.key).is_some(), "{}", kind.key);
        }
    }

    #[test]
    fn every_type_has_a_page_that_signs_in_with_its_hint() {
        let agency = Agency::parse(SEED).unwrap();
        for kind in &agency.account_types {
            let service = agency.service(&kind.key).unwrap();
            let hint = format!("/sign-in?for={}", kind.key);
            assert!(
                service.groups.iter().flat_map(|group| &group.entries).any(|entry| entry.href == hint),
                "{}",
                kind.key
            );
        }
    }

    #[test]
    fn colours_and_a_logo_are_the_agencys_own() {
        let own = "logo = '<svg xmlns=\"http://www.w3.org/2000/svg\"/>'\ntheme = { brand = \"#123456\" }\n";
        let agency = Agency::parse(&format!("{own}{SEED}")).unwrap();
        assert!(agency.theme_css().contains("--brand:#123456;"));
        assert!(Agency::parse(&format!("logo = 'x'\n{SEED}")).is_err());
        assert!(Agency::parse(&format!("theme = {{ brand = \"red;}}\" }}\n{SEED}")).is_err());
    }

    #[test]
    fn texts_that_an_agency_leaves_out_are_the_seeds() {
        let without = &SEED[..SEED.find("[texts.").unwrap()];
        let agency = Agency::parse(&format!("{without}[texts.pin-text]\ntext = 'PIN {{pin}} {{purpose}}'")).unwrap();
        assert_eq!(agency.wording(Occasion::PinText).text, "PIN {pin} {purpose}");
        assert_eq!(agency.wording(Occasion::Welcome).subject, "Welcome to {portal}");
        let fault = Agency::parse(&format!("{without}[texts.pin-text]\ntext = 'no PIN'")).unwrap_err();
        assert!(fault.contains("pin-text") && fault.contains("{pin}"), "{fault}");
    }

    #[test]
    fn a_dead_link_stops_the_start() {
        let broken = SEED.replacen("/services/vehicle-renewal", "/services/nowhere", 1);
        assert!(Agency::parse(&broken).unwrap_err().contains("nowhere"));
    }
}
