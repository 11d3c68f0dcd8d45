//! What the settings show.

use maud::{Markup, html};

use crate::{
    access::{Held, Pace},
    form::Faults,
    logon::{Recovery, queries::Logon},
    mailbox::alert_queries::Troubles,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, summary_of_faults},
        parts, time,
    },
    session::Listed,
    sign_up,
};

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Home", "/springboard"), Crumb::new("Settings", "/settings")]
}

/// What the settings show.
pub struct Seen<'a> {
    /// The person's logon.
    pub logon: &'a Logon,
    /// Their accounts.
    pub accounts: &'a [Held],
    /// Where they could not be reached about them.
    pub troubles: &'a Troubles,
    /// Where they are signed in.
    pub sessions: &'a [Listed],
}

/// All settings at a glance.
pub fn overview(frame: &Frame, seen: &Seen<'_>, current: &str, saved: bool) -> Page {
    let Seen { logon, sessions, .. } = *seen;
    let ways: Vec<&str> = logon.recovery.iter().map(|way: &Recovery| way.label()).collect();
    let body = html! {
        @if saved { (parts::notice(&html! { p { "Your changes were saved." } })) }
        section class="card" {
            h2 { "Profile" }
            (parts::recap(&[
                ("User ID", html! { (logon.user_id) }),
                ("Name", html! { (logon.profile.name()) }),
                ("Email Address", html! { (logon.profile.email) ", " (confirmed(logon.email_confirmed, "email")) }),
                ("Work Phone Number", html! { (logon.profile.work_phone) }),
                ("Mobile Number", html! { @match &logon.profile.mobile { Some(mobile) => { (mobile) @if frame.offers_texts { ", " (confirmed(logon.mobile_confirmed, "mobile")) } }, None => "none" } }),
            ]))
            p { a href="/settings/profile" { "Change profile" } }
        }
        section class="card" {
            h2 { "Password and recovery" }
            p { "Recovery: " (ways.join("; ")) }
            p { a href="/settings/password" { "Change password" } " · " a href="/settings/recovery" { "Change recovery" } " · " a href="/settings/second-factor" { "Two-step sign-in" } }
        }
        section class="card" { h2 { "Notifications" } (notifications(frame, seen)) }
        section class="card" { h2 { "Where you are signed in" } (signed_in(frame, sessions, current)) }
    };
    Page::new("Settings", body).crumbs(vec![Crumb::new("Home", "/springboard")])
}

fn confirmed(is_confirmed: bool, what: &str) -> Markup {
    html! { @if is_confirmed { "confirmed" } @else { "not confirmed. " a href=(format!("/settings/confirm/{what}")) { "Confirm the " (word(what)) } } }
}

/// What is confirmed, as people say it.
fn word(what: &str) -> &'static str {
    if what == "mobile" { "mobile number" } else { "e-mail address" }
}

/// Where an e-mail address or a mobile number is confirmed by a PIN; `sent` names the PIN on its way.
pub fn confirm(frame: &Frame, what: &str, sent: Option<&str>, filled: Filled<'_>) -> Page {
    let action = format!("/settings/confirm/{what}");
    let body = html! {
        (summary_of_faults(filled.faults))
        @match sent {
            None => {
                p { "We send a PIN to the " (word(what)) " of your profile. It lasts 10 minutes." }
                form method="post" action=(format!("{action}/send")) {
                    (frame.form_token())
                    div class="bar" { a class="button second" href="/settings" { "Cancel" } div class="right" { button class="button" { "Send a PIN" } } }
                }
            }
            Some(challenge) => {
                p { "A PIN was sent to the " (word(what)) " of your profile. It lasts 10 minutes." }
                form method="post" action=(action) novalidate {
                    (frame.form_token())
                    input type="hidden" name="challenge" value=(challenge);
                    (Text::new("pin", "PIN").hint("8 digits").autocomplete("one-time-code").class("code").digits().secret().show(filled))
                    div class="bar" { a class="button second" href=(action) { "Send another one" } div class="right" { button class="button" { "Confirm" } } }
                }
            }
        }
    };
    Page::new(format!("Confirm your {}", word(what)), body).crumbs(crumbs()).faulty(!filled.faults.is_empty())
}

fn notifications(frame: &Frame, seen: &Seen<'_>) -> Markup {
    let Seen { logon, accounts, troubles, .. } = *seen;
    html! {
        @if accounts.is_empty() { p { "You have no accounts yet." } }
        @for (at, held) in accounts.iter().enumerate() {
            form method="post" action="/settings/notifications" {
                (frame.form_token())
                input type="hidden" name="kind" value=(held.account.kind);
                input type="hidden" name="number" value=(held.account.number);
                fieldset {
                    legend { (frame.agency.type_name(&held.account.kind)) " " (held.account.number) }
                    p class="hint" { "E-mail to " (held.email) }
                    @if let Some(step) = troubles.get(&held.account).and_then(|history| history.failed().first()) {
                        p class="error" { "We could not reach you there on " (time::day(&frame.agency, step.at)) "." }
                    }
                    @if held.own_address {
                        div class="choice" {
                            input id=(format!("logons-address-{at}")) name="logons-address" type="checkbox" value="yes";
                            label for=(format!("logons-address-{at}")) { "From now on to the address of my profile, " (logon.profile.email) }
                        }
                    }
                    div class="row" {
                        (pick(&format!("pace-{at}"), "pace", "E-mail about new messages", Pace::ALL.map(|pace| (pace.word().to_owned(), pace.label().to_owned())), held.pace.word()))
                        (hour(&format!("quiet-from-{at}"), "quiet-from", "No e-mail from", held.quiet.map(|quiet| quiet.hours().0)))
                        (hour(&format!("quiet-until-{at}"), "quiet-until", "No e-mail until", held.quiet.map(|quiet| quiet.hours().1)))
                    }
                    button class="button second" { "Save" span class="unseen" { " for " (held.account.number) } }
                }
            }
        }
    }
}

fn hour(id: &str, name: &str, label: &str, chosen: Option<u32>) -> Markup {
    let hours = std::iter::once((String::new(), "Any time".to_owned())).chain((0..24).map(|hour| {
        (hour.to_string(), format!("{}:00 {}", (hour + 11) % 12 + 1, if hour < 12 { "a.m." } else { "p.m." }))
    }));
    pick(id, name, label, hours, &chosen.map(|hour| hour.to_string()).unwrap_or_default())
}

fn pick(
    id: &str,
    name: &str,
    label: &str,
    options: impl IntoIterator<Item = (String, String)>,
    chosen: &str,
) -> Markup {
    html! {
        div class="field" {
            label for=(id) { (label) }
            select id=(id) name=(name) {
                @for (value, words) in options { option value=(value) selected[value == chosen] { (words) } }
            }
        }
    }
}

fn signed_in(frame: &Frame, sessions: &[Listed], current: &str) -> Markup {
    html! {
        form method="post" action="/settings/sessions" {
            (frame.form_token())
            ul {
                @for session in sessions {
                    li {
                        @if session.key == current { strong { "This session" } ", " }
                        (browser(&session.agent)) ", since " (time::stamp(&frame.agency, session.began))
                        @if session.key != current {
                            " " button class="plain" name="session" value=(session.key) { "Sign off" span class="unseen" { " the session since " (time::in_full(&frame.agency, session.began)) } }
                        }
                    }
                }
            }
            @if sessions.len() > 1 { button class="button second" { "Sign off all others" } }
        }
    }
}

/// A browser's name for itself, shortened to what people know.
fn browser(agent: &str) -> &str {
    ["Firefox", "Edg", "Chrome", "Safari"].into_iter().find(|name| agent.contains(name)).unwrap_or("another browser")
}

fn form(frame: &Frame, title: &str, action: &str, faults: &Faults, fields: &Markup) -> Page {
    let body = html! {
        (summary_of_faults(faults))
        form method="post" action=(action) novalidate {
            (frame.form_token())
            (fields)
            div class="bar" {
                a class="button second" href="/settings" { "Cancel" }
                div class="right" { button class="button" { "Save" } }
            }
        }
    };
    Page::new(title, body).crumbs(crumbs()).faulty(!faults.is_empty())
}

fn present_password(filled: Filled<'_>) -> Markup {
    Text::new("present", "Your present password").kind("password").autocomplete("current-password").show(filled)
}

/// The profile's form.
pub fn profile(frame: &Frame, filled: Filled<'_>) -> Page {
    let fields = html! { (crate::logon::form::show(filled)) (present_password(filled)) };
    form(frame, "Change profile", "/settings/profile", filled.faults, &fields)
}

/// The password's form.
pub fn password(frame: &Frame, user_id: &str, filled: Filled<'_>) -> Page {
    let fields = html! {
        (present_password(filled))
        input type="hidden" name="user-id" value=(user_id);
        (sign_up::new_password(filled, "/sign-up/guidelines"))
    };
    form(frame, "Change password", "/settings/password", filled.faults, &fields)
}

/// The recovery's form.
pub fn recovery(frame: &Frame, filled: Filled<'_>) -> Page {
    let fields = html! { (sign_up::recovery(frame.offers_texts, filled)) (present_password(filled)) };
    form(frame, "Change recovery", "/settings/recovery", filled.faults, &fields)
}
