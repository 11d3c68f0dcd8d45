//! What the wizard's steps show.

use maud::{Markup, html};

use super::{Recover, RecoverStep};
use crate::{
    logon::{Recovery, questions},
    page::{
        Frame, Page,
        fields::{Filled, Text, choose, summary_of_faults},
        parts,
    },
    sign_up,
    wizard::{Pages, View},
};

/// What a step shows besides the draft.
#[derive(Default)]
pub struct Sight {
    /// The ways that may be chosen.
    pub ways: Vec<Recovery>,
    /// The questions to answer, by key.
    pub questions: Vec<String>,
}

impl Pages for Recover {
    type Sight = Sight;

    fn question(step: RecoverStep, view: &View<'_, Self>) -> Markup {
        match step {
            RecoverStep::UserId => Text::new("user-id", "User ID").autocomplete("username").show(view.form),
            RecoverStep::Method => method(view),
            RecoverStep::Proof => proof(view),
            RecoverStep::NewPassword => new_password(view),
        }
    }

    fn submit_label() -> &'static str {
        "Change password"
    }
}

fn method(view: &View<'_, Recover>) -> Markup {
    let ways: Vec<(&str, &str)> = view.sight.ways.iter().map(|way| (way.word(), way.label())).collect();
    html! {
        p { "How do you want to prove that the user ID is yours? These are the methods that were chosen at sign-up." }
        (choose("method", "Recovery method", "", &ways, view.form))
    }
}

fn proof(view: &View<'_, Recover>) -> Markup {
    let place = if view.draft.method == Some(Recovery::Text) {
        "in a text message to the mobile number"
    } else {
        "by e-mail to the address"
    };
    html! {
        p { "If the user ID exists, a PIN was sent " (place) " of its profile. It lasts 10 minutes." }
        (Text::new("pin", "PIN").hint("8 digits").autocomplete("one-time-code").class("code").digits().secret().show(view.form))
        @for (index, key) in view.sight.questions.iter().enumerate() {
            (Text::new(&format!("answer-{}", index + 1), questions::question(key).unwrap_or("Your answer")).secret().show(view.form))
        }
    }
}

fn new_password(view: &View<'_, Recover>) -> Markup {
    html! {
        input type="hidden" name="user-id" value=(view.draft.user_id.as_deref().unwrap_or_default());
        (sign_up::new_password(view.form, "/sign-up/guidelines"))
    }
}

/// Where a forgotten user ID is asked for.
pub fn user_id(frame: &Frame, sent: bool, form: Filled<'_>) -> Page {
    let body = html! {
        @if sent { (parts::notice(&html! { p { "If logons belong to this address, their user IDs are on their way to it." } p { a href="/sign-in" { "Sign in" } } })) }
        @else {
            (summary_of_faults(form.faults))
            p { "We send the user IDs that belong to an e-mail address to that address." }
            form method="post" action="/recover/user-id" novalidate {
                (frame.form_token())
                (Text::new("email", "Email Address").kind("email").autocomplete("email").show(form))
                div class="bar" { a class="button second" href="/sign-in" { "Cancel" } div class="right" { button class="button" { "Send" } } }
            }
        }
    };
    Page::new("Forgot your User ID?", body).faulty(!form.faults.is_empty())
}
