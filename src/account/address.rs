//! Addresses on record that are wrong: a letter came back from there.

use super::{Account, FIELDS, Row, read};
use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    words::{AccountId, Moment},
};

#[derive(SurrealValue)]
struct Values {
    kind: String,
    number: String,
    letter: String,
    now: Moment,
}

/// Notes that a letter to an account's address on record came back. It stands until another address is on record, or staff
/// say that this one is right; a letter to another address says nothing of the present one.
pub fn is_faulty(id: &AccountId, letter: &str, now: Moment) -> Piece {
    let values = Values { kind: id.kind.clone(), number: id.number.digits(), letter: letter.to_owned(), now };
    Piece::new(
        "LET $present = (SELECT name, street FROM ONLY type::record('account', [$faulty.kind, $faulty.number]));
         LET $sent_to = (SELECT VALUE recipient FROM ONLY type::record('correspondence', $faulty.letter));
         IF $present != NONE AND array::join(array::prepend($present.street, $present.name), ', ') = $sent_to {
            UPSERT type::record('address_fault', [$faulty.kind, $faulty.number]) SET letter = $faulty.letter, since = $faulty.now RETURN NONE;
         };",
    )
    .with("faulty", values)
}

/// Notes that an address on record is right after all.
pub fn is_right(id: &AccountId) -> Piece {
    Piece::new("DELETE type::record('address_fault', [$right_kind, $right_number]);")
        .with("right_kind", id.kind.clone())
        .with("right_number", id.number.digits())
}

/// Whether a letter to an account's address on record came back.
///
/// # Errors
/// When the database does not answer.
pub async fn has_faulty(db: &Db, id: &AccountId) -> Result<bool, DbError> {
    let ask = Ask::new("RETURN record::exists(type::record('address_fault', [$kind, $number]))")
        .with("kind", id.kind.clone())
        .with("number", id.number.digits());
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
}

/// Accounts whose address on record is wrong, at most 50.
///
/// # Errors
/// When the database does not answer.
pub async fn with_faulty(db: &Db) -> Result<Vec<Account>, DbError> {
    let text = format!(
        "LET $keys = (SELECT VALUE record::id(id) FROM address_fault LIMIT 50);
         RETURN $keys.map(|$key: array| (SELECT {FIELDS} FROM ONLY type::record('account', $key))).filter(|$one: any| $one != NONE);"
    );
    let rows: Vec<Row> = Piece::new(text).run(db).await?.all(0)?;
    rows.into_iter().map(read).collect()
}
