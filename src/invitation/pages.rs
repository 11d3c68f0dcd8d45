//! What the console shows of campaigns.

use maud::{Markup, html};

use super::{Campaign, Outcomes};
use crate::{
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, choose_any, summary_of_faults, tick},
        open, parts, time,
    },
    release,
    session::staff::{By, Clerk},
    words::AccountNumber,
};

const LIST: &str = "/staff/campaigns";

/// The path of a campaign.
pub fn path(id: &str) -> String {
    format!("{LIST}/{id}")
}

/// The latest ones, and the form of a new one.
pub fn list(frame: &Frame, campaigns: &[Campaign], by: By<'_>, form: Filled<'_>) -> Page {
    let kinds: Vec<(&str, &str)> =
        frame.agency.account_types.iter().map(|kind| (kind.key.as_str(), kind.name.as_str())).collect();
    let body = html! {
        (summary_of_faults(form.faults))
        p { "An invitation tells how to come online, by e-mail where an address is on record, else by letter. Accounts that somebody has access to, and those that were invited within the last 90 days, get none." }
        @if !campaigns.is_empty() {
            table class="stack" {
                caption { "The latest campaigns, newest first" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "State" } th scope="col" { "Invitations" } th scope="col" { "Written by" } } }
                tbody {
                    @for campaign in campaigns {
                        tr {
                            th scope="row" { a href=(path(&campaign.id)) { (campaign.name) } }
                            td data-label="State" { (campaign.state.label()) }
                            td data-label="Invitations" { (campaign.by_email + campaign.by_letter) }
                            td data-label="Written by" { (campaign.author_name) ", " (time::stamp(&frame.agency, campaign.created)) }
                        }
                    }
                }
            }
            p { a href=(format!("{LIST}/export")) { "All of these as CSV" } }
        }
        @if by.role.may::<Clerk>() {
            section class="card" {
                h2 { "New campaign" }
                form method="post" action=(LIST) novalidate {
                    (frame.form_token())
                    (Text::new("name", "Name").hint("What staff call it").show(form))
                    (choose_any("kinds", "Account types", "columns", &kinds, form))
                    (tick("letters", &html! { "Send a letter where no e-mail address is on record" }, false, form))
                    (Text::new("pace", "At most so many in an hour").class("short").show(form))
                    p class="hint" { "Another employee, a supervisor, has to release it." }
                    button class="button" { "Save" }
                }
            }
        }
    };
    Page::new("Invitations", body).of_console(vec![]).faulty(!form.faults.is_empty())
}

/// One campaign.
pub fn one(frame: &Frame, campaign: &Campaign, outcomes: &Outcomes, by: By<'_>) -> Page {
    let body = html! {
        (open::stream_for_staff())
        (open::part("campaign", &format!("/staff/live/campaigns/{}", campaign.id), &report(frame, campaign, outcomes, by)))
    };
    Page::new(campaign.name.clone(), body).of_console(vec![Crumb::new("Invitations", LIST)])
}

/// Where it stands and what came of it: the part of its page that keeps itself up to date.
pub fn report(frame: &Frame, campaign: &Campaign, outcomes: &Outcomes, by: By<'_>) -> Markup {
    let kinds: Vec<&str> = campaign.kinds.iter().map(|kind| frame.agency.type_name(kind)).collect();
    html! {
        section class="card" {
            (parts::recap(&[
                ("State", html! { (campaign.state.label()) ", since " (time::stamp(&frame.agency, campaign.changed)) }),
                ("Account types", html! { (kinds.join(", ")) }),
                ("Letters", html! { @if campaign.letters { "where no e-mail address is on record" } @else { "none" } }),
                ("Pace", html! { "at most " (campaign.pace) " in an hour" }),
                ("Written by", html! { (campaign.author_name) ", " (time::stamp(&frame.agency, campaign.created)) }),
                ("Released by", html! { (campaign.released_by.as_deref().unwrap_or("nobody yet")) }),
            ]))
            (release::pages::buttons(frame, campaign, by))
        }
        table {
            caption { "What came of it" }
            thead { tr { th scope="col" { "Accounts" } th scope="col" class="money" { "Count" } } }
            tbody {
                @for (label, count) in [
                    ("Gone through", campaign.considered),
                    ("Invited by e-mail", campaign.by_email),
                    ("Invited by letter", campaign.by_letter),
                    ("On their way", outcomes.queued),
                    ("Sent", outcomes.sent),
                    ("Could not be sent", outcomes.failed),
                    ("Came online since", outcomes.accepted),
                ] { tr { th scope="row" { (label) } td class="money" { (count) } } }
            }
        }
        @if !outcomes.unsent.is_empty() {
            table class="stack" {
                caption { "Could not be sent" }
                thead { tr { th scope="col" { "Account" } th scope="col" { "Reason" } } }
                tbody {
                    @for one in &outcomes.unsent {
                        @let number = AccountNumber::parse(&one.number).map_or_else(|_| one.number.clone(), |number| number.to_string());
                        tr {
                            td data-label="Account" { a href=(format!("/staff/accounts/{}/{number}", one.kind)) { (frame.agency.type_name(&one.kind)) " " (number) } }
                            td data-label="Reason" { (one.said) }
                        }
                    }
                }
            }
        }
    }
}
