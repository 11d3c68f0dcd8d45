//! What the public pages show, all of it the agency's own configuration.

use maud::{Markup, html};

use crate::{
    page::{Crumb, Page, parts},
    words::{
        Agency,
        agency::Terms,
        menu::{Entry, Group, Guide, Service},
    },
};

/// The home page: 8 groups, 26 entries in the first agency's case.
pub fn home(agency: &Agency) -> Page {
    let body = html! {
        div class="hero" { h2 { (agency.title) } p { (agency.slogan) } }
        (parts::help(agency.help("home")))
        (groups(&agency.groups))
    };
    Page::new(agency.portal.clone(), body)
}

/// An audience's page.
pub fn service(agency: &Agency, service: &Service) -> Page {
    let body = html! {
        (parts::help(agency.help(&format!("service/{}", service.key))))
        (groups(&service.groups))
    };
    Page::new(service.title.clone(), body).crumbs(vec![Crumb::new("Home", "/")])
}

/// How a service is reached that is not offered here.
pub fn guide(guide: &Guide) -> Page {
    let body = html! {
        @for paragraph in &guide.text { p class="lines" { (paragraph) } }
        p { a href="/contact" { "Contact Us" } }
    };
    Page::new(guide.title.clone(), body).crumbs(vec![Crumb::new("Home", "/")])
}

/// Frequent questions.
pub fn faqs(agency: &Agency) -> Page {
    let body = html! {
        @for faq in &agency.faqs { section class="card" { h2 { (faq.question) } p class="lines" { (faq.answer) } } }
    };
    Page::new("FAQs", body).crumbs(vec![Crumb::new("Home", "/")])
}

/// How the agency is reached.
pub fn contact(agency: &Agency) -> Page {
    let body = html! {
        @for point in &agency.contact {
            section class="card" {
                h2 { (point.label) }
                p class="lines" { @if let Some(href) = &point.href { a href=(href) { (point.text) } } @else { (point.text) } }
            }
        }
    };
    Page::new("Contact Us", body).crumbs(vec![Crumb::new("Home", "/")])
}

/// Terms that people agree to.
pub fn terms(terms: &Terms) -> Page {
    let body = html! {
        p class="hint" { "Version " (terms.version) }
        (paragraphs(terms))
    };
    Page::new(terms.title.clone(), body).crumbs(vec![Crumb::new("Home", "/")])
}

/// What terms say, numbered.
pub fn paragraphs(terms: &Terms) -> Markup {
    html! { ol { @for paragraph in &terms.text { li { p class="lines" { (paragraph) } } } } }
}

fn groups(groups: &[Group]) -> Markup {
    html! {
        div class="groups" {
            @for group in groups {
                section {
                    h2 { (group.title) }
                    ul { @for entry in group.entries.iter().filter(|entry| !entry.off) { (self::entry(entry)) } }
                }
            }
        }
    }
}

fn entry(entry: &Entry) -> Markup {
    html! {
        li class=[entry.highlight.then_some("highlight")] {
            (parts::link(&entry.label, &entry.href))
            @if !entry.description.is_empty() { span class="entry-note" { (entry.description) } }
            @if let Some(note) = &entry.maintenance { span class="entry-note" { (note) } }
        }
    }
}
