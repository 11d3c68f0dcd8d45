//! What is typed to post a message.

use chrono::NaiveDate;

use super::{
    notices::{DAYS, Remind, reminders},
    text,
    thread::LONGEST_SUBJECT,
};
use crate::{
    form::{Faults, Fields, line, required},
    words::{Agency, DraftId, Moment},
};

/// The message that a form is about; of one draft there is one post.
pub fn draft(posted: &Fields) -> DraftId {
    DraftId::known(posted.text("draft").chars().take(40).collect::<String>())
}

/// The text of an answer.
///
/// # Errors
/// What is wrong, by field.
pub fn answer(posted: &Fields) -> Result<String, Faults> {
    let mut faults = Faults::default();
    let body = faults.take("body", required(posted.text("body"), "a text", text::LONGEST));
    faults.or(body)
}

/// Subject and text of a message that begins a thread.
///
/// # Errors
/// What is wrong, by field.
pub fn new(posted: &Fields) -> Result<(String, String), Faults> {
    let mut faults = Faults::default();
    let subject = faults.take("subject", line(posted.text("subject"), "a subject", LONGEST_SUBJECT));
    let body = faults.take("body", required(posted.text("body"), "a text", text::LONGEST));
    faults.or(subject.zip(body))
}

/// What staff ask for beside a message's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Until when an answer is asked for.
    pub answer_by: Option<Moment>,
    /// Until when everyone is asked to confirm, and when they are reminded.
    pub notice: Option<(Moment, Vec<Remind>)>,
}

/// What staff ask for beside a message's text.
///
/// # Errors
/// What is wrong, by field.
pub fn asked(posted: &Fields, agency: &Agency, now: Moment) -> Result<Asked, Faults> {
    let mut faults = Faults::default();
    let answer_by = faults.take("answer-by", answer_by(posted.text("answer-by"), agency, now));
    let confirm_by = faults.take("confirm-by", self::answer_by(posted.text("confirm-by"), agency, now));
    let days: Vec<u64> =
        posted.all("remind").filter_map(|day| day.parse().ok()).filter(|day| DAYS.contains(day)).collect();
    faults.or(answer_by.zip(confirm_by)).map(|(answer_by, confirm_by)| Asked {
        answer_by,
        notice: confirm_by.map(|by| (by, reminders(by, &days, agency, now))),
    })
}

/// The day until which the agency asks for an answer: its last minute, in the agency's zone; none if nothing was typed.
///
/// # Errors
/// What is wrong with it.
fn answer_by(typed: &str, agency: &Agency, now: Moment) -> Result<Option<Moment>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let day = NaiveDate::parse_from_str(typed.trim(), "%Y-%m-%d")
        .map_err(|_| "Enter a day as year, month and day, for instance 2027-01-31".to_owned())?;
    match agency.end_of(day) {
        Some(moment) if moment > now => Ok(Some(moment)),
        _ => Err("Enter a day that is not over".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::answer_by;
    use crate::words::{Agency, Moment, agency::SEED};

    #[test]
    fn an_answer_is_due_at_the_end_of_a_day_of_the_agencys_zone() {
        let agency = Agency::parse(SEED).unwrap();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let by = |typed: &str| answer_by(typed, &agency, now);
        assert_eq!(by(" "), Ok(None));
        assert_eq!(by("2026-11-24"), Ok(Some("2026-11-25T04:59:00Z".parse().unwrap())));
        for wrong in ["2026-11-23", "tomorrow", "2026-02-30"] {
            assert!(by(wrong).is_err(), "{wrong}");
        }
    }
}
