//! Icons: small drawings beside words, which screen readers pass over (R9).

use maud::{Markup, html};

/// The drawings there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Something that is settled.
    Check,
    /// Something to fill in.
    Pencil,
    /// Something to know.
    Info,
    /// Something that is kept secret.
    Lock,
    /// Mail.
    Envelope,
    /// A person.
    Person,
    /// Alerts.
    Bell,
    /// Something to do.
    Arrow,
    /// Settings.
    Sliders,
    /// The way out.
    Door,
    /// A message.
    Bubble,
    /// Help.
    Question,
    /// The menu.
    Bars,
}

impl Icon {
    /// Its lines, on a field of 24 by 24.
    fn lines(self) -> &'static str {
        match self {
            Self::Check => "M4 12l5 6L20 6",
            Self::Pencil => "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
            Self::Info => "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v6M12 7.5v.1",
            Self::Lock => "M5 11h14v9H5zM8 11V8a4 4 0 018 0v3",
            Self::Envelope => "M3 6h18v12H3zM3 7l9 7 9-7",
            Self::Person => "M12 4a4 4 0 100 8 4 4 0 000-8zM4 21c0-5 4-7 8-7s8 2 8 7",
            Self::Bell => "M6 17V11a6 6 0 0112 0v6l2 1H4zM10 21h4",
            Self::Arrow => "M4 12h15M13 6l6 6-6 6",
            Self::Sliders => "M4 7h9M17 7h3M13 5v4M4 17h3M11 17h9M9 15v4",
            Self::Door => "M10 4H5v16h5M10 12h10M16 8l4 4-4 4",
            Self::Bubble => "M4 5h16v11H11l-4 4v-4H4z",
            Self::Question => "M12 3a9 9 0 100 18 9 9 0 000-18zM9.5 9.5a2.5 2.5 0 115 0c0 1.5-2.5 2-2.5 3.5M12 16.5v.1",
            Self::Bars => "M4 6h16M4 12h16M4 18h16",
        }
    }

    /// The drawing.
    pub fn show(self) -> Markup {
        html! { svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(self.lines()) {} } }
    }
}
