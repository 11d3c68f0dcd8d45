//! What is typed to post to many accounts.

use chrono::{NaiveDateTime, TimeZone};

use crate::{
    form::{Faults, Fields},
    mailbox::{self, Asked, notices::DAYS},
    words::{AccountNumber, Agency, Moment},
};

/// The most numbers of a list.
const MOST: usize = 10_000;

/// What was typed, before it is known which accounts are on file.
pub struct Typed {
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// What is asked for.
    pub asked: Asked,
    /// How many days before the due date people are reminded.
    pub remind: Vec<i64>,
    /// The saved filter that tells the accounts, if one does.
    pub audience: Option<String>,
    /// The accounts' type.
    pub kind: String,
    /// Their numbers, in order and each once; none means all of the type.
    pub numbers: Option<Vec<String>>,
    /// When it is to be posted, if that is later.
    pub due: Option<Moment>,
}

/// Reads the form.
///
/// # Errors
/// What is wrong, by field.
pub fn parse(posted: &Fields, agency: &Agency, now: Moment) -> Result<Typed, Faults> {
    let mut faults = Faults::default();
    let audience = Some(posted.text("audience").to_owned()).filter(|id| !id.is_empty());
    // A filter says by itself which type and which accounts.
    let kind = match &audience {
        Some(_) => Some(String::new()),
        None => faults.take("kind", kind(posted.text("kind"), agency)),
    };
    let numbers = faults.take("numbers", numbers(posted.text("numbers")));
    if audience.is_some() && numbers.as_ref().is_some_and(Option::is_some) {
        faults.add("numbers", "Either a saved filter or account numbers, not both.");
    }
    if audience.is_some() && !posted.text("kind").is_empty() {
        faults.add("kind", "Either a saved filter or an account type, not both.");
    }
    let due = faults.take("due", due(posted.text("due"), agency, now));
    let whom = faults.or(kind.zip(numbers).zip(due));
    let text = Faults::both(mailbox::new(posted), mailbox::asked(posted, agency, now));
    let (((kind, numbers), due), ((subject, body), asked)) = Faults::both(whom, text)?;
    let days = posted.all("remind").filter_map(|day| day.parse::<u64>().ok()).filter(|day| DAYS.contains(day));
    let remind = days.filter_map(|day| i64::try_from(day).ok()).collect();
    Ok(Typed { subject, body, asked, remind, audience, kind, numbers, due })
}

fn kind(typed: &str, agency: &Agency) -> Result<String, String> {
    let known = agency.account_types.iter().any(|one| one.key == typed);
    if known { Ok(typed.to_owned()) } else { Err("Select an account type.".into()) }
}

/// What stands between two numbers: blanks of all kinds, ends of lines, and the signs of lists.
fn is_between(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || ",;|/、，；｜".contains(letter)
}

fn numbers(typed: &str) -> Result<Option<Vec<String>>, String> {
    let mut found = Vec::new();
    for word in typed.split(is_between).filter(|word| !word.is_empty()) {
        let number = AccountNumber::parse(word).map_err(|_| format!("{word} is no account number."))?;
        found.push(number.digits());
    }
    found.sort_unstable();
    found.dedup();
    match found.len() {
        0 => Ok(None),
        count if count > MOST => Err(format!("These are {count} accounts; a list may have {MOST}.")),
        _ => Ok(Some(found)),
    }
}

/// The moment that was typed as the agency's time; none means at once.
fn due(typed: &str, agency: &Agency, now: Moment) -> Result<Option<Moment>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    // Some browsers send seconds as well.
    let read = |form| NaiveDateTime::parse_from_str(typed.trim(), form);
    let local = read("%Y-%m-%dT%H:%M")
        .or_else(|_| read("%Y-%m-%dT%H:%M:%S"))
        .map_err(|_| "Enter a day and a time, for instance 2027-01-31T08:00.".to_owned())?;
    match agency.zone().from_local_datetime(&local).earliest().map(|moment| moment.to_utc()) {
        Some(moment) if moment > now => Ok(Some(moment)),
        Some(_) => Err("Enter a time that is to come.".into()),
        None => Err("The clocks are put forward then: there is no such time.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{due, numbers};
    use crate::words::{Agency, Moment, agency::SEED};

    #[test]
    fn a_list_is_read_however_it_is_written() {
        let digits = |text| numbers(text).unwrap().unwrap();
        assert_eq!(digits("1005, 00-00001006\n1005;7"), ["0000000007", "0000001005", "0000001006"]);
        assert_eq!(numbers(" \n"), Ok(None));
        assert!(numbers("1005 x").unwrap_err().contains('x'));
        let many: Vec<String> = (1..=10_001).map(|n| n.to_string()).collect();
        assert!(numbers(&many.join(" ")).is_err());
    }

    #[test]
    fn a_time_is_the_agencys_and_to_come() {
        let agency = Agency::parse(SEED).unwrap();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let due = |typed: &str| due(typed, &agency, now);
        assert_eq!(due(""), Ok(None));
        assert_eq!(due("2026-11-24T10:01"), Ok(Some("2026-11-24T15:01:00Z".parse().unwrap())));
        assert_eq!(due("2026-11-24T10:01:00"), due("2026-11-24T10:01"), "some browsers send seconds");
        for wrong in ["2026-11-24T10:00", "2026-11-24", "2027-03-14T02:30"] {
            assert!(due(wrong).is_err(), "{wrong}");
        }
    }
}
