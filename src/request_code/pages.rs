//! What the wizard's steps show.

use maud::{Markup, html};

use super::{RequestCode, RequestCodeStep};
use crate::{
    page::{
        Icon,
        fields::{Text, choose},
        parts,
    },
    wizard::{Pages, View},
};

/// What a step shows besides the draft.
pub struct Sight {
    /// The logon's user ID.
    pub user_id: String,
}

impl Pages for RequestCode {
    type Sight = Sight;

    fn question(step: RequestCodeStep, view: &View<'_, Self>) -> Markup {
        match step {
            RequestCodeStep::AccountType => account_type(view),
            RequestCodeStep::AccountDetails => account_details(view),
            RequestCodeStep::EmailOption => email_option(view),
            RequestCodeStep::Summary => summary(view),
        }
    }
}

fn account_type(view: &View<'_, RequestCode>) -> Markup {
    let types: Vec<(&str, &str)> =
        view.frame.agency.account_types.iter().map(|kind| (kind.key.as_str(), kind.name.as_str())).collect();
    choose("account-type", "Select the type of account you are requesting access for", "columns", &types, view.form)
}

fn account_details(view: &View<'_, RequestCode>) -> Markup {
    let kind = view.draft.kind.as_deref().and_then(|key| view.frame.agency.account_type(key));
    let id_label = kind.map_or("account ID", |kind| kind.id_label.as_str());
    let hint = kind
        .and_then(|kind| kind.example)
        .map(|example| format!("For example {example}. Dashes and leading zeros may be left out."));
    let label = format!("Enter your {id_label}");
    html! {
        (parts::section(Icon::Check, "Logon Information"))
        (parts::recap(&[("Username", html! { (view.sight.user_id) })]))
        (parts::section(Icon::Pencil, "Enter your account information"))
        p { (Icon::Info.show()) "An account authorization code will be mailed or emailed upon submitting this request" }
        (Text::new("number", &label).hint(hint.as_deref().unwrap_or("Dashes and leading zeros may be left out.")).digits().show(view.form))
    }
}

fn email_option(view: &View<'_, RequestCode>) -> Markup {
    let mask = view.draft.account.as_ref().and_then(|found| found.mask.as_deref()).unwrap_or_default();
    html! {
        p { "The email address on record is " strong { (mask) } }
        (choose("by-email", "Would you like to receive your authorization code by email?", "", &[("yes", "Yes"), ("no", "No")], view.form))
        div class="mailing" {
            (parts::section(Icon::Envelope, "Mailing Details"))
            p { "The token will be mailed to the address on record" }
        }
        @if let (Some(by_email), false) = (view.draft.by_email, view.draft.confirmed) {
            div class="notice warn" role="status" {
                h3 { "Confirmation" }
                @if by_email { p { "Your authorization code will be e-mailed to " strong { (mask) } ". Select Next to confirm, or change your answer." } }
                @else { p { "Your authorization code will be mailed in a letter to the address on record. Select Next to confirm, or change your answer." } }
            }
            input type="hidden" name="confirmed" value=(if by_email { "yes" } else { "no" });
        }
    }
}

fn summary(view: &View<'_, RequestCode>) -> Markup {
    let kind = view.draft.kind.as_deref().unwrap_or_default();
    let number = view.draft.account.as_ref().map(|found| found.number.to_string()).unwrap_or_default();
    let by_email = view.draft.by_email == Some(true) && view.draft.confirmed;
    parts::recap(&[
        ("Username", html! { (view.sight.user_id) }),
        ("Action", html! { "Requesting an Account Authorization Code" }),
        ("Account Type", html! { (view.frame.agency.type_name(kind)) }),
        ("Account Number", html! { (number) }),
        ("Notice", html! { strong { (notice(by_email)) } }),
    ])
}

/// What the person is told, by the way they chose (R109).
pub fn notice(by_email: bool) -> &'static str {
    if by_email {
        "The account authorization code necessary for granting you online access will be e-mailed to your address on file."
    } else {
        "The account authorization code necessary for granting you online access will be mailed to your address on file."
    }
}
