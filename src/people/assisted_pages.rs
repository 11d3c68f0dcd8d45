//! What a person sees who has a recovery letter.

use maud::html;

use crate::{
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, required_note, summary_of_faults},
    },
    sign_up,
};

/// The form.
pub fn ask(frame: &Frame, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        (required_note())
        p { "For whom we sent a letter with a recovery code. If you have none, " a href="/recover/password" { "recover your password" } " or " a href="/contact" { "contact us" } "." }
        p { "Using the code also turns off two-step sign-in. You can set it up again in Settings." }
        form method="post" action="/recover/letter" novalidate class="card" {
            (frame.form_token())
            (Text::new("user-id", "User ID").autocomplete("username").show(form))
            (Text::new("code", "Recovery code").class("code").hint("10 letters and digits, from the letter").secret().show(form))
            (sign_up::new_password(form, "/sign-up/guidelines"))
            div class="bar" { a class="button second" href="/sign-in" { "Cancel" } div class="right" { button class="button" { "Set the password" } } }
        }
    };
    Page::new("Recover with a letter", body).crumbs(vec![Crumb::new("Home", "/")]).faulty(!form.faults.is_empty())
}
