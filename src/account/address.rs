//! Addresses on record that are wrong: a letter came back from there.

use super::{Account, Row, read};
use crate::{
    db::{Db, DbError, Query, Transaction, statement},
    words::{AccountId, Moment},
};

statement! {
    NoteFaulty { kind: String, number: String, letter: String, now: Moment };
    reads account, correspondence;
    writes address_fault;
    "LET $present = (SELECT name, street FROM ONLY type::record('account', [$kind, $number]));
     LET $sent_to = (SELECT VALUE recipient FROM ONLY type::record('correspondence', $letter));
     IF $present != NONE AND array::join(array::prepend($present.street, $present.name), ', ') = $sent_to {
        UPSERT type::record('address_fault', [$kind, $number]) SET letter = $letter, since = $now RETURN NONE;
     };"
}

/// Notes that a letter to an account's address on record came back. It stands until another address is on record, or staff
/// say that this one is right; a letter to another address says nothing of the present one.
pub fn is_faulty(id: &AccountId, letter: &str, now: Moment) -> Transaction {
    NoteFaulty { kind: id.kind.clone(), number: id.number.digits(), letter: letter.to_owned(), now }.into()
}

statement! {
    NoteRight { kind: String, number: String };
    writes address_fault;
    "DELETE type::record('address_fault', [$kind, $number]);"
}

/// Notes that an address on record is right after all.
pub fn is_right(id: &AccountId) -> Transaction {
    NoteRight { kind: id.kind.clone(), number: id.number.digits() }.into()
}

statement! {
    HasFaulty { kind: String, number: String } -> Option<bool>;
    reads address_fault;
    "RETURN record::exists(type::record('address_fault', [$kind, $number]))"
}

/// Whether a letter to an account's address on record came back.
///
/// # Errors
/// When the database does not answer.
pub async fn has_faulty(db: &Db, id: &AccountId) -> Result<bool, DbError> {
    let has_faulty = HasFaulty { kind: id.kind.clone(), number: id.number.digits() };
    Ok(db.ask(has_faulty).await?.unwrap_or(false))
}

statement! {
    WithFaulty -> Vec<Row>;
    reads address_fault, account;
    concat!(
        "LET $keys = (SELECT VALUE record::id(id) FROM address_fault LIMIT 50);
         RETURN $keys.map(|$key: array| (SELECT ", account_columns!(), " FROM ONLY type::record('account', $key))).filter(|$one: any| $one != NONE);",
    )
}

/// Accounts whose address on record is wrong, at most 50.
///
/// # Errors
/// When the database does not answer.
pub async fn with_faulty(db: &Db) -> Result<Vec<Account>, DbError> {
    let rows = WithFaulty {}.run(db).await?;
    rows.into_iter().map(read).collect()
}
