//! The frame that every page shares: header, title bar, menu, crumbs, footer (R1–R5).

use std::sync::Arc;

use maud::{DOCTYPE, Markup, html};

use super::{Icon, assets, parts};
use crate::words::Agency;

/// htmx's settings: no style of its own beside the strict content policy, and Back loads a page anew,
/// so that no private page is kept in the browser's storage.
const HTMX: &str = r#"{"includeIndicatorCSS":false,"history":"reload","extensions":"sse"}"#;

/// Who is signed in, as the header shows it (R5).
#[derive(Clone, Debug)]
pub enum Signed {
    /// Nobody.
    Out,
    /// A person, by user ID.
    Person(String),
    /// An employee, by user ID.
    Staff {
        /// The user ID.
        user_id: String,
        /// What this employee may open.
        menu: Vec<(&'static str, &'static str)>,
    },
}

/// What the shell needs to know about the request.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Whose portal it is.
    pub agency: Arc<Agency>,
    /// Who is signed in.
    pub signed: Signed,
    /// The token that every form must carry.
    pub token: String,
    /// Where the page is.
    pub path: String,
    /// Whether htmx asked, who keeps the shell and wants the page's main part.
    pub partial: bool,
    /// Whether to say that this is a demo.
    pub demo: bool,
    /// Whether text messages are offered.
    pub offers_texts: bool,
    /// What was just done.
    pub done: Option<&'static str>,
}

/// A step of the way back: a label and the page it leads to.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Crumb {
    /// A crumb.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }

    /// The first page of the console.
    pub fn of_console() -> Self {
        Self::new("Find an account", "/staff")
    }
}

/// A page to show in the frame.
pub struct Page {
    /// Its heading, and with the agency's name its title.
    pub title: String,
    /// The way back to it, without itself (R4).
    pub crumbs: Vec<Crumb>,
    /// Whether its form came back with faults, which its title says first.
    pub faulty: bool,
    /// Its main part.
    pub body: Markup,
}

impl Page {
    /// A page without crumbs.
    pub fn new(title: impl Into<String>, body: Markup) -> Self {
        Self { title: title.into(), crumbs: Vec::new(), faulty: false, body }
    }

    /// The way back to it.
    pub fn crumbs(mut self, crumbs: Vec<Crumb>) -> Self {
        self.crumbs = crumbs;
        self
    }

    /// The way back to it from the console's first page, through these.
    pub fn of_console(self, way: Vec<Crumb>) -> Self {
        self.crumbs([vec![Crumb::of_console()], way].concat())
    }

    /// A form that came back with faults, or did not.
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }
}

impl Frame {
    /// The page in the frame; for htmx its title and main part only.
    pub fn show(&self, page: &Page) -> Markup {
        let title = format!("{}{} | {}", if page.faulty { "Error: " } else { "" }, page.title, self.agency.name);
        let main = html! { main id="main" class="inner" tabindex="-1" { (trouble()) (done(self.done)) (page.body) } };
        if self.partial {
            return html! { title { (title) } (main) };
        }
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="htmx-config" content=(HTMX);
                    title { (title) }
                    link rel="icon" type="image/svg+xml" href=(assets::path("icon.svg"));
                    link rel="stylesheet" href=(assets::path("portal.css"));
                    @if !self.agency.theme.is_empty() { link rel="stylesheet" href="/theme.css"; }
                    script src=(assets::path("portal.js")) defer {}
                }
                body {
                    a class="skip" href="#main" { "Skip to main content" }
                    header {
                        (self.head())
                        @if self.demo { (demo_line()) }
                        (self.title_bar(&page.title))
                        (self.idle_notice())
                    }
                    (self.trail(page))
                    (main)
                    footer class="foot" { div class="inner" { (self.agency.name) " · " (self.agency.portal) } }
                }
            }
        }
    }

    /// The hidden field that every form carries (R7).
    pub fn form_token(&self) -> Markup {
        html! { input type="hidden" name="token" value=(self.token); }
    }

    fn head(&self) -> Markup {
        html! {
            div class="head" {
                div class="inner" {
                    a class="agency" href="/" { img src=(self.logo()) alt=""; (self.agency.name) }
                    nav aria-label="Agency" {
                        ul class="links" { @for link in &self.agency.links { li { (parts::link(&link.label, &link.href)) } } }
                    }
                }
            }
        }
    }

    fn logo(&self) -> &'static str {
        if self.agency.logo.is_some() { "/logo.svg" } else { assets::path("icon.svg") }
    }

    fn title_bar(&self, title: &str) -> Markup {
        html! {
            div class="titlebar" {
                div class="inner" {
                    details class="drawer" {
                        summary { (Icon::Bars.show()) (self.agency.portal) span class="unseen" { " menu" } }
                        nav aria-label="Portal" { ul { @for (label, href) in self.menu() { li { a href=(href) { (label) } } } } }
                    }
                    h1 { (title) }
                    (self.who())
                }
            }
            (self.console())
        }
    }

    /// The console's menu, always there: staff go back and forth all day.
    fn console(&self) -> Markup {
        html! {
            @if let Signed::Staff { menu, .. } = &self.signed {
                nav class="console no-print" aria-label="Console" {
                    ul class="inner" { @for (label, href) in menu { li { a href=(href) aria-current=[self.is_within(href)] { (label) } } } }
                }
            }
        }
    }

    /// The word for a screen reader if the page is this one, or behind it.
    fn is_within(&self, href: &str) -> Option<&'static str> {
        let behind = self.path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/') && href != "/staff");
        if self.path == href {
            Some("page")
        } else if behind || href == "/staff" && self.path.starts_with("/staff/accounts/") {
            Some("true")
        } else {
            None
        }
    }

    fn menu(&self) -> &'static [(&'static str, &'static str)] {
        match &self.signed {
            Signed::Out => &[
                ("Home", "/"),
                ("Sign in", "/sign-in"),
                ("Sign up", "/sign-up"),
                ("FAQs", "/faqs"),
                ("Contact Us", "/contact"),
            ],
            Signed::Person(_) => &[
                ("Springboard", "/springboard"),
                ("Submissions", "/springboard/submissions"),
                ("Correspondence", "/springboard/correspondence"),
                ("Account Access Options", "/access"),
                ("Settings", "/settings"),
                ("Public home", "/"),
            ],
            Signed::Staff { .. } => &[("Public home", "/"), ("FAQs", "/faqs"), ("Contact Us", "/contact")],
        }
    }

    fn who(&self) -> Markup {
        let (user_id, leave, settings) = match &self.signed {
            Signed::Out => return html! {},
            Signed::Person(user_id) => (user_id, "/sign-out", "/settings"),
            Signed::Staff { user_id, .. } => (user_id, "/staff/sign-out", "/staff/settings"),
        };
        html! {
            div class="who" {
                span { "Welcome, " (user_id) }
                a href=(settings) { (Icon::Sliders.show()) "Settings" }
                form method="post" action=(leave) {
                    (self.form_token())
                    button class="plain" { (Icon::Door.show()) "Log Off" }
                }
            }
        }
    }

    fn trail(&self, page: &Page) -> Markup {
        html! {
            @if !page.crumbs.is_empty() {
                nav class="crumbs inner" aria-label="Breadcrumb" {
                    ol {
                        @for crumb in &page.crumbs { li { a href=(crumb.href) { (crumb.label) } } }
                        li { span aria-current="page" { (page.title) } }
                    }
                }
            }
        }
    }

    /// Where the warning appears before a session ends for idleness.
    fn idle_notice(&self) -> Markup {
        html! {
            @if let Signed::Person(_) = self.signed {
                div id="idle" class="inner" data-hx-get="/session/notice" data-hx-trigger="load delay:60s" data-hx-swap="innerHTML"
                    data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" {}
            }
        }
    }
}

fn demo_line() -> Markup {
    html! {
        div class="demo" {
            div class="inner" {
                p { strong { "Demo. " } "Nothing here is real. Mail and letters are in the " a href="/outbox" { "outbox" } "; staff sign in " a href="/staff" { "here" } "." }
            }
        }
    }
}

/// Word of what was just done.
fn done(sentence: Option<&str>) -> Markup {
    html! { @if let Some(sentence) = sentence { div class="notice no-print" role="status" { p { (sentence) } } } }
}

/// Shown by the page's script when an answer did not come; without the script nobody sees it.
fn trouble() -> Markup {
    html! {
        div id="trouble" class="notice warn" role="alert" hidden {
            p { "The portal did not answer as it should. What you typed is still here: please try again in a moment." }
        }
    }
}
