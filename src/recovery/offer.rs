//! What is offered to whoever typed a user ID: the ways and questions of its logon or, where there is none,
//! some that never change for this user ID. Nobody can tell the two apart.

use super::Draft;
use crate::{
    http::{Fault, Portal},
    logon::{
        Recovery,
        queries::{self, Logon},
        questions,
    },
    words::{Keys, UserId},
};

/// The offer.
pub struct Offer {
    /// The logon, if there is one that may sign in; nobody is told.
    pub logon: Option<Logon>,
    /// The ways that may be chosen.
    pub ways: Vec<Recovery>,
    /// The questions to answer, by key, if that way is chosen.
    pub questions: Vec<String>,
}

/// The offer for the user ID of this draft. A known and an unknown one cost the same question.
///
/// # Errors
/// When the database does not answer.
pub async fn of(draft: &Draft, portal: &Portal) -> Result<Offer, Fault> {
    let Ok(user_id) = UserId::parse(draft.user_id.as_deref().unwrap_or_default()) else {
        return Ok(Offer { logon: None, ways: Vec::new(), questions: Vec::new() });
    };
    let found = queries::find_by_user_id(&portal.db, &user_id).await?;
    Ok(match found.filter(|logon| draft.logon.as_deref() == Some(logon.id.as_str())) {
        Some(logon) => Offer {
            ways: offered(portal, logon.usable_recovery()),
            questions: logon.questions.iter().map(|one| one.question.clone()).collect(),
            logon: Some(logon),
        },
        None => {
            let decoy = decoy(&portal.keys, &user_id);
            Offer { ways: offered(portal, decoy.ways), ..decoy }
        }
    })
}

/// The ways among these that the portal offers; a PIN by e-mail if there is none.
fn offered(portal: &Portal, mut ways: Vec<Recovery>) -> Vec<Recovery> {
    ways.retain(|way| *way != Recovery::Text || portal.offers_texts);
    if ways.is_empty() { vec![Recovery::Email] } else { ways }
}

/// Ways in about the proportions that people choose them in, and questions; which, only the key knows.
fn decoy(keys: &Keys, user_id: &UserId) -> Offer {
    let hash = keys.hash("recovery decoy", user_id.folded().as_bytes());
    let draw = |at: usize, of: usize| usize::from_str_radix(&hash[at * 8..at * 8 + 7], 16).unwrap_or(0) % of;
    let ways = match draw(0, 100) {
        0..60 => vec![Recovery::Email],
        60..74 => vec![Recovery::Email, Recovery::Questions],
        74..82 => vec![Recovery::Email, Recovery::Text],
        82..88 => vec![Recovery::Questions],
        88..91 => vec![Recovery::Text],
        91..94 => vec![Recovery::Text, Recovery::Questions],
        _ => Recovery::ALL.to_vec(),
    };
    let all = questions::QUESTIONS.len();
    let first = draw(1, all);
    let second = (first + 1 + draw(2, all - 1)) % all;
    let questions = [first, second].map(|index| questions::QUESTIONS[index].0.to_owned());
    Offer { logon: None, ways, questions: questions.to_vec() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_unknown_user_id_is_offered_the_same_each_time_and_others_other_things() {
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let of = |name: &str| decoy(&keys, &UserId::parse(name).unwrap());
        assert_eq!(of("nobody1").ways, of("NOBODY1").ways);
        assert_eq!(of("nobody1").questions, of("NOBODY1").questions);
        let offers: Vec<Offer> = (0..400).map(|number| of(&format!("nobody{number}"))).collect();
        let ways: HashSet<String> = offers.iter().map(|offer| format!("{:?}", offer.ways)).collect();
        assert_eq!(ways.len(), 7, "{ways:?}");
        assert!(offers.iter().all(|offer| offer.questions[0] != offer.questions[1]));
    }
}
