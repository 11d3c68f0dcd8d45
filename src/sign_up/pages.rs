//! What the wizard's steps show.

use maud::{Markup, html};

use super::{SignUp, SignUpStep};
use crate::{
    challenge::question::Question,
    logon::{self, Recovery, password, questions},
    page::{
        Icon,
        fields::{Filled, Text, agree, choose_any, required_note, select},
        parts,
    },
    wizard::{Pages, View},
};

/// What a step shows besides the draft.
pub enum Sight {
    /// The verification question.
    Profile(Question),
    /// A user ID to propose.
    Security(String),
}

impl Pages for SignUp {
    type Sight = Sight;

    fn question(step: SignUpStep, view: &View<'_, Self>) -> Markup {
        match step {
            SignUpStep::Profile => profile(view),
            SignUpStep::Security => security(view),
        }
    }

    fn submit_label() -> &'static str {
        "CREATE ACCOUNT"
    }

    fn extra_buttons(step: SignUpStep) -> &'static [(&'static str, &'static str)] {
        match step {
            SignUpStep::Profile => &[("reset", "RESET")],
            SignUpStep::Security => &[],
        }
    }
}

fn profile(view: &View<'_, SignUp>) -> Markup {
    html! {
        p { "Enter your profile information" }
        (required_note())
        (logon::form::show(view.form))
        @if let Sight::Profile(question) = view.sight {
            @if question.answered {
                p { (Icon::Check.show()) "The verification question is answered." }
            } @else {
                (Text::new("verification", &format!("Verification Question: {}", question.sentence())).secret().show(view.form))
            }
        }
        (agree("terms", &view.frame.agency.terms.version, &html! { "I agree to the " a href="/terms" target="_blank" { "terms & conditions" span class="unseen" { " (opens in a new tab)" } } "." }, view.form))
    }
}

fn security(view: &View<'_, SignUp>) -> Markup {
    let suggested = match view.sight {
        Sight::Security(suggested) => suggested.as_str(),
        Sight::Profile(_) => "",
    };
    html! {
        p { "Provide user id and password information to complete your profile" }
        (required_note())
        (user_id(view.form, suggested))
        (parts::tip("Password Guidelines", &html! {
            p { "The list below shows which of the rules your password keeps, while you type." }
        }))
        (new_password(view.form, "/sign-up/guidelines"))
        (parts::tip("Security Options", &html! {
            p { "If you forget your password, you prove who you are by one of these. Security questions are asked together with a PIN sent to your e-mail address." }
        }))
        (recovery(view.frame.offers_texts, view.form))
    }
}

fn user_id(form: Filled<'_>, suggested: &str) -> Markup {
    html! {
        (parts::tip("User ID Guidelines", &html! {
            ul {
                li { "Enter your last name, first initial, and any 4 numbers with no space between them. For Example: John Smith and using 9999 as an example for the four digit number, you would enter smithj9999." }
                li { "User ID cannot contain space." }
            }
        }))
        div data-hx-post="/sign-up/user-id" data-hx-trigger="input delay:400ms" data-hx-target="#user-id-free"
            data-hx-include="closest form" data-hx-sync="this:queue last" data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" {
            (Text::new("user-id", "User ID").hint(&format!("4 to 64 characters. A suggestion: {suggested}")).autocomplete("username").show(form))
        }
        p id="user-id-free" class="hint" role="status" {}
    }
}

/// The fields of a new password with the rules, ticked while it is typed (R79).
pub fn new_password(form: Filled<'_>, check: &str) -> Markup {
    html! {
        div data-hx-post=(check) data-hx-trigger="input delay:300ms" data-hx-target="#password-rules"
            data-hx-include="closest form" data-hx-sync="this:queue last" data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" {
            (Text::new("password", "Password").kind("password").autocomplete("new-password").described_by("password-rules").show(form))
        }
        ul id="password-rules" class="rules" { (password::guidelines("", &password::Context::default())) }
        (Text::new("password-again", "Confirm New Password").kind("password").autocomplete("new-password").show(form))
    }
}

/// The choice of ways to recover a password (R76).
pub fn recovery(offers_texts: bool, form: Filled<'_>) -> Markup {
    let ways: Vec<(&str, &str)> = Recovery::offered(offers_texts).map(|way| (way.word(), way.label())).collect();
    html! {
        (choose_any("recovery", "Security Options: choose your preferred password recovery method(s). Multiple options can be selected.", "", &ways, form))
        @if offers_texts { p class="hint" { "Text messages are less secure than e-mail. Someone who takes over your mobile number can read them." } }
        div class="questions" {
            p class="hint" { "Only if you chose security questions:" }
            @for number in 1..=questions::ASKED {
                (select(&format!("question-{number}"), &format!("Question {number}"), false, &questions::QUESTIONS, form))
                (Text::new(&format!("answer-{number}"), &format!("Answer {number}")).optional().secret().show(form))
            }
        }
    }
}
