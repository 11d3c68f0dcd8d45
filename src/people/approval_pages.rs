//! What the console shows of requests for approval.

use maud::{Markup, html};

use super::{Approval, approvals::Requests, pages::path};
use crate::{
    approval,
    page::{Frame, Page, open, time},
    session::staff::{By, Clerk, Supervisor},
};

const LIST: &str = "/staff/approvals";

/// The requests.
pub fn list(frame: &Frame, requests: &Requests, by: By<'_>) -> Page {
    let body = html! {
        (open::stream_for_staff())
        (open::part("approvals", "/staff/live/approvals", &both(frame, requests, by)))
    };
    Page::new("Approvals", body).of_console(vec![])
}

/// Both lists: the part of the page that keeps itself up to date.
pub fn both(frame: &Frame, requests: &Requests, by: By<'_>) -> Markup {
    let ((open, latest), (others, decided)) = (&requests.logons, &requests.others);
    html! {
        @if open.is_empty() && others.is_empty() { p { "Nothing waits for an approval." } }
        (approval::views::cards(frame, others, by))
        @for approval in open {
            section class="card" id=(format!("approval-{}", approval.id)) {
                h2 { (what(frame, approval)) }
                p { (approval.by_name) " asked, " (time::stamp(&frame.agency, approval.created)) ": " (approval.reason) }
                @if approval.by == by.id {
                    p { "Another employee, a supervisor, has to approve it." }
                    @if by.role.may::<Clerk>() { div class="bar" { (button(frame, approval, "withdraw", "Take it back", "button second")) } }
                } @else if by.role.may::<Supervisor>() {
                    div class="bar" {
                        (button(frame, approval, "approve", "Approve", "button"))
                        (button(frame, approval, "refuse", "Refuse", "button second"))
                    }
                }
            }
        }
        (approval::views::decided(frame, decided))
        @if !latest.is_empty() {
            table class="stack" {
                caption { "The latest ones that were decided" }
                thead { tr { th scope="col" { "What" } th scope="col" { "Asked for by" } th scope="col" { "Decided" } } }
                tbody {
                    @for approval in latest {
                        tr {
                            th scope="row" { (what(frame, approval)) }
                            td data-label="Asked for by" { (approval.by_name) ": " (approval.reason) }
                            td data-label="Decided" {
                                (approval.state.label()) " by " (approval.decided_by.as_deref().unwrap_or("nobody"))
                                @if let Some(at) = approval.decided { ", " (time::stamp(&frame.agency, at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn what(frame: &Frame, approval: &Approval) -> Markup {
    html! {
        (approval.act.label()) ": " a href=(path(&approval.logon)) { (approval.user_id.as_deref().unwrap_or("gone")) }
        @if let Some(account) = approval.account() {
            ", " a href=(format!("/staff{}", account.path())) { (frame.agency.type_name(&account.kind)) " " (account.number) }
        }
    }
}

fn button(frame: &Frame, approval: &Approval, act: &str, label: &str, class: &str) -> Markup {
    html! {
        form method="post" action=(format!("{LIST}/{}/{act}", approval.id)) {
            (frame.form_token())
            button id=(format!("{act}-{}", approval.id)) class=(class) { (label) span class="unseen" { ": " (approval.act.label()) ", " (approval.user_id.as_deref().unwrap_or("gone")) } }
        }
    }
}
