//! What the wizard's steps show.

use maud::{Markup, html};

use super::{AddAccess, AddAccessStep};
use crate::{
    form::Fields,
    page::{
        Icon,
        fields::{Filled, Text, agree, tick},
        parts,
    },
    wizard::{Pages, View},
};

/// What a step shows besides the draft.
pub struct Sight {
    /// The logon's user ID.
    pub user_id: String,
    /// The logon's own e-mail address, to begin with (R124).
    pub email: String,
    /// Whether a code was taken in already; it is not shown again.
    pub has_code: bool,
}

impl Pages for AddAccess {
    type Sight = Sight;

    fn question(step: AddAccessStep, view: &View<'_, Self>) -> Markup {
        match step {
            AddAccessStep::AuthorizationCode => authorization_code(view),
            AddAccessStep::AccountInfo => account_info(view),
            AddAccessStep::Email => email(view),
            AddAccessStep::ConfirmEmail => confirm_email(view),
            AddAccessStep::Summary => summary(view),
        }
    }
}

fn authorization_code(view: &View<'_, AddAccess>) -> Markup {
    let hint = if view.sight.has_code {
        "A code was taken in. Enter it again only to replace it."
    } else {
        "10 letters and digits, from your e-mail or letter. Blanks do not matter."
    };
    let field = Text::new("code", "Account Authorization Code").hint(hint).class("code").secret();
    let field = if view.sight.has_code { field.optional() } else { field };
    html! {
        (parts::section(Icon::Check, "User Information"))
        (parts::recap(&[("Username", html! { (view.sight.user_id) })]))
        (parts::section(Icon::Lock, "Enter your account authorization code"))
        (field.show(view.form))
    }
}

fn account_info(view: &View<'_, AddAccess>) -> Markup {
    let kind = view.draft.kind.as_deref().and_then(|key| view.frame.agency.account_type(key));
    let label = format!("Enter your {}", kind.map_or("account ID", |kind| kind.id_label.as_str()));
    html! {
        (parts::section(Icon::Check, "Logon Information"))
        (parts::recap(&[("Username", html! { (view.sight.user_id) })]))
        (parts::section(Icon::Pencil, "Enter your account information"))
        (Text::new("number", &label).hint("Dashes and leading zeros may be left out.").digits().show(view.form))
    }
}

fn email(view: &View<'_, AddAccess>) -> Markup {
    let first =
        Fields::default().with("alerts", "yes").with("email", &view.sight.email).with("email-again", &view.sight.email);
    // Before anything was typed the notifications are on, to the logon's own address (G5).
    let untouched = view.form.fields.pairs().next().is_none();
    let form = if untouched { Filled { fields: &first, faults: view.form.faults } } else { view.form };
    html! {
        (parts::section(Icon::Envelope, "Email"))
        (tick("alerts", &html! { "Email for Notifications" }, false, form))
        p class="hint" { "You will be notified via email when new messages are posted to your account(s)." }
        div class="row" {
            (Text::new("email", "Email Address").kind("email").autocomplete("email").show(form))
            (Text::new("email-again", "Confirm Email Address").kind("email").autocomplete("email").show(form))
        }
        (parts::section(Icon::Check, "Access Terms Agreement"))
        (agree("terms", &view.frame.agency.access_terms.version, &html! { "I Agree to the " a href="/terms/access" target="_blank" { "Access Terms & Conditions" span class="unseen" { " (opens in a new tab)" } } }, form))
    }
}

fn confirm_email(view: &View<'_, AddAccess>) -> Markup {
    let proof = view.draft.proof.as_ref();
    html! {
        (parts::section(Icon::Envelope, "Confirm your e-mail address"))
        @if proof.is_some_and(|proof| proof.given) {
            p { (Icon::Check.show()) "The e-mail address is confirmed." }
        } @else {
            p { "A PIN was sent to " @if let Some(proof) = proof { strong { (proof.email) } } ". It lasts 10 minutes. Alerts go to an address only after it was confirmed." }
            (Text::new("pin", "PIN").hint("8 digits").autocomplete("one-time-code").class("code").digits().secret().show(view.form))
        }
    }
}

fn summary(view: &View<'_, AddAccess>) -> Markup {
    let kind = view.draft.account.as_ref().map(|account| account.kind.as_str()).unwrap_or_default();
    let number = view.draft.account.as_ref().map(|account| account.number.to_string()).unwrap_or_default();
    let notification = view.draft.notification.as_ref();
    parts::recap(&[
        ("Username", html! { (view.sight.user_id) }),
        ("Action", html! { "Adding Account Access" }),
        ("Account Type", html! { (view.frame.agency.type_name(kind)) }),
        ("Account Number", html! { (number) }),
        ("E-Mail Address", html! { @if let Some(notification) = notification { (notification.email) } }),
        ("Email for Notifications", html! { (if notification.is_some_and(|one| one.alerts) { "Yes" } else { "No" }) }),
    ])
}
