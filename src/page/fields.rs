//! Fields of forms: a label, a hint, a fault and what was typed, tied together for screen readers.

use maud::{Markup, html};

use crate::form::{Faults, Fields};

/// A form as it is shown: what was typed and what is wrong with it.
#[derive(Clone, Copy)]
pub struct Filled<'a> {
    /// What was typed, or what is on record.
    pub fields: &'a Fields,
    /// What is wrong.
    pub faults: &'a Faults,
}

/// What is typed into a field: which keys a phone offers, and what a browser may correct.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    /// Words: they are corrected, and a sentence begins with a capital letter.
    Prose,
    /// A name: each word begins with a capital letter, and none is corrected.
    Name,
    /// A user ID, an address, a password: as it is.
    Identifier,
    /// A code of letters and digits, in capital letters.
    Code,
    /// Digits, with a dash here and there.
    Digits,
}

impl Typed {
    fn capitals(self) -> Option<&'static str> {
        match self {
            Self::Prose => None,
            Self::Name => Some("words"),
            Self::Identifier | Self::Digits => Some("none"),
            Self::Code => Some("characters"),
        }
    }
}

/// How one field of text looks and behaves.
pub struct Text<'a> {
    name: &'a str,
    label: &'a str,
    hint: Option<&'a str>,
    kind: &'a str,
    autocomplete: Option<&'a str>,
    required: bool,
    class: &'a str,
    secret: bool,
    typed: Option<Typed>,
    extra: Option<(&'a str, &'a str)>,
}

impl<'a> Text<'a> {
    /// A required field of plain text.
    pub fn new(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            hint: None,
            kind: "text",
            autocomplete: None,
            required: true,
            class: "",
            secret: false,
            typed: None,
            extra: None,
        }
    }

    /// It may stay empty.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// A sentence between label and field.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The input's type: `email`, `tel`, `password`.
    pub fn kind(mut self, kind: &'a str) -> Self {
        self.kind = kind;
        self.secret = kind == "password";
        self
    }

    /// What a browser may fill in by itself (WCAG 2.2, 1.3.5).
    pub fn autocomplete(mut self, token: &'a str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    /// A class on the field's box, such as `short` or `code`.
    pub fn class(mut self, class: &'a str) -> Self {
        self.class = class;
        self
    }

    /// Never shown again once it was posted.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Digits, with a dash here and there: a PIN, an account number, a ZIP code.
    pub fn digits(mut self) -> Self {
        self.typed = Some(Typed::Digits);
        self
    }

    /// A user ID, or what else is no word and no name.
    pub fn identifier(mut self) -> Self {
        self.typed = Some(Typed::Identifier);
        self
    }

    /// What is typed, where nobody said so: as a browser fills it in, or as it looks.
    fn typed(&self) -> Typed {
        self.typed.unwrap_or(match self.autocomplete {
            Some("given-name" | "additional-name" | "family-name" | "honorific-suffix") => Typed::Name,
            _ if self.class == "code" => Typed::Code,
            Some("username") => Typed::Identifier,
            _ if self.kind != "text" || self.secret => Typed::Identifier,
            _ => Typed::Prose,
        })
    }

    /// What describes it further on: the id of rules that stand elsewhere on the page.
    pub fn described_by(mut self, id: &'a str) -> Self {
        self.extra = Some(("describedby", id));
        self
    }

    /// The field with what was typed and its fault.
    pub fn show(&self, form: Filled<'_>) -> Markup {
        let fault = form.faults.of(self.name);
        let value = if self.secret { "" } else { form.fields.text(self.name) };
        let elsewhere = self.extra.map(|(_, id)| id);
        let typed = self.typed();
        html! {
            div class=(classes(&["field", self.class, if fault.is_some() { "faulty" } else { "" }])) {
                label for=(self.name) { (must(self.required)) (self.label) }
                (hint(self.name, self.hint))
                (fault_of(self.name, fault))
                input id=(self.name) name=(self.name) type=(self.kind) value=(value)
                    autocomplete=[self.autocomplete.or(Some("off")).filter(|_| self.autocomplete.is_some() || self.secret)]
                    inputmode=[(typed == Typed::Digits).then_some("numeric")]
                    spellcheck=[(typed != Typed::Prose).then_some("false")]
                    autocapitalize=[typed.capitals()]
                    required[self.required]
                    aria-invalid=[fault.map(|_| "true")]
                    aria-describedby=[described(self.name, self.hint.is_some(), fault.is_some(), elsewhere)];
            }
        }
    }
}

/// A longer text.
pub fn long_text(name: &str, label: &str, note: Option<&str>, required: bool, form: Filled<'_>) -> Markup {
    let fault = form.faults.of(name);
    html! {
        div class=(classes(&["field", if fault.is_some() { "faulty" } else { "" }])) {
            label for=(name) { (must(required)) (label) }
            (hint(name, note))
            (fault_of(name, fault))
            textarea id=(name) name=(name) required[required] aria-invalid=[fault.map(|_| "true")]
                aria-describedby=[described(name, note.is_some(), fault.is_some(), None)] { (form.fields.text(name)) }
        }
    }
}

/// One tick box with its sentence.
pub fn tick(name: &str, sentence: &Markup, required: bool, form: Filled<'_>) -> Markup {
    let fault = form.faults.of(name);
    html! {
        div class=(classes(&["field", if fault.is_some() { "faulty" } else { "" }])) {
            (fault_of(name, fault))
            div class="choice" {
                input id=(name) name=(name) type="checkbox" value="yes" checked[form.fields.has(name)] required[required]
                    aria-invalid=[fault.map(|_| "true")] aria-describedby=[described(name, false, fault.is_some(), None)];
                label for=(name) { (must(required)) (sentence) }
            }
        }
    }
}

/// The tick that agrees to a version of terms. The version goes with the form; a tick for another one is not kept.
pub fn agree(name: &str, version: &str, sentence: &Markup, form: Filled<'_>) -> Markup {
    let shown = format!("{name}-version");
    let is_same = form.fields.text(&shown) == version;
    let fields = if is_same { form.fields.clone() } else { Fields::default() };
    html! {
        input type="hidden" name=(shown) value=(version);
        (tick(name, sentence, true, Filled { fields: &fields, faults: form.faults }))
    }
}

/// One of several: radio buttons under a legend.
pub fn choose(name: &str, legend: &str, class: &str, options: &[(&str, &str)], form: Filled<'_>) -> Markup {
    group("radio", name, (true, legend), class, options, form)
}

/// Any of several: tick boxes under a legend.
pub fn choose_any(name: &str, legend: &str, class: &str, options: &[(&str, &str)], form: Filled<'_>) -> Markup {
    group("checkbox", name, (true, legend), class, options, form)
}

/// Any of several, or none.
pub fn choose_some(name: &str, legend: &str, class: &str, options: &[(&str, &str)], form: Filled<'_>) -> Markup {
    group("checkbox", name, (false, legend), class, options, form)
}

fn group(
    kind: &str,
    name: &str,
    (required, legend): (bool, &str),
    class: &str,
    options: &[(&str, &str)],
    form: Filled<'_>,
) -> Markup {
    let fault = form.faults.of(name);
    html! {
        fieldset class=[fault.map(|_| "faulty")] aria-describedby=[described(name, false, fault.is_some(), None)] {
            legend { (must(required)) (legend) }
            (fault_of(name, fault))
            div class=(classes(&["choices", class])) {
                @for (index, (value, label)) in options.iter().enumerate() {
                    @let id = if index == 0 { name.to_owned() } else { format!("{name}-{value}") };
                    div class="choice" {
                        input id=(id) name=(name) type=(kind) value=(value) required[kind == "radio"]
                            checked[form.fields.all(name).any(|chosen| chosen == *value)];
                        label for=(id) { (label) }
                    }
                }
            }
        }
    }
}

/// A choice from a short list.
pub fn select(name: &str, label: &str, required: bool, options: &[(&str, &str)], form: Filled<'_>) -> Markup {
    select_or(name, label, (required, if required { "Select one" } else { "Any" }), options, form)
}

/// The same, with words of its own for no choice.
pub fn select_or(
    name: &str,
    label: &str,
    (required, none): (bool, &str),
    options: &[(&str, &str)],
    form: Filled<'_>,
) -> Markup {
    let fault = form.faults.of(name);
    html! {
        div class=(classes(&["field", if fault.is_some() { "faulty" } else { "" }])) {
            label for=(name) { (must(required)) (label) }
            (fault_of(name, fault))
            select id=(name) name=(name) required[required] aria-invalid=[fault.map(|_| "true")]
                aria-describedby=[described(name, false, fault.is_some(), None)] {
                option value="" { (none) }
                @for (value, label) in options {
                    option value=(value) selected[form.fields.text(name) == *value] { (label) }
                }
            }
        }
    }
}

/// A file to choose.
pub fn file(name: &str, label: &str, note: &str, form: Filled<'_>) -> Markup {
    let fault = form.faults.of(name);
    html! {
        div class=(classes(&["field", if fault.is_some() { "faulty" } else { "" }])) {
            label for=(name) { (must(true)) (label) }
            (hint(name, Some(note)))
            (fault_of(name, fault))
            input id=(name) name=(name) type="file" required aria-invalid=[fault.map(|_| "true")]
                aria-describedby=[described(name, true, fault.is_some(), None)];
        }
    }
}

/// All faults over the form, each a link to its field; it takes the focus when it is there.
pub fn summary_of_faults(faults: &Faults) -> Markup {
    html! {
        @if !faults.is_empty() {
            div class="summary-of-faults" role="alert" tabindex="-1" id="faults" autofocus {
                h2 { "There is a problem" }
                ul { @for (field, sentence) in faults.iter() { li { a href=(format!("#{field}")) { (sentence) } } } }
            }
        }
    }
}

/// Fields that a page carries along without showing them.
pub fn kept(fields: &Fields, names: &[&str]) -> Markup {
    html! {
        @for (name, value) in fields.pairs().filter(|(name, _)| names.contains(name)) {
            input type="hidden" name=(name) value=(value);
        }
    }
}

/// The line that says what the red asterisk means (R8).
pub fn required_note() -> Markup {
    html! { p class="hint" { span class="must" aria-hidden="true" { "*" } " Required. Fields with a red asterisk are required." } }
}

fn must(required: bool) -> Markup {
    html! { @if required { span class="must" aria-hidden="true" { "* " } } }
}

fn hint(name: &str, text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p class="hint" id=(format!("{name}-hint")) { (text) } } }
}

fn fault_of(name: &str, fault: Option<&str>) -> Markup {
    html! { @if let Some(fault) = fault { p class="fault" id=(format!("{name}-fault")) { span class="unseen" { "Error: " } (fault) } } }
}

fn described(name: &str, hint: bool, fault: bool, elsewhere: Option<&str>) -> Option<String> {
    let ids: Vec<String> =
        [hint.then(|| format!("{name}-hint")), fault.then(|| format!("{name}-fault")), elsewhere.map(String::from)]
            .into_iter()
            .flatten()
            .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn classes(names: &[&str]) -> String {
    names.iter().filter(|name| !name.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &Text<'_>, fields: &Fields, faults: &Faults) -> String {
        text.show(Filled { fields, faults }).into_string()
    }

    #[test]
    fn a_fault_stands_beside_what_was_typed() {
        let fields = Fields::default().with("first", "<b>");
        let page = shown(&Text::new("first", "First Name"), &fields, &Faults::one("first", "Too odd."));
        assert!(page.contains("value=\"&lt;b&gt;\""), "{page}");
        assert!(page.contains("aria-describedby=\"first-fault\"") && page.contains("Too odd."), "{page}");
    }

    #[test]
    fn a_secret_is_never_shown_again() {
        let fields = Fields::default().with("password", "canary");
        assert!(
            !shown(&Text::new("password", "Password").kind("password"), &fields, &Faults::default()).contains("canary")
        );
    }
}
