//! What is counted day by day, for the overview: a closed list.

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Logons that were created.
    SignUps,
    /// Codes that were asked for by e-mail.
    CodesByEmail,
    /// Codes that were asked for by letter.
    CodesByLetter,
    /// Codes that were typed in.
    CodesUsed,
    /// Messages that staff posted, each account counted.
    MessagesOfStaff,
    /// Messages that holders wrote.
    MessagesOfHolders,
    /// Threads in which somebody read what was new.
    ThreadsRead,
    /// Messages that an e-mail told somebody of.
    AlertsByEmail,
    /// That a text message told of.
    AlertsByText,
    /// That a letter told of.
    AlertsByLetter,
    /// That nothing could tell of.
    AlertsUndeliverable,
    /// E-mails of which a report said that they did not arrive.
    MailsCameBack,
    /// What came among those reports and is none of a mail of the portal's.
    ReportsIgnored,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::SignUps,
        Self::CodesByEmail,
        Self::CodesByLetter,
        Self::CodesUsed,
        Self::MessagesOfStaff,
        Self::MessagesOfHolders,
        Self::ThreadsRead,
        Self::AlertsByEmail,
        Self::AlertsByText,
        Self::AlertsByLetter,
        Self::AlertsUndeliverable,
        Self::MailsCameBack,
        Self::ReportsIgnored,
    ];

    /// Its name, in the database and on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::SignUps => "sign-ups",
            Self::CodesByEmail => "codes by e-mail",
            Self::CodesByLetter => "codes by letter",
            Self::CodesUsed => "codes used",
            Self::MessagesOfStaff => "messages of staff",
            Self::MessagesOfHolders => "messages of holders",
            Self::ThreadsRead => "threads read",
            Self::AlertsByEmail => "by e-mail",
            Self::AlertsByText => "by text message",
            Self::AlertsByLetter => "by letter",
            Self::AlertsUndeliverable => "undeliverable",
            Self::MailsCameBack => "bounced e-mails",
            Self::ReportsIgnored => "bounce reports ignored",
        }
    }

    /// The measure of this name.
    pub fn of_label(label: &str) -> Option<Self> {
        // As counts of before are labelled.
        let label = match label {
            "e-mails that came back" => "bounced e-mails",
            "bounces not understood" => "bounce reports ignored",
            label => label,
        };
        Self::ALL.into_iter().find(|measure| measure.label() == label)
    }
}

#[cfg(test)]
mod tests {
    use super::Measure;

    #[test]
    fn counts_of_before_keep_their_measure() {
        assert!(Measure::ALL.into_iter().all(|measure| Measure::of_label(measure.label()) == Some(measure)));
        assert_eq!(Measure::of_label("e-mails that came back"), Some(Measure::MailsCameBack));
        assert_eq!(Measure::of_label("bounces not understood"), Some(Measure::ReportsIgnored));
        assert_eq!(Measure::of_label("kites"), None);
    }
}
