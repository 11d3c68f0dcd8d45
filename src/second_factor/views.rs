//! What is shown of second factors, to people and to staff alike.

use maud::{Markup, PreEscaped, html};

use super::{Authenticator, Factors};
use crate::page::{
    Frame, Page,
    fields::{Filled, Text, summary_of_faults},
    time,
};

/// Where the pages of second factors are, for people or for staff.
#[derive(Clone, Copy)]
pub struct Places {
    /// Where one is proved after the password.
    pub prove: &'static str,
    /// Where one is proved again before something risky.
    pub step_up: &'static str,
    /// Where they are added and removed.
    pub manage: &'static str,
    /// The page that leads there.
    pub settings: &'static str,
}

/// For people.
pub const OF_PEOPLE: Places = Places {
    prove: "/sign-in/second-factor",
    step_up: "/sign-in/confirm",
    manage: "/settings/second-factor",
    settings: "/settings",
};

/// For staff.
pub const OF_STAFF: Places = Places {
    prove: "/staff/second-factor",
    step_up: "/staff/confirm",
    manage: "/staff/settings/second-factor",
    settings: "/staff/settings",
};

/// Asks for a second factor. `action` is where it is sent, `back` where it leads.
pub fn prove(frame: &Frame, title: &str, action: &str, back: &str, factors: &Factors, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        @if !factors.passkeys.is_empty() {
            (passkey_form(frame, action, back, "get", "Use a passkey", None))
        }
        @if factors.has_totp || factors.recovery_codes > 0 {
            form method="post" action=(action) novalidate class="card" {
                (frame.form_token())
                input type="hidden" name="back" value=(back);
                (Text::new("code", "Code").hint("6 digits from your authenticator app, or one of your recovery codes").autocomplete("one-time-code").class("code").secret().show(form))
                div class="bar" { div class="right" { button class="button" { "Continue" } } }
            }
        }
    };
    Page::new(title, body).faulty(!form.faults.is_empty())
}

/// Asks for the password again, of somebody who has no second factor.
pub fn password_again(frame: &Frame, title: &str, action: &str, back: &str, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        p { "Enter your password to continue." }
        form method="post" action=(action) novalidate class="card" {
            (frame.form_token())
            input type="hidden" name="back" value=(back);
            (Text::new("password", "Password").kind("password").autocomplete("current-password").show(form))
            div class="bar" { div class="right" { button class="button" { "Continue" } } }
        }
    };
    Page::new(title, body).faulty(!form.faults.is_empty())
}

/// A button that has the browser make or use a passkey; it needs JavaScript, and is not shown without.
fn passkey_form(frame: &Frame, action: &str, back: &str, ceremony: &str, label: &str, name: Option<Markup>) -> Markup {
    html! {
        form method="post" action=(format!("{action}/passkey")) class="card" data-passkey=(ceremony)
            data-passkey-start=(format!("{action}/passkey/start")) hidden {
            (frame.form_token())
            input type="hidden" name="back" value=(back);
            input type="hidden" name="credential" value="";
            @if let Some(name) = name { (name) }
            p class="fault" role="alert" data-passkey-fault hidden { "The passkey could not be used. Try again, or use another way." }
            div class="bar" { div class="right" { button class="button" { (label) } } }
        }
    }
}

/// What somebody has, and what can be added. `must` says that the rest of the portal opens only with one.
pub fn manage(
    frame: &Frame,
    places: Places,
    factors: &Factors,
    can_have_passkeys: bool,
    must: bool,
    form: Filled<'_>,
) -> Page {
    let base = places.manage;
    let body = html! {
        (summary_of_faults(form.faults))
        @if must && !factors.is_any() {
            div class="notice warn" role="status" { p { "Add an authenticator app or a passkey to continue. You will need it each time you sign in." } }
        }
        section class="card" {
            h2 { "Authenticator app" }
            @if factors.has_totp {
                p { "An authenticator app is set up." }
                form method="post" action=(format!("{base}/authenticator/remove")) { (frame.form_token()) button class="button second" { "Remove authenticator app" } }
            } @else {
                p { "An app on your phone shows 6 digits that change every 30 seconds." }
                p { a class="button" href=(format!("{base}/authenticator")) { "Set up an authenticator app" } }
            }
        }
        @if can_have_passkeys {
            section class="card" {
                h2 { "Passkeys" }
                p { "A passkey is kept on your device or security key, and is unlocked with your fingerprint, face or PIN." }
                noscript { p { "Passkeys need JavaScript." } }
                @if !factors.passkeys.is_empty() {
                    ul {
                        @for passkey in &factors.passkeys {
                            li {
                                (passkey.name) ", added " (time::day(&frame.agency, passkey.added))
                                form method="post" action=(format!("{base}/passkey/remove")) {
                                    (frame.form_token())
                                    input type="hidden" name="id" value=(passkey.id);
                                    button class="button second" { "Remove" span class="unseen" { " " (passkey.name) } }
                                }
                            }
                        }
                    }
                }
                (passkey_form(frame, base, "", "create", "Add a passkey", Some(Text::new("name", "Name of the passkey").hint("For example “Office laptop”").show(form))))
            }
        }
        @if factors.is_any() {
            section class="card" {
                h2 { "Recovery codes" }
                p { "You have " (factors.recovery_codes) @if factors.recovery_codes == 1 { " recovery code" } @else { " recovery codes" } " left. Use one when your phone or passkey is not at hand." }
                form method="post" action=(format!("{base}/recovery-codes")) { (frame.form_token()) button class="button second" { "Make new recovery codes" } }
            }
        }
    };
    Page::new("Two-step sign-in", body)
        .crumbs(vec![crate::page::Crumb::new("Settings", places.settings)])
        .faulty(!form.faults.is_empty())
}

/// The authenticator's secret as a QR code and as text, and a field for its first digits.
pub fn authenticator(
    frame: &Frame,
    places: Places,
    app: &Authenticator,
    drawing: Option<String>,
    form: Filled<'_>,
) -> Page {
    let action = format!("{}/authenticator", places.manage);
    let body = html! {
        (summary_of_faults(form.faults))
        ol {
            li { "Open your authenticator app and add an account." }
            li {
                "Scan this code, or type the key."
                @if let Some(drawing) = drawing { div class="qr" role="img" aria-label="QR code with the key" { (PreEscaped(drawing)) } }
                p { "Key: " code class="key" { (app.typed()) } }
            }
            li { "Enter the 6 digits that the app shows." }
        }
        form method="post" action=(action) novalidate class="card" {
            (frame.form_token())
            (Text::new("code", "Code").hint("6 digits").autocomplete("one-time-code").class("code").digits().secret().show(form))
            div class="bar" {
                a class="button second" href=(places.manage) { "Cancel" }
                div class="right" { button class="button" { "Confirm" } }
            }
        }
    };
    Page::new("Set up an authenticator app", body)
        .crumbs(vec![crate::page::Crumb::new("Settings", places.settings)])
        .faulty(!form.faults.is_empty())
}

/// Recovery codes, shown once.
pub fn recovery_codes(places: Places, codes: &[String], next: &str) -> Page {
    let body = html! {
        div class="notice" role="status" { p { "Print or write down these recovery codes and keep them in a safe place. They are shown only now. Each can be used once." } }
        ul class="recovery-codes" { @for code in codes { li { code { (code) } } } }
        div class="bar" {
            button class="button second" type="button" data-print { "Print" }
            div class="right" { a class="button" href=(next) { "I have saved the codes" } }
        }
    };
    Page::new("Recovery codes", body).crumbs(vec![crate::page::Crumb::new("Settings", places.settings)])
}
