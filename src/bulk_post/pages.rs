//! What the console shows of bulk posts.

use maud::{Markup, html};

use super::{Addressee, BulkPost, filled, form::Typed};
use crate::{
    form::Fields,
    mailbox::pages::MARKDOWN,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, choose_some, kept, long_text, select_or, summary_of_faults},
        open, parts, time,
    },
    release,
    session::staff::{By, Clerk},
    template,
    words::BulkPostId,
};

const LIST: &str = "/staff/bulk-posts";
const PLACES: &str = "In subject and text, {name}, {number} and {type} become each account's own.";

/// The path of a bulk post.
pub fn path(id: &str) -> String {
    format!("{LIST}/{id}")
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Messages to many accounts", LIST)]
}

/// The latest ones.
pub fn list(frame: &Frame, posts: &[BulkPost], by: By<'_>) -> Page {
    let body = html! {
        @if by.role.may::<Clerk>() { p { a class="button" href=(format!("{LIST}/new")) { "New message to many accounts" } } }
        p { a href="/staff/bulk-posts/export" { "All of these as CSV" } " · " a href="/staff/audiences" { "Saved filters" } " · " a href="/staff/templates" { "Templates" } }
        @if posts.is_empty() { p { "There are none yet." } }
        @else {
            table class="stack" {
                caption { "The latest ones, newest first" }
                thead { tr { th scope="col" { "Subject" } th scope="col" { "To" } th scope="col" { "By" } th scope="col" { "State" } } }
                tbody {
                    @for post in posts {
                        tr {
                            th scope="row" { a href=(path(&post.id)) { (post.subject) } }
                            td data-label="To" { (frame.agency.type_name(&post.kind)) ", " (post.total) }
                            td data-label="By" { (post.author_name) ", " (time::stamp(&frame.agency, post.created)) }
                            td data-label="State" { (post.state.label()) ", " (post.posted) " of " (post.total) }
                        }
                    }
                }
            }
        }
    };
    Page::new("Messages to many accounts", body).of_console(vec![])
}

/// What the form of a new one offers.
pub struct Offer {
    /// Saved filters: id and name.
    pub audiences: Vec<(String, String)>,
    /// Templates: id and name.
    pub templates: Vec<(String, String)>,
}

/// What is shown before it is posted.
pub struct Preview<'a> {
    /// The first account that it is for.
    pub first: &'a Addressee,
    /// How many accounts it is for.
    pub total: i64,
    /// Whether a second employee has to release it.
    pub needs_release: bool,
    /// What was typed.
    pub typed: &'a Typed,
    /// Its text, as the first account's holders will see it.
    pub body: Markup,
    /// What proves that this very message was shown.
    pub seen: String,
}

/// Asks whether to post what is shown. Nothing can be changed here, so that nobody posts what was not seen.
pub fn check(frame: &Frame, id: &BulkPostId, preview: &Preview<'_>, fields: &Fields) -> Page {
    let total = preview.total;
    let body = html! {
        (shown(frame, preview))
        form method="post" action=(LIST) class="card" {
            (frame.form_token())
            input type="hidden" name="id" value=(id.as_str());
            (kept(fields, &FIELDS))
            input type="hidden" name="seen" value=(preview.seen);
            p { "Post this message to " (total) @if total == 1 { " account?" } @else { " accounts?" } }
            div class="bar" {
                button class="button second" name="go" value="change" { "Change message" }
                div class="right" { button class="button" name="go" value="post" { "Post message" } }
            }
        }
    };
    Page::new("Check the message", body).of_console(crumbs())
}

/// What the form of a message asks for.
pub const FIELDS: [&str; 9] =
    ["audience", "kind", "numbers", "subject", "body", "answer-by", "confirm-by", "remind", "due"];

/// The form of a new one.
pub fn compose(frame: &Frame, id: &BulkPostId, offer: &Offer, form: Filled<'_>) -> Page {
    let audiences: Vec<(&str, &str)> = offer.audiences.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let kinds: Vec<(&str, &str)> =
        frame.agency.account_types.iter().map(|one| (one.key.as_str(), one.name.as_str())).collect();
    let body = html! {
        (summary_of_faults(form.faults))
        (template::pages::offer(&offer.templates, "many"))
        form method="post" action=(LIST) novalidate class="card" {
            (frame.form_token())
            input type="hidden" name="id" value=(id.as_str());
            @if !audiences.is_empty() { (select_or("audience", "Saved filter", (false, "None"), &audiences, form)) }
            (select_or("kind", "Account type", (audiences.is_empty(), if audiences.is_empty() { "Select one" } else { "As the filter says" }), &kinds, form))
            (long_text("numbers", "Only these account numbers", Some("Separated by spaces, commas or lines. Empty means all accounts of the type."), false, form))
            (Text::new("subject", "Subject").hint(PLACES).show(form))
            (long_text("body", "Text", Some(MARKDOWN), true, form))
            (Text::new("answer-by", "Answer by").kind("date").optional().hint("The day until which an answer is asked for, if one is.").show(form))
            (Text::new("confirm-by", "Confirm by").kind("date").optional().hint("Makes the message a notice: everyone with access is asked to confirm by this day that they have read it.").show(form))
            (choose_some("remind", "Remind who has not confirmed", "choices", &[("7", "7 days before"), ("3", "3 days before"), ("1", "1 day before")], form))
            (Text::new("due", "Post on").kind("datetime-local").optional().hint("The agency's time. Empty means now.").show(form))
            div class="bar" {
                a class="button second" href=(LIST) { "Cancel" }
                // The first button is what Enter presses.
                div class="right in-order" { button class="button" name="go" value="preview" { "Preview" } }
            }
        }
    };
    Page::new("New message to many accounts", body).of_console(crumbs()).faulty(!form.faults.is_empty())
}

fn shown(frame: &Frame, preview: &Preview<'_>) -> Markup {
    let (typed, agency) = (preview.typed, &frame.agency);
    let fill = |text: &str| filled(text, agency, &typed.kind, preview.first);
    html! {
        div class="notice warn" role="status" {
            p {
                "Nothing was posted yet. It is for " (preview.total) @if preview.total == 1 { " account" } @else { " accounts" }
                "; this is how " (preview.first.name) " will see it."
                @if preview.needs_release { " A second employee has to release it." }
            }
        }
        section class="card" {
            h2 { (fill(&typed.subject)) }
            div class="message-text" data-hx-ignore { (preview.body) }
        }
    }
}

/// One of them; `body` is its text as it is shown.
pub fn one(frame: &Frame, post: &BulkPost, body: &Markup, by: By<'_>) -> Page {
    let day = |at| time::day(&frame.agency, at);
    let shown = html! {
        (open::stream_for_staff())
        (open::part("progress", &format!("/staff/live/bulk-posts/{}", post.id), &progress(frame, post, by)))
        section class="card" {
            (parts::recap(&[
                ("To", html! {
                    (frame.agency.type_name(&post.kind)) ", "
                    @match (&post.numbers, &post.filter) {
                        (None, _) => "all accounts",
                        (Some(numbers), None) => { (numbers.len()) " accounts of a list" },
                        (Some(numbers), Some(filter)) => { (numbers.len()) " accounts, by the saved filter “" (filter) "”" },
                    }
                }),
                ("Written", html! { (post.author_name) ", " (time::stamp(&frame.agency, post.created)) }),
                ("Post on", html! { @match post.due { Some(due) => (time::stamp(&frame.agency, due)), None => "at once" } }),
                ("Answer by", html! { @match post.answer_by { Some(by) => (day(by)), None => "no answer is asked for" } }),
                ("Confirm by", html! { @match post.confirm_by { Some(by) => (day(by)), None => "no notice" } }),
            ]))
            h2 { (post.subject) }
            div class="message-text" data-hx-ignore { (body) }
        }
    };
    Page::new(post.subject.clone(), shown).of_console(crumbs())
}

/// Where it stands, and what may be done with it: the part of its page that keeps itself up to date.
pub fn progress(frame: &Frame, post: &BulkPost, by: By<'_>) -> Markup {
    html! {
        section class="card" {
            h2 { "Progress" }
            p {
                (post.posted) " of " (post.total) " accounts, " (post.state.label()) " since " (time::stamp(&frame.agency, post.changed)) "."
                @if let Some(released_by) = &post.released_by { " Released by " (released_by) "." }
            }
            progress value=(post.posted) max=(post.total.max(1)) aria-label="Accounts that have the message" { (post.posted) " of " (post.total) }
            (release::pages::buttons(frame, post, by))
        }
    }
}
