//! What the console shows of saved filters.

use maud::html;

use super::audience::Audience;
use crate::{
    page::{
        Crumb, Frame, Page,
        confirm::{Asked, confirm},
        fields::{Filled, Text, select, summary_of_faults},
    },
    session::staff::{By, Clerk},
};

const LIST: &str = "/staff/audiences";

/// What a filter takes, in words.
pub fn sentence(frame: &Frame, audience: &Audience) -> String {
    let mut words = vec![frame.agency.type_name(&audience.kind).to_owned()];
    if !audience.zip.is_empty() {
        words.push(format!("ZIP code {}…", audience.zip));
    }
    words.extend(audience.owes.map(|owes| if owes { "owing money" } else { "owing nothing" }.to_owned()));
    words.extend(audience.has_access.map(|has| if has { "with access" } else { "without access" }.to_owned()));
    words.join(", ")
}

/// Asks before a filter is deleted.
pub fn delete(frame: &Frame, audience: &Audience) -> Page {
    let asked = Asked {
        question: format!("Delete the filter “{}”?", audience.name),
        sentence: "Messages that were posted to its accounts stay.",
        action: format!("{LIST}/{}/delete", audience.id),
        label: "Delete it",
        back: LIST,
    };
    confirm(frame, asked).of_console(vec![Crumb::new("Saved filters", LIST)])
}

/// All filters, and the form of a new one.
pub fn list(frame: &Frame, audiences: &[Audience], by: By<'_>, form: Filled<'_>) -> Page {
    let may = by.role.may::<Clerk>();
    let kinds: Vec<(&str, &str)> =
        frame.agency.account_types.iter().map(|kind| (kind.key.as_str(), kind.name.as_str())).collect();
    let body = html! {
        (summary_of_faults(form.faults))
        @if audiences.is_empty() { p { "There are none yet." } }
        @else {
            table class="stack" {
                caption { "Saved filters, by name" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Accounts" } th scope="col" { "Saved by" } @if may { th scope="col" { "Delete" } } } }
                tbody {
                    @for audience in audiences {
                        tr {
                            th scope="row" { (audience.name) }
                            td data-label="Accounts" { (sentence(frame, audience)) }
                            td data-label="Saved by" { (audience.by_name) }
                            @if may {
                                td data-label="Delete" {
                                    a href=(format!("{LIST}/{}/delete", audience.id)) { "Delete" span class="unseen" { ": " (audience.name) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if may {
            section class="card" {
                h2 { "New filter" }
                form method="post" action=(LIST) novalidate {
                    (frame.form_token())
                    (Text::new("name", "Name").hint("What staff call it").show(form))
                    (select("kind", "Account type", true, &kinds, form))
                    (Text::new("zip", "ZIP code begins with").class("short").digits().optional().show(form))
                    (select("owes", "Balance", false, &[("yes", "Owes money"), ("no", "Owes nothing")], form))
                    (select("has-access", "Access", false, &[("yes", "Somebody has access"), ("no", "Nobody has access")], form))
                    button class="button" { "Save" }
                }
            }
        }
    };
    Page::new("Saved filters", body)
        .of_console(vec![Crumb::new("Messages to many accounts", "/staff/bulk-posts")])
        .faulty(!form.faults.is_empty())
}
