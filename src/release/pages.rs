//! The buttons of what goes to many accounts.

use maud::{Markup, html};

use super::{Act, Releasable, State};
use crate::{page::Frame, session::staff::By};

/// What this employee may do with it now.
pub fn buttons<R: Releasable>(frame: &Frame, it: &R, by: By<'_>) -> Markup {
    let standing = it.standing();
    let acts: Vec<Act> = Act::ALL.into_iter().filter(|act| act.is_possible(&standing, by)).collect();
    html! {
        @if standing.state == State::Unreleased && standing.author == by.id { p { "Another employee, a supervisor, has to release it." } }
        @if !acts.is_empty() {
            div class="bar" {
                @for act in acts {
                    form method="post" action=(format!("{}/{}", it.path(), act.word())) {
                        (frame.form_token())
                        button id=(format!("act-{}", act.word())) class=(class(act)) { (label(act)) }
                    }
                }
            }
        }
    }
}

fn label(act: Act) -> &'static str {
    match act {
        Act::Release => "Release",
        Act::Resume => "Go on",
        Act::Pause => "Pause",
        Act::Cancel => "Stop for good",
    }
}

fn class(act: Act) -> &'static str {
    match act {
        Act::Release | Act::Resume => "button",
        Act::Pause | Act::Cancel => "button second",
    }
}
