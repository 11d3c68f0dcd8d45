//! The way of something that is sent: steps that have come, and those that will.

use maud::{Markup, html};

use super::{Icon, time};
use crate::words::{Agency, Moment};

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is.
    pub label: &'static str,
    /// When it was, or will be; nothing for what is not known.
    pub at: Option<Moment>,
    /// Whether it has come.
    pub is_reached: bool,
}

/// The steps in order. What has come says so in words as well.
pub fn show(agency: &Agency, marks: &[Mark]) -> Markup {
    html! {
        ol class="track" {
            @for mark in marks {
                li class=[mark.is_reached.then_some("reached")] {
                    @if mark.is_reached { (Icon::Check.show()) }
                    strong { (mark.label) }
                    @match (mark.at, mark.is_reached) {
                        (Some(at), true) => { ", " (time::stamp(agency, at)) },
                        (Some(at), false) => { " " (time::day(agency, at)) " " span class="quiet" { "(to come)" } },
                        (None, true) => {},
                        (None, false) => { " " span class="quiet" { "(to come)" } },
                    }
                }
            }
        }
    }
}
