//! The documents that the agency's content is made of. Each is changed, published and brought back by itself.

use super::item::{self, Item, Kind};
use crate::words::{
    Agency, Occasion, help,
    menu::{Group, is_page_name},
    wording::Way,
};

/// One document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// Heading and slogan of the public home.
    Home,
    /// The top navigation.
    Links,
    /// The public home's menu.
    Menu,
    /// An audience's page.
    Service(String),
    /// A page that says how a service is reached.
    Guide(String),
    /// Frequent questions.
    Faqs,
    /// How the agency is reached.
    Contact,
    /// The help of the steps.
    Help,
    /// The terms of the portal.
    Terms,
    /// The terms of access to an account.
    AccessTerms,
    /// What is written to people on an occasion.
    Text(Occasion),
}

impl Document {
    /// All that an agency has, under the headings that the console shows them with.
    pub fn all(agency: &Agency) -> Vec<(&'static str, Vec<Self>)> {
        let services = agency.services.iter().map(|service| service.key.clone());
        let types = agency.account_types.iter().map(|kind| kind.key.clone());
        let types = types.filter(|key| agency.services.iter().all(|service| service.key != *key));
        let texts = |way: Way| {
            let of_way = Occasion::ALL.iter().copied().filter(move |occasion| occasion.way() == way);
            of_way.map(Self::Text).collect::<Vec<_>>()
        };
        vec![
            ("Menus", vec![Self::Home, Self::Links, Self::Menu]),
            ("Audience pages", services.chain(types).map(Self::Service).collect()),
            ("Pages", agency.guides.iter().map(|guide| Self::Guide(guide.key.clone())).collect()),
            ("Questions, contact and help", vec![Self::Faqs, Self::Contact, Self::Help]),
            ("Terms", vec![Self::Terms, Self::AccessTerms]),
            ("E-mails", texts(Way::Mail)),
            ("Letters", texts(Way::Letter)),
            ("Text messages", texts(Way::TextMessage)),
        ]
    }

    /// Its name in records and addresses.
    pub fn key(&self) -> String {
        match self {
            Self::Home => "home".into(),
            Self::Links => "links".into(),
            Self::Menu => "menu".into(),
            Self::Service(key) => format!("service-{key}"),
            Self::Guide(key) => format!("guide-{key}"),
            Self::Faqs => "faqs".into(),
            Self::Contact => "contact".into(),
            Self::Help => "help".into(),
            Self::Terms => "terms".into(),
            Self::AccessTerms => "access-terms".into(),
            Self::Text(occasion) => format!("text-{}", occasion.key()),
        }
    }

    /// The document of this name. A page of text need not be there yet; its name must be free.
    pub fn of_key(key: &str, agency: &Agency) -> Option<Self> {
        let plain = [
            Self::Home,
            Self::Links,
            Self::Menu,
            Self::Faqs,
            Self::Contact,
            Self::Help,
            Self::Terms,
            Self::AccessTerms,
        ];
        if let Some(document) = plain.into_iter().find(|document| document.key() == key) {
            return Some(document);
        }
        let (family, rest) = key.split_once('-')?;
        match family {
            "service" => agency.service(rest).map(|service| Self::Service(service.key)),
            "guide" => (is_page_name(rest) && agency.service(rest).is_none()).then(|| Self::Guide(rest.into())),
            "text" => Occasion::of_key(rest).map(Self::Text),
            _ => None,
        }
    }

    /// What staff call it.
    pub fn label(&self, agency: &Agency) -> String {
        match self {
            Self::Home => "Head of the home page".into(),
            Self::Links => "Top navigation".into(),
            Self::Menu => "Menu of the home page".into(),
            Self::Service(key) => agency.service(key).map_or_else(|| key.clone(), |service| service.title),
            Self::Guide(key) => agency.guide(key).map_or_else(|| format!("Page “{key}”"), |guide| guide.title.clone()),
            Self::Faqs => "FAQs".into(),
            Self::Contact => "Contact Us".into(),
            Self::Help => "Help of the steps".into(),
            Self::Terms => "Terms of the portal".into(),
            Self::AccessTerms => "Terms of access".into(),
            Self::Text(occasion) => occasion.label().into(),
        }
    }

    /// Where everybody sees it, if it is a page.
    pub fn public_path(&self) -> Option<String> {
        match self {
            Self::Home | Self::Links | Self::Menu => Some("/".into()),
            Self::Service(key) | Self::Guide(key) => Some(format!("/services/{key}")),
            Self::Faqs => Some("/faqs".into()),
            Self::Contact => Some("/contact".into()),
            Self::Terms => Some("/terms".into()),
            Self::AccessTerms => Some("/terms/access".into()),
            Self::Help | Self::Text(_) => None,
        }
    }

    /// Whether an agency has it: a page of text may not be there yet, or be taken away.
    pub fn is_there(&self, agency: &Agency) -> bool {
        match self {
            Self::Guide(key) => agency.guide(key).is_some(),
            _ => true,
        }
    }

    /// What it is the letter for, if it is one.
    pub fn letter(&self) -> Option<Occasion> {
        match self {
            Self::Text(occasion) if occasion.way() == Way::Letter => Some(*occasion),
            _ => None,
        }
    }

    /// Whether a second employee has to publish it: it binds everybody, brings a secret, or leads elsewhere.
    pub fn needs_release(&self) -> bool {
        match self {
            Self::Text(occasion) => occasion.brings_a_secret(),
            // Where a menu or the contact page leads, people type passwords.
            Self::Menu | Self::Links | Self::Service(_) | Self::Contact => true,
            _ => self.is_terms(),
        }
    }

    /// Whether people agree to it.
    pub fn is_terms(&self) -> bool {
        matches!(self, Self::Terms | Self::AccessTerms)
    }

    /// The kinds of items that may be added; none means that it has a fixed form.
    pub fn offers(&self) -> &'static [&'static Kind] {
        match self {
            Self::Links => &[&item::LINK],
            Self::Menu | Self::Service(_) => &[&item::ENTRY, &item::GROUP],
            Self::Faqs => &[&item::FAQ],
            Self::Contact => &[&item::CONTACT],
            _ => &[],
        }
    }

    /// The kinds of items that it may have.
    pub fn kinds(&self) -> Vec<&'static Kind> {
        let head = match self {
            Self::Home => Some(&item::HOME),
            Self::Service(_) => Some(&item::SERVICE),
            Self::Guide(_) => Some(&item::GUIDE),
            Self::Help => Some(&item::HELP),
            Self::Terms | Self::AccessTerms => Some(&item::TERMS),
            Self::Text(occasion) => Some(kind_of(*occasion)),
            Self::Links | Self::Menu | Self::Faqs | Self::Contact => None,
        };
        head.into_iter().chain(self.offers().iter().copied()).collect()
    }

    /// Its items as an agency has them.
    pub fn items(&self, agency: &Agency) -> Vec<Item> {
        match self {
            Self::Home => {
                vec![Item::new(&item::HOME).with("title", &agency.title).with("slogan", &agency.slogan)]
            }
            Self::Links => {
                let links = agency.links.iter();
                links.map(|link| Item::new(&item::LINK).with("label", &link.label).with("href", &link.href)).collect()
            }
            Self::Menu => of_groups(&agency.groups),
            Self::Service(key) => agency.service(key).map_or_else(Vec::new, |service| {
                let title = Item::new(&item::SERVICE).with("title", &service.title);
                [vec![title], of_groups(&service.groups)].concat()
            }),
            Self::Guide(key) => {
                let empty = Item::new(&item::GUIDE);
                vec![agency.guide(key).map_or(empty.clone(), |guide| {
                    empty.with("title", &guide.title).with("text", guide.text.join("\n\n"))
                })]
            }
            Self::Faqs => {
                let item = Item::new(&item::FAQ);
                let faqs = agency.faqs.iter();
                faqs.map(|faq| item.clone().with("question", &faq.question).with("answer", &faq.answer)).collect()
            }
            Self::Contact => {
                let points = agency.contact.iter().map(|point| {
                    let item = Item::new(&item::CONTACT).with("label", &point.label).with("text", &point.text);
                    item.with("href", point.href.clone().unwrap_or_default())
                });
                points.collect()
            }
            Self::Help => {
                let text = |step: &str| agency.help(step).unwrap_or_default().to_owned();
                let item = |step: String| Item::new(&item::HELP).with("text", text(&step)).with("step", step);
                help::steps(agency).into_iter().map(|(step, _)| item(step)).collect()
            }
            Self::Terms | Self::AccessTerms => {
                let terms = if *self == Self::Terms { &agency.terms } else { &agency.access_terms };
                let item = Item::new(&item::TERMS).with("title", &terms.title).with("text", terms.text.join("\n\n"));
                vec![item.with("version", &terms.version)]
            }
            Self::Text(occasion) => vec![of_wording(*occasion, agency)],
        }
    }
}

fn of_groups(groups: &[Group]) -> Vec<Item> {
    groups
        .iter()
        .flat_map(|group| {
            let entries = group.entries.iter().map(|entry| {
                Item::new(&item::ENTRY)
                    .with("label", &entry.label)
                    .with("href", &entry.href)
                    .with("description", &entry.description)
                    .with("maintenance", entry.maintenance.clone().unwrap_or_default())
                    .ticked("highlight", entry.highlight)
                    .ticked("off", entry.off)
            });
            [Item::new(&item::GROUP).with("title", &group.title)].into_iter().chain(entries).collect::<Vec<_>>()
        })
        .collect()
}

fn of_wording(occasion: Occasion, agency: &Agency) -> Item {
    let wording = agency.wording(occasion);
    Item::new(kind_of(occasion))
        .with("subject", wording.subject)
        .with("steps", wording.steps.join("\n"))
        .with("aside", wording.aside)
        .with("text", wording.text.trim_end())
}

fn kind_of(occasion: Occasion) -> &'static Kind {
    match occasion.way() {
        Way::Mail => &item::MAIL,
        Way::Letter => &item::LETTER,
        Way::TextMessage => &item::TEXT_MESSAGE,
    }
}
