//! Letters: what was rendered, for which account, and when it was put into the spool.

use crate::{
    store::{Piece, value::SurrealValue},
    words::{AccountId, CodeId, Moment},
};

#[derive(SurrealValue)]
struct Values {
    name: String,
    code: Option<String>,
    kind: String,
    number: String,
    file: String,
    spooled: Moment,
}

/// The letter's record: one for each name, however often its job ran.
pub fn spooled(name: &str, code: Option<&CodeId>, account: &AccountId, file: &str, now: Moment) -> Piece {
    let values = Values {
        name: name.to_owned(),
        code: code.map(ToString::to_string),
        kind: account.kind.clone(),
        number: account.number.digits(),
        file: file.to_owned(),
        spooled: now,
    };
    Piece::new(
        "UPSERT type::record('letter', $letter.name) SET code = $letter.code, kind = $letter.kind, number = $letter.number,
            file = $letter.file, spooled = $letter.spooled RETURN NONE;",
    )
    .with("letter", values)
}
