//! The parts of a wizard's page that are the same for all: stepper, form, buttons (R163, R164).

use maud::{Markup, html};

use super::{Journey, Pages, Step, View};
use crate::{
    page::{Crumb, Frame, Page, fields, parts},
    words::DraftId,
};

/// One step's page. `moved` says that the person just came from another step, so that the focus goes
/// to the step's heading.
pub fn step<W: Pages>(step: W::Step, journey: &Journey<W>, draft: &DraftId, view: &View<'_, W>, moved: bool) -> Page {
    let action = path::<W>(step);
    let last = journey.is_last(step);
    let go = if last { ("submit", W::submit_label()) } else { ("next", "Next >") };
    let body = html! {
        (stepper(step, journey))
        (fields::summary_of_faults(view.form.faults))
        section aria-labelledby="step" {
            h2 id="step" tabindex="-1" data-moved[moved] { (step.label()) }
            (parts::help(view.frame.agency.help(&format!("{}/{}", W::KEY, step.slug()))))
            form method="post" action=(action) novalidate data-hx-post=(action) data-hx-target="#main" data-hx-select="#main"
                data-hx-swap="outerHTML show:top" data-hx-push-url="true" data-hx-sync="this:drop" data-hx-status:422="push:false" data-hx-status:409="push:false"
                data-hx-status:4xx="swap:none push:false" data-hx-status:5xx="swap:none push:false" {
                (view.frame.form_token())
                input type="hidden" name="draft" value=(draft.as_str());
                (W::question(step, view))
                div class="bar" {
                    a class="button second" href=(format!("{}/cancel", W::PATH)) { "Cancel" }
                    div class="right" {
                        // First in the source, so that Enter in a field goes on and not back.
                        button class="button" name="go" value=(go.0) { (go.1) }
                        @for (value, label) in W::extra_buttons(step) {
                            button class="button second" name="go" value=(value) formnovalidate { (label) }
                        }
                        @if journey.before(step).is_some() {
                            button class="button second" name="go" value="previous" formnovalidate { "< Previous" }
                        }
                    }
                }
            }
        }
    };
    Page::new(W::TITLE, body).crumbs(crumbs::<W>()).faulty(!view.form.faults.is_empty())
}

/// The address of a step.
pub fn path<W: Pages>(step: W::Step) -> String {
    format!("{}/{}", W::PATH, step.slug())
}

/// The way back from a wizard.
fn crumbs<W: Pages>() -> Vec<Crumb> {
    match W::LEAVE {
        "/access" => vec![Crumb::new("Account Access Options", "/access")],
        leave => vec![Crumb::new("Home", leave)],
    }
}

/// Sections over steps: what was done is a link, the present step is marked, what comes later shows
/// as it is reached (R83).
fn stepper<W: Pages>(current: W::Step, journey: &Journey<W>) -> Markup {
    html! {
        nav class="stepper" aria-label="Steps" {
            ol {
                @for step in journey.reached() {
                    @let done = journey.is_done(*step);
                    li class=(if *step == current { "current" } else if done { "done" } else { "" })
                        aria-current=[(*step == current).then_some("step")] {
                        span class="section" { (step.section()) }
                        @if *step == current { (step.label()) }
                        @else { a href=(path::<W>(*step)) { (step.label()) @if done { span class="unseen" { " (done)" } } } }
                    }
                }
            }
        }
    }
}

/// Asks before a draft is discarded (R84).
pub fn cancel<W: Pages>(frame: &Frame, back: &str) -> Page {
    let body = html! {
        p { "What you entered here is discarded. Nothing was submitted." }
        form method="post" action=(format!("{}/cancel", W::PATH)) {
            (frame.form_token())
            div class="bar" {
                a class="button second" href=(back) { "Go on with it" }
                div class="right" { button class="button action" { "Discard" } }
            }
        }
    };
    Page::new(format!("Cancel {}?", W::TITLE), body).crumbs(crumbs::<W>())
}

/// What is said over a step that is shown again for another draft than it was opened for.
pub const STALE: &str = "This form was not sent, because you continued in another tab or started over after you opened it. \
    What you typed is still here. Check it, then send it again.";

/// A form was sent whose step can't be shown now. What was typed there stands on the page, to be copied.
pub fn stale<'a, W: Pages>(typed: impl Iterator<Item = (&'a str, &'a str)>) -> Page {
    let mut typed = typed.peekable();
    let body = html! {
        p { "This form was not sent, because you continued in another tab, started over, or left it open for more than two weeks." }
        p { a class="button" href=(W::PATH) { "Continue" } }
        @if typed.peek().is_some() {
            h2 { "What you typed" }
            dl class="recap" { @for (name, value) in typed { dt { (name.replace('-', " ")) } dd { (value) } } }
        }
    };
    Page::new("This page is out of date", body).crumbs(crumbs::<W>())
}
