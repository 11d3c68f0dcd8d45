//! What is shown of staff members.

use maud::{Markup, html};

use crate::{
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, required_note, select, summary_of_faults},
        parts, time,
    },
    second_factor::Factors,
    session::{Listed, Role},
    sign_up,
    staff_member::{StaffStatus, queries::StaffMember},
};

const LIST: &str = "/staff/members";

/// The path of a staff member's page.
pub fn path(id: &str) -> String {
    format!("{LIST}/{id}")
}

fn roles() -> Vec<(&'static str, &'static str)> {
    Role::ALL.map(|role| (role.label(), role.label())).to_vec()
}

/// All of them.
pub fn list(members: &[StaffMember]) -> Page {
    let body = html! {
        p { a class="button" href=(format!("{LIST}/new")) { "Invite a staff member" } }
        table class="stack" {
            caption { "Staff members" }
            thead { tr { th scope="col" { "User ID" } th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Status" } th scope="col" { "Two-step sign-in" } } }
            tbody {
                @for member in members {
                    tr {
                        th scope="row" { a href=(path(&member.id)) { (member.user_id) } }
                        td data-label="Name" { (member.name) }
                        td data-label="Role" { (member.role.label()) }
                        td data-label="Status" { (member.status.label()) }
                        td data-label="Two-step sign-in" { (if member.has_factor { "set up" } else { "not set up" }) }
                    }
                }
            }
        }
    };
    Page::new("Staff", body).of_console(vec![])
}

/// The form of an invitation.
pub fn compose(frame: &Frame, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        (required_note())
        form method="post" action=(LIST) novalidate class="card" {
            (frame.form_token())
            (Text::new("user-id", "User ID").identifier().show(form))
            (Text::new("name", "Name").show(form))
            (Text::new("email", "E-mail address").kind("email").hint("A link to set a password is sent here. It works once, within 72 hours.").show(form))
            (select("role", "Role", true, &roles(), form))
            p class="hint" { "A second administrator must approve a new administrator." }
            div class="bar" {
                a class="button second" href=(LIST) { "Cancel" }
                div class="right" { button class="button" { "Send invitation" } }
            }
        }
    };
    Page::new("Invite a staff member", body).of_console(vec![Crumb::new("Staff", LIST)]).faulty(!form.faults.is_empty())
}

/// What a staff member's page is made from.
pub struct Sheet<'a> {
    /// Who.
    pub member: &'a StaffMember,
    /// How many sessions they have.
    pub sessions: usize,
    /// Whether their sign-in is locked.
    pub locked: bool,
    /// Whether it is the one who looks.
    pub is_me: bool,
}

/// A staff member's page.
pub fn sheet(frame: &Frame, sheet: &Sheet<'_>, form: Filled<'_>) -> Page {
    let member = sheet.member;
    let own = path(&member.id);
    let button = |act: &str, label: &str| {
        html! {
            form method="post" action=(format!("{own}/{act}")) { (frame.form_token()) button class="button second" { (label) } }
        }
    };
    let body = html! {
        (summary_of_faults(form.faults))
        @if sheet.locked { div class="notice warn" role="status" { p { "Sign-in on new devices is locked after wrong passwords." } } }
        section class="card" {
            (parts::recap(&[
                ("User ID", html! { (member.user_id) }),
                ("Name", html! { (member.name) }),
                ("E-mail", html! { (member.email.as_deref().unwrap_or("none")) }),
                ("Role", html! { (member.role.label()) }),
                ("Status", html! { (member.status.label()) }),
                ("Two-step sign-in", html! { (if member.has_factor { "set up" } else { "not set up" }) }),
                ("Open sessions", html! { (sheet.sessions) }),
            ]))
        }
        @if sheet.is_me { p { "This is you. Another administrator can change your role or status." } }
        @else {
            section class="card" {
                h2 { "Role" }
                form method="post" action=(format!("{own}/role")) novalidate {
                    (frame.form_token())
                    (select("role", "New role", true, &roles(), form))
                    button class="button second" { "Change role" }
                }
            }
            section class="card" {
                h2 { "Sign-in" }
                p { "Resetting removes the password and two-step sign-in and sends a new link by e-mail." }
                div class="bar" id="act" {
                    @if sheet.locked { (button("unlock", "Unlock sign-in")) }
                    @if sheet.sessions > 0 { (button("end-sessions", "End all sessions")) }
                    @if member.email.is_some() { (button("reset", "Reset sign-in")) }
                    @if member.status == StaffStatus::Disabled { (button("enable", "Enable")) } @else { (button("disable", "Disable")) }
                }
            }
        }
    };
    Page::new(format!("Staff member {}", member.user_id), body)
        .of_console(vec![Crumb::new("Staff", LIST)])
        .faulty(!form.faults.is_empty())
}

/// One's own settings.
pub fn own(frame: &Frame, user_id: &str, factors: &Factors, sessions: &[Listed], current: &str) -> Page {
    let body = html! {
        section class="card" {
            h2 { "Password" }
            p { "You sign in as " strong { (user_id) } "." }
            p { a href="/staff/settings/password" { "Change password" } }
        }
        section class="card" {
            h2 { "Two-step sign-in" }
            p { @if factors.is_any() { "Two-step sign-in is set up." } @else { "Two-step sign-in is not set up." } }
            p { a href="/staff/settings/second-factor" { "Manage two-step sign-in" } }
        }
        section class="card" {
            h2 { "Sessions" }
            form method="post" action="/staff/settings/sessions" {
                (frame.form_token())
                ul {
                    @for session in sessions {
                        li {
                            @if session.key == current { strong { "This session" } ", " } "since " (time::stamp(&frame.agency, session.began))
                            @if session.key != current {
                                " " button class="plain" name="session" value=(session.key) { "End session" span class="unseen" { " since " (time::in_full(&frame.agency, session.began)) } }
                            }
                        }
                    }
                }
                @if sessions.len() > 1 { button class="button second" { "End other sessions" } }
            }
        }
    };
    Page::new("Your settings", body).of_console(vec![])
}

/// The form of one's own password.
pub fn own_password(frame: &Frame, user_id: &str, form: Filled<'_>) -> Page {
    let fields = html! {
        (Text::new("present", "Your present password").kind("password").autocomplete("current-password").show(form))
        (new_password(user_id, form))
    };
    let page = password_form(frame, "Change password", "/staff/settings/password", "Change password", &fields, form);
    page.of_console(vec![Crumb::new("Your settings", "/staff/settings")])
}

fn new_password(user_id: &str, form: Filled<'_>) -> Markup {
    html! {
        input type="hidden" name="user-id" value=(user_id);
        (sign_up::new_password(form, "/sign-up/guidelines"))
    }
}

fn password_form(frame: &Frame, title: &str, action: &str, label: &str, fields: &Markup, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        form method="post" action=(action) novalidate class="card" {
            (frame.form_token())
            (fields)
            div class="bar" { div class="right" { button class="button" { (label) } } }
        }
    };
    Page::new(title, body).faulty(!form.faults.is_empty())
}

/// The page behind an enrollment link.
pub fn enroll(frame: &Frame, user_id: &str, token: &str, form: Filled<'_>) -> Page {
    let fields = html! {
        p { "Your user ID is " strong { (user_id) } ". Choose a password." }
        (new_password(user_id, form))
    };
    password_form(frame, "Set up your staff sign-in", &format!("/staff/enroll/{token}"), "Set password", &fields, form)
}

/// The page behind a link that is no good.
pub fn no_enrollment() -> Page {
    let body = html! {
        p { "This link has expired or was used. Ask an administrator for a new one." }
        p { a href="/staff/sign-in" { "Staff sign-in" } }
    };
    Page::new("Link not valid", body)
}
