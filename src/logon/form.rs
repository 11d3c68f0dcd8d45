//! The profile as it is typed: at sign-up and in the settings.

use super::Profile;
use crate::{
    form::{Faults, Fields, line},
    page::{
        Markup,
        fields::{Filled, Text},
        html,
    },
    words::{EmailAddress, PhoneNumber, text},
};

/// Reads a profile.
///
/// # Errors
/// What is wrong, beside each field.
pub fn parse(fields: &Fields) -> Result<Profile, Faults> {
    let mut faults = Faults::default();
    let first = faults.take("first", line(fields.text("first"), "your first name", 60));
    let middle = faults.take("middle", initial(fields.text("middle")));
    let last = faults.take("last", line(fields.text("last"), "your last name", 60));
    let suffix = match fields.text("suffix").trim() {
        "" => Some(None),
        typed => faults.take("suffix", line(typed, "a suffix", 10)).map(Some),
    };
    let email = faults.take("email", EmailAddress::parse(fields.text("email")));
    confirm(fields, "email", "email-again", &mut faults);
    let work_phone = faults.take("work-phone", PhoneNumber::parse(fields.text("work-phone")));
    let mobile = match fields.text("mobile").trim() {
        "" => Some(None),
        typed => faults.take("mobile", PhoneNumber::parse_mobile(typed)).map(Some),
    };
    let whole = (|| {
        Some(Profile {
            first: first?,
            middle: middle?,
            last: last?,
            suffix: suffix?,
            email: email?,
            work_phone: work_phone?,
            mobile: mobile?,
        })
    })();
    faults.or(whole)
}

/// The second typing of an address must be the first, without regard to case (R59).
pub fn confirm(fields: &Fields, name: &str, again: &str, faults: &mut Faults) {
    let typed = |name| EmailAddress::parse(fields.text(name)).map(|address| address.folded());
    let is_same = match (typed(name), typed(again)) {
        (Ok(one), Ok(other)) => one == other,
        _ => fields.text(name).trim() == fields.text(again).trim(),
    };
    if !is_same {
        faults.add(again, "The two e-mail addresses are not the same.");
    }
}

/// The initial of a middle name: browsers fill the whole name in.
fn initial(typed: &str) -> Result<Option<String>, &'static str> {
    let typed = text::name(typed);
    match typed.chars().next() {
        None => Ok(None),
        Some(first) if first.is_alphabetic() => Ok(Some(first.to_uppercase().collect())),
        Some(_) => Err("Enter a letter."),
    }
}

/// The profile's fields.
pub fn show(form: Filled<'_>) -> Markup {
    html! {
        div class="row" {
            (Text::new("first", "First Name").autocomplete("given-name").show(form))
            (Text::new("middle", "Middle Initial").optional().autocomplete("additional-name").class("short").show(form))
        }
        div class="row" {
            (Text::new("last", "Last Name").autocomplete("family-name").show(form))
            (Text::new("suffix", "Suffix").optional().autocomplete("honorific-suffix").class("short").show(form))
        }
        div class="row" {
            (Text::new("email", "Email Address").kind("email").autocomplete("email").show(form))
            (Text::new("email-again", "Confirm Email Address").kind("email").autocomplete("email").show(form))
        }
        p class="hint" { "By providing an e-mail address, a new PIN can be sent to you to help with resetting a forgotten password." }
        div class="row" {
            (Text::new("work-phone", "Work Phone Number").kind("tel").autocomplete("work tel").show(form))
            (Text::new("mobile", "Mobile Number").kind("tel").optional().autocomplete("mobile tel").show(form))
        }
        p class="hint" { "By providing a mobile number, a text message can be sent to you to help with resetting a forgotten password." }
    }
}

/// The fields of a profile that is on record.
pub fn fill(profile: &Profile) -> Fields {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Fields::default()
        .with("first", &profile.first)
        .with("middle", text(&profile.middle))
        .with("last", &profile.last)
        .with("suffix", text(&profile.suffix))
        .with("email", profile.email.as_str())
        .with("email-again", profile.email.as_str())
        .with("work-phone", profile.work_phone.to_string())
        .with("mobile", profile.mobile.as_ref().map(ToString::to_string).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Fields {
        Fields::default()
            .with("first", "Mechanic School")
            .with("last", "Login")
            .with("email", "testemail@testemail.com")
            .with("email-again", "TestEmail@testemail.com")
            .with("work-phone", "555-555-5555")
    }

    #[test]
    fn the_slides_profile_is_fine() {
        let profile = parse(&typed()).unwrap();
        assert_eq!(profile.name(), "Mechanic School Login");
        assert_eq!(parse(&fill(&profile)), Ok(profile));
    }

    #[test]
    fn what_browsers_fill_in_is_understood() {
        let fields = typed().with("middle", "marie").with("mobile", "\u{202D}(555) 555-5512\u{202C}");
        let fields = Fields::new(
            fields
                .pairs()
                .map(|(name, value)| {
                    let value = if name == "work-phone" { "555-555-5555 x123" } else { value };
                    (name.to_owned(), value.to_owned())
                })
                .collect(),
        );
        let profile = parse(&fields).unwrap();
        assert_eq!(profile.middle.as_deref(), Some("M"));
        assert_eq!(profile.work_phone.to_string(), "+1 (555) 555-5555 ext. 123");
        assert_eq!(parse(&fill(&profile)), Ok(profile));
        let faults = parse(&typed().with("mobile", "555-555-5512 x1")).unwrap_err();
        assert_eq!(faults.of("mobile"), Some("Enter a mobile number without an extension."));
    }

    #[test]
    fn every_fault_stands_beside_its_field() {
        let fields =
            Fields::default().with("middle", "7").with("email", "x").with("email-again", "y").with("mobile", "12");
        let faults = parse(&fields).unwrap_err();
        for field in ["first", "middle", "last", "email", "email-again", "work-phone", "mobile"] {
            assert!(faults.of(field).is_some(), "{field}");
        }
    }
}
