//! What the console shows of templates.

use maud::{Markup, html};

use super::{Template, name};
use crate::{
    form::{Faults, Fields},
    mailbox::pages::MARKDOWN,
    page::{
        Crumb, Frame, Page,
        confirm::{Asked, confirm},
        fields::{Filled, Text, long_text, summary_of_faults},
        time,
    },
    session::staff::{By, Clerk},
    words::AccountNumber,
};

const LIST: &str = "/staff/templates";
const FIELDS: &str = "In subject and text, [[Deadline]] is a field that is asked for when the template is used. {name}, {number} and {type} become the account's own.";

/// The form that a filled template goes into.
pub struct Target {
    path: String,
    back: Crumb,
}

impl Target {
    /// The message to many accounts, or to the account that is named: `type/number`.
    pub fn of(text: &str) -> Self {
        let account = text.split_once('/').filter(|(kind, number)| {
            kind.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'-')
                && AccountNumber::parse(number).is_ok()
        });
        match account {
            Some((kind, number)) => {
                let path = format!("/staff/accounts/{kind}/{number}");
                Self { back: Crumb::new(format!("Account {number}"), path.clone()), path }
            }
            None => Self {
                path: "/staff/bulk-posts/new".into(),
                back: Crumb::new("Messages to many accounts", "/staff/bulk-posts"),
            },
        }
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// All templates.
pub fn list(frame: &Frame, templates: &[Template], by: By<'_>) -> Page {
    let may = by.role.may::<Clerk>();
    let body = html! {
        @if may { p { a class="button" href=(format!("{LIST}/new")) { "New template" } } }
        @if templates.is_empty() { p { "There are none yet." } }
        @else {
            table class="stack" {
                caption { "Templates, by name" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Subject" } th scope="col" { "Fields" } th scope="col" { "Changed" } @if may { th scope="col" { "Use" } } } }
                tbody {
                    @for template in templates {
                        tr {
                            th scope="row" { @if may { a href=(format!("{LIST}/{}", template.id)) { (template.name) } } @else { (template.name) } }
                            td data-label="Subject" { (template.subject) }
                            td data-label="Fields" { (template.fields().join(", ")) }
                            td data-label="Changed" { (template.by_name) ", " (time::day(&frame.agency, template.changed)) }
                            @if may { td data-label="Use" { a href=(format!("{LIST}/{}/use", template.id)) { "To many accounts" span class="unseen" { ": " (template.name) } } } }
                        }
                    }
                }
            }
        }
    };
    Page::new("Templates", body).of_console(vec![])
}

/// The form of a template.
pub fn compose(frame: &Frame, template: Option<&Template>, form: Filled<'_>) -> Page {
    let action = template.map_or_else(|| LIST.to_owned(), |template| format!("{LIST}/{}", template.id));
    let body = html! {
        (summary_of_faults(form.faults))
        form method="post" action=(action) novalidate class="card" {
            (frame.form_token())
            (Text::new("name", "Name").hint("What staff call it").show(form))
            (Text::new("subject", "Subject").hint(FIELDS).show(form))
            (long_text("body", "Text", Some(MARKDOWN), true, form))
            div class="bar" {
                a class="button second" href=(LIST) { "Cancel" }
                div class="right" { button class="button" { "Save" } }
            }
        }
        @if let Some(template) = template {
            p { a class="button second" href=(format!("{LIST}/{}/delete", template.id)) { "Delete this template" } }
        }
    };
    let title = template.map_or("New template", |template| &template.name);
    Page::new(title, body).of_console(vec![Crumb::new("Templates", LIST)]).faulty(!form.faults.is_empty())
}

/// Asks before a template is deleted.
pub fn delete(frame: &Frame, template: &Template) -> Page {
    let asked = Asked {
        question: format!("Delete the template “{}”?", template.name),
        sentence: "Messages that were made of it stay as they are.",
        action: format!("{LIST}/{}/delete", template.id),
        label: "Delete it",
        back: LIST,
    };
    confirm(frame, asked).of_console(vec![Crumb::new("Templates", LIST)])
}

/// Asks for a template's fields.
pub fn ask(template: &Template, target: &Target) -> Page {
    let (fields, faults) = <(Fields, Faults)>::default();
    let form = Filled { fields: &fields, faults: &faults };
    let body = html! {
        form method="get" action=(target.path()) class="card" {
            input type="hidden" name="template" value=(template.id);
            @for (index, label) in template.fields().iter().enumerate() { (Text::new(&name(index), label).show(form)) }
            div class="bar" {
                a class="button second" href=(target.back.href) { "Cancel" }
                div class="right" { button class="button" { "Fill in" } }
            }
        }
    };
    Page::new(template.name.clone(), body).of_console(vec![target.back.clone()])
}

/// The templates, offered above a form.
pub fn offer(templates: &[(String, String)], target: &str) -> Markup {
    html! {
        @if !templates.is_empty() {
            details class="tip" {
                summary { "Use a template" }
                ul { @for (id, name) in templates { li { a href=(format!("{LIST}/{id}/use?for={target}")) { (name) } } } }
            }
        }
    }
}
