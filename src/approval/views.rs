//! What the console shows of requests.

use maud::{Markup, html};

use super::ActionRequest;
use crate::{
    page::{Frame, time},
    session::staff::By,
};

/// Requests that nobody decided yet, with what this staff member may do.
pub fn cards(frame: &Frame, requests: &[ActionRequest], by: By<'_>) -> Markup {
    html! {
        @for request in requests {
            section class="card" id=(format!("request-{}", request.id)) {
                h2 { (request.action.label()) ": " (request.summary) }
                p { "Requested by " (request.asked_by_name) ", " (time::stamp(&frame.agency, request.created)) @if !request.reason.is_empty() { ": " (request.reason) } }
                @if request.asked_by == by.id {
                    p { "Another staff member must approve this request." }
                    div class="bar" { (button(frame, request, &format!("/staff/requests/{}/withdraw", request.id), "Withdraw request", "button second")) }
                } @else if request.may_be_decided_by(by) {
                    div class="bar" {
                        (button(frame, request, &format!("{}/{}/approve", request.action.base(), request.id), "Approve", "button"))
                        (button(frame, request, &format!("/staff/requests/{}/refuse", request.id), "Refuse", "button second"))
                    }
                }
            }
        }
    }
}

/// The latest ones that were decided.
pub fn decided(frame: &Frame, requests: &[ActionRequest]) -> Markup {
    html! {
        @if !requests.is_empty() {
            table class="stack" {
                caption { "Latest decisions" }
                thead { tr { th scope="col" { "Request" } th scope="col" { "Requested by" } th scope="col" { "Decision" } } }
                tbody {
                    @for request in requests {
                        tr {
                            th scope="row" { (request.action.label()) ": " (request.summary) }
                            td data-label="Requested by" { (request.asked_by_name) }
                            td data-label="Decision" {
                                (request.state) " by " (request.decided_by_name.as_deref().unwrap_or_default())
                                @if let Some(at) = request.decided { ", " (time::stamp(&frame.agency, at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn button(frame: &Frame, request: &ActionRequest, action: &str, label: &str, class: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (frame.form_token())
            button class=(class) { (label) span class="unseen" { ": " (request.action.label()) ", " (request.summary) } }
        }
    }
}
