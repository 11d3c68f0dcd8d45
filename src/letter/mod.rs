//! Letters: what was rendered, for which account, and when it was put into the spool.

use crate::{
    delivery::{Way, sent},
    post::{LetterText, WITHHELD},
    store::{Piece, value::SurrealValue},
    words::{AccountId, CodeId, Moment},
};

/// A letter that is in the spool.
pub struct Spooled<'a> {
    /// Its name: that of its file, without `.pdf`.
    pub name: &'a str,
    /// The authorization code that it brings, if it does.
    pub code: Option<&'a CodeId>,
    /// For which account.
    pub account: &'a AccountId,
    /// For which logon; none for whoever opens it.
    pub logon: Option<&'a str>,
    /// What it says.
    pub text: LetterText,
    /// When it was put there.
    pub at: Moment,
}

#[derive(SurrealValue)]
struct Values {
    name: String,
    code: Option<String>,
    kind: String,
    number: String,
    file: String,
    spooled: Moment,
}

/// The letter's record, and its place in the account's correspondence: one for each name, however often its job ran.
pub fn spooled(letter: Spooled<'_>) -> Piece {
    let values = Values {
        name: letter.name.to_owned(),
        code: letter.code.map(ToString::to_string),
        kind: letter.account.kind.clone(),
        number: letter.account.number.digits(),
        file: format!("{}.pdf", letter.name),
        spooled: letter.at,
    };
    let kept = sent::New {
        name: letter.name,
        account: letter.account,
        logon: letter.logon,
        way: Way::Letter,
        recipient: letter.text.address.join(", "),
        subject: letter.text.subject.clone(),
        content: content(letter.text),
        at: letter.at,
    };
    Piece::new(
        "UPSERT type::record('letter', $letter.name) SET code = $letter.code, kind = $letter.kind, number = $letter.number,
            file = $letter.file, spooled = $letter.spooled RETURN NONE;",
    )
    .with("letter", values)
    .then(sent::keep(kept))
}

/// What is kept of a letter: all but its code.
fn content(mut text: LetterText) -> String {
    text.code = text.code.map(|_| WITHHELD.to_owned());
    // Texts in a struct always have a JSON form.
    serde_json::to_string(&text).unwrap_or_default()
}
