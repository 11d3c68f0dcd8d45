//! The sign-in page (R47–R53, R161), for people and for staff.

use maud::{Markup, html};

use super::Kind;
use crate::page::{
    Frame, Page,
    fields::{Filled, Text, summary_of_faults},
    parts,
};

/// The sign-in page. `hint` is the account type that the person came for, `back` the page to return
/// to, `news` what was just done.
pub fn sign_in(frame: &Frame, kind: Kind, hint: &str, back: &str, news: Option<&str>, form: Filled<'_>) -> Page {
    match kind {
        Kind::Person => person(frame, hint, back, news, form),
        Kind::Staff => staff(frame, form),
    }
}

fn person(frame: &Frame, hint: &str, back: &str, news: Option<&str>, form: Filled<'_>) -> Page {
    let agency = &frame.agency;
    let audience = agency.account_type(hint).map(|kind| format!(" as a {}", kind.name));
    let body = html! {
        @if let Some(news) = news { (parts::notice(&html! { p { (news) } })) } @else { (parts::help(agency.help("sign-in"))) }
        div class="logon" {
            div class="system" { h2 { (agency.logon_system) } }
            div class="entry" {
                (summary_of_faults(form.faults))
                @if let Some(audience) = &audience { p { "Sign in" (audience) "." } }
                form method="post" action="/sign-in" novalidate {
                    (frame.form_token())
                    input type="hidden" name="for" value=(hint);
                    input type="hidden" name="back" value=(back);
                    (entry(form, "LOGIN"))
                }
                hr;
                p { "Don't have an account?" }
                a class="button second" href="/sign-up" { "SIGN UP" }
                ul class="ways" {
                    li { a href="/recover/user-id" { "Forgot your User ID?" } }
                    li { a href="/contact" { "Need Help?" } }
                    li { a href="/recover/password" { "Forgot your password?" } }
                }
            }
        }
    };
    Page::new("Sign in", body).faulty(!form.faults.is_empty())
}

fn staff(frame: &Frame, form: Filled<'_>) -> Page {
    let body = html! {
        div class="logon" {
            div class="system" { h2 { "Staff" } }
            div class="entry" {
                (summary_of_faults(form.faults))
                form method="post" action="/staff/sign-in" novalidate { (frame.form_token()) (entry(form, "LOGIN")) }
            }
        }
    };
    Page::new("Staff sign-in", body).faulty(!form.faults.is_empty())
}

fn entry(form: Filled<'_>, button: &str) -> Markup {
    html! {
        (Text::new("user-id", "User ID").autocomplete("username").show(form))
        (Text::new("password", "Password").kind("password").autocomplete("current-password").show(form))
        button class="button action" { (button) }
    }
}
