//! What the console looks up.

use crate::{
    db::{Db, DbError, statement},
    words::UserId,
};

statement! {
    IdsOf { folded: String } -> Vec<String>;
    reads staff, logon;
    "RETURN array::concat((SELECT VALUE record::id(id) FROM staff WHERE folded = $folded),
        (SELECT VALUE record::id(id) FROM logon WHERE folded = $folded))"
}

/// The ids of a user ID: an employee's, a person's, or both.
///
/// # Errors
/// When the database does not answer.
pub async fn ids_of(db: &Db, user_id: &UserId) -> Result<Vec<String>, DbError> {
    db.ask(IdsOf { folded: user_id.folded() }).await
}
