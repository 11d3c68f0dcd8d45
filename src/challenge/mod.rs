//! What somebody has to prove before they go on: a PIN that was sent to them, or the verification question of sign-up.

pub mod pin;
pub mod question;

use crate::{
    db::{Transaction, statement},
    words::Moment,
};

statement! {
    Expired { now: Moment };
    writes challenge;
    "DELETE challenge WHERE expires < $now - 1d;"
}

/// Deletes challenges that expired a day ago.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}

statement! {
    EndAll;
    writes challenge;
    "DELETE challenge;"
}

/// Ends all challenges.
pub fn end_all() -> Transaction {
    EndAll {}.into()
}

statement! {
    EndPins { logon: String };
    writes challenge;
    "DELETE challenge WHERE kind IN ['pin', 'confirmation', 'alert address'] AND subject = $logon;"
}

/// Ends the PINs of a logon, whatever they are for.
pub fn end_pins(logon: &str) -> Transaction {
    EndPins { logon: logon.to_owned() }.into()
}
