//! What the agency writes to people: an e-mail, a letter or a text message for each occasion, as data with places that the
//! portal fills.

use serde::Deserialize;

use super::places;

/// Places that every text may have.
pub const EVERYWHERE: [&str; 3] = ["portal", "agency", "url"];

/// How a text travels, which says what parts it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A subject and a text.
    Mail,
    /// A subject, steps, and a last paragraph with a heading.
    Letter,
    /// A text, short enough for one message.
    TextMessage,
}

/// A place of a text, what stands in it in a preview, and whether the text is of no use without it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// What stands in it in a preview.
    pub sample: &'static str,
    /// Whether the text must have it.
    pub required: bool,
    /// Whether it proves something to whoever has it. A text that brings such a thing names no address but the portal's
    /// own, and says it in the text alone: a subject is shown in lists.
    pub secret: bool,
}

macro_rules! occasions {
    ($($name:ident = $key:literal, $form:ident, $label:literal, [$($place:ident $(($must:ident))? = $sample:literal),*];)+) => {
        /// What the agency writes for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each has a label that says what it is")]
        pub enum Occasion { $($name,)+ }

        impl Occasion {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name in the configuration and in addresses.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ }
            }

            /// What staff call it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }

            /// How it travels.
            pub const fn way(self) -> Way {
                match self { $(Self::$name => Way::$form,)+ }
            }

            /// Its own places.
            pub const fn places(self) -> &'static [Place] {
                match self {
                    $(Self::$name => &[$(Place {
                        name: stringify!($place),
                        sample: $sample,
                        required: occasions!(@must $($must)?),
                        secret: occasions!(@secret $($must)?),
                    },)*],)+
                }
            }
        }
    };
    (@must must) => { true };
    (@must secret) => { true };
    (@must) => { false };
    (@secret secret) => { true };
    (@secret $($must:ident)?) => { false };
}

occasions! {
    Welcome = "welcome", Mail, "Welcome to a new logon", [user_id(must) = "pat.smith"];
    UserIds = "user-ids", Mail, "Forgotten user ID", [user_ids(must) = "  pat.smith"];
    PasswordChanged = "password-changed", Mail, "A password was changed", [user_id = "pat.smith", link = "https://services.example/settings"];
    PinMail = "pin-mail", Mail, "A PIN by e-mail", [pin(secret) = "12345678", purpose(must) = "With it the password of your logon can be changed"];
    PinText = "pin-text", TextMessage, "A PIN by text message", [pin(secret) = "12345678", purpose(must) = "With it the password of your logon can be changed"];
    CodeMail = "code-mail", Mail, "An authorization code by e-mail", [code(secret) = "ABCDE-FGHJK", user_id = "pat.smith", type = "Dealer", number(must) = "00-00001001", name = "LAKESIDE MOTORS"];
    CodeLetter = "code-letter", Letter, "An authorization code by letter", [user_id = "pat.smith"];
    CodeUnused = "code-unused", Mail, "Reminder of an unused code", [until(must) = "December 24, 2026", user_id = "pat.smith", type = "Dealer", number(must) = "00-00001001"];
    CodeExpiring = "code-expiring", Mail, "A code is about to expire", [until(must) = "December 24, 2026", user_id = "pat.smith", type = "Dealer", number(must) = "00-00001001"];
    CodeReturned = "code-returned", Mail, "The letter with a code came back", [type = "Dealer", number(must) = "00-00001001"];
    AccessAdded = "access-added", Mail, "Access was added", [user_id(must) = "pat.smith", type = "Dealer", number(must) = "00-00001001"];
    AlertMail = "alert-mail", Mail, "Alert of one new message", [type = "Dealer", number(must) = "00-00001001", link(must) = "https://services.example/accounts/dealer/1001", off(secret) = "https://services.example/alerts/off"];
    AlertsMail = "alerts-mail", Mail, "Alert of several new messages", [count(must) = "3", type = "Dealer", number(must) = "00-00001001", link(must) = "https://services.example/accounts/dealer/1001", off(secret) = "https://services.example/alerts/off"];
    AlertText = "alert-text", TextMessage, "Alert by text message", [messages = "1 new message", number(must) = "00-00001001", link(must) = "https://services.example/accounts/dealer/1001"];
    AlertLetter = "alert-letter", Letter, "Alert by letter", [messages = "1 new message", user_id(must) = "pat.smith"];
    NoticeReminder = "notice-reminder", Mail, "Reminder to confirm a notice", [until(must) = "December 24, 2026", type = "Dealer", number(must) = "00-00001001", link(must) = "https://services.example/accounts/dealer/1001/messages/1"];
    InvitationMail = "invitation-mail", Mail, "Invitation by e-mail", [address(must) = "https://services.example/dealer", type = "Dealer", number(must) = "00-00001001", name = "LAKESIDE MOTORS"];
    InvitationLetter = "invitation-letter", Letter, "Invitation by letter", [address(must) = "https://services.example/dealer", type = "Dealer", number(must) = "00-00001001", name = "LAKESIDE MOTORS"];
    Unlocked = "staff-unlocked", Mail, "Staff unlocked a logon", [whose = "Your logon", user_id(must) = "pat.smith"];
    EndedSessions = "staff-ended-sessions", Mail, "Staff signed a logon off", [whose = "Your logon", user_id(must) = "pat.smith"];
    Suspended = "staff-suspended", Mail, "Staff suspended a logon", [whose = "Your logon", user_id(must) = "pat.smith"];
    Reinstated = "staff-reinstated", Mail, "Staff reinstated a logon", [whose = "Your logon", user_id(must) = "pat.smith"];
    RecoveryBegun = "staff-recovery", Mail, "A logon is recovered by letter", [whose = "Your logon", user_id(must) = "pat.smith", account = "Dealer 00-00001001"];
    RecoveryLetter = "recovery-letter", Letter, "The letter that recovers a logon", [user_id = "pat.smith"];
    GrantedAccess = "staff-granted-access", Mail, "Staff gave access", [whose = "Your logon", user_id(must) = "pat.smith", account(must) = "Dealer 00-00001001"];
    StaffLink = "staff-link", Mail, "A link for a staff member", [user_id(must) = "clerk1000", link(secret) = "https://services.example/staff/enroll/…"];
    AddressCorrected = "address-corrected", Mail, "An address on record was corrected", [account(must) = "Mechanic School 00-00123456"];
    CredentialChanged = "credential-changed", Mail, "A sign-in or address was changed", [user_id(must) = "pat.smith", what(must) = "Your e-mail address was changed.", link(must) = "https://services.example/settings"];
    RevokedAccess = "staff-revoked-access", Mail, "Staff took access away", [whose = "Your logon", user_id(must) = "pat.smith", account(must) = "Dealer 00-00001001"];
}

impl Occasion {
    /// The occasion of this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|occasion| occasion.key() == key)
    }

    /// Whether whoever has the message can do what others can't: it brings a code, a PIN, or an address that acts.
    pub fn brings_a_secret(self) -> bool {
        let is_letter_with_code = matches!(self, Self::CodeLetter | Self::RecoveryLetter);
        is_letter_with_code || self.places().iter().any(|place| place.secret)
    }

    /// The names of the places that its text may have.
    pub fn place_names(self) -> impl Iterator<Item = &'static str> {
        self.places().iter().map(|place| place.name).chain(EVERYWHERE)
    }
}

/// The text for an occasion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// What it is about; a text message has none.
    #[serde(default)]
    pub subject: String,
    /// What to do, one step each; only a letter has them.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The heading of a letter's last paragraph.
    #[serde(default)]
    pub aside: String,
    /// The text; of a letter, its last paragraph.
    pub text: String,
}

impl Wording {
    /// The text with its places filled.
    pub fn filled(&self, places: &[(&str, &str)]) -> Self {
        let fill = |text: &String| places::filled(text, places);
        // A line break would begin another header of the e-mail.
        let subject = fill(&self.subject).replace(['\r', '\n'], " ");
        Self { subject, steps: self.steps.iter().map(fill).collect(), aside: fill(&self.aside), text: fill(&self.text) }
    }

    /// Whether it is fit for its occasion: its parts, no place that is unknown, and all that it must have.
    ///
    /// # Errors
    /// The part that is wrong and a sentence for whoever wrote it.
    pub fn check(&self, occasion: Occasion) -> Result<(), (&'static str, String)> {
        let way = occasion.way();
        let steps = self.steps.join("\n");
        let parts = [
            ("subject", &self.subject, way != Way::TextMessage),
            ("steps", &steps, way == Way::Letter),
            ("aside", &self.aside, way == Way::Letter),
            ("text", &self.text, true),
        ];
        let secret = |name: &str| occasion.places().iter().any(|place| place.secret && place.name == name);
        for (part, text, is_wanted) in parts {
            if text.trim().is_empty() == is_wanted {
                let said = if is_wanted { "This part is empty." } else { "There is no such part." };
                return Err((part, said.into()));
            }
            if let Some(unknown) = places::of(text).find(|place| occasion.place_names().all(|name| name != *place)) {
                let known: Vec<String> = occasion.place_names().map(|name| format!("{{{name}}}")).collect();
                return Err((part, format!("{{{unknown}}} is not filled in here. What is: {}.", known.join(", "))));
            }
            if let Some(name) = places::of(text).find(|name| part != "text" && secret(name)) {
                return Err((part, format!("{{{name}}} may stand in the text only: this part is kept and shown.")));
            }
            if let Some(word) = text.split_whitespace().find(|word| occasion.brings_a_secret() && leads_elsewhere(word))
            {
                let said = "Beside a secret no address may stand but the portal's own, which begins with {url}/";
                return Err((part, format!("{said}. “{word}” is another.")));
            }
        }
        let has = |place: &Place| parts.iter().any(|(_, text, _)| places::of(text).any(|name| name == place.name));
        match occasion.places().iter().find(|place| place.required && !has(place)) {
            Some(place) => Err(("text", format!("The text must say {{{}}} somewhere.", place.name))),
            None => Ok(()),
        }
    }
}

/// Whether a mail program may take a word for an address that is not the portal's own: `{url}` followed by more of a host's
/// name, a scheme, or a bare host.
fn leads_elsewhere(word: &str) -> bool {
    let is_mark = |letter: char| letter.is_ascii_punctuation() && letter != '/';
    if let Some((before, after)) = word.split_once("{url}") {
        let is_own = after.is_empty() || after.starts_with('/') || after.chars().all(is_mark);
        return !is_own || !before.chars().all(is_mark) || after.contains("://") || after.contains('@');
    }
    let is_host = |(at, _): (usize, &str)| {
        let before = word[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = word[at + 1..].chars().take_while(|letter| letter.is_alphabetic()).count();
        before && after >= 2
    };
    word.contains("://") || word.match_indices('.').any(is_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> Wording {
        Wording { text: text.into(), ..Wording::default() }
    }

    #[test]
    fn a_text_has_its_parts_and_its_places() {
        for fine in
            ["{portal}: {pin} {purpose} {url}", "({url}). {pin}. {purpose}: 9 a.m. {url}/contact.", "{pin}{purpose}1.5"]
        {
            assert_eq!(pin(fine).check(Occasion::PinText), Ok(()), "{fine}");
        }
        for (wrong, part) in [
            ("no PIN {purpose}", "text"),
            ("{pin} {purpose} {code}", "text"),
            (" ", "text"),
            ("{pin} {purpose} https://evil.example", "text"),
            ("{pin} {purpose} {url}.evil.example/pin", "text"),
            ("{pin} {purpose} {url}@evil.example", "text"),
            ("{pin} {purpose} (www.evil.example)", "text"),
            ("{pin} {purpose} evil.example/x", "text"),
            ("{pin} {purpose} x{url}", "text"),
        ] {
            assert_eq!(pin(wrong).check(Occasion::PinText).unwrap_err().0, part, "{wrong}");
        }
        assert_eq!(pin("{pin}").check(Occasion::PinMail).unwrap_err().0, "subject");
        let told = Wording { subject: "{pin}".into(), ..pin("{pin} {purpose}") };
        assert_eq!(told.check(Occasion::PinMail).unwrap_err().0, "subject");
        let with_subject = Wording { subject: "x".into(), ..pin("{pin}") };
        assert_eq!(with_subject.check(Occasion::PinText).unwrap_err().0, "subject");
    }

    #[test]
    fn keys_are_not_shared() {
        for occasion in Occasion::ALL {
            assert_eq!(Occasion::of_key(occasion.key()), Some(*occasion));
        }
    }

    #[test]
    fn no_subject_begins_another_header() {
        let wording = Wording { subject: "For {name}".into(), ..pin("x") };
        assert_eq!(wording.filled(&[("name", "A\r\nBcc: b@c.example")]).subject, "For A  Bcc: b@c.example");
    }
}
