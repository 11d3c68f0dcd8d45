//! Employees in the database.

use crate::{
    db::{Db, DbError, Query, statement},
    session::Role,
    words::{StaffId, UserId},
};

statement! {
    Add { id: String, user_id: String, folded: String, name: String, role: Role, password: String };
    reads staff;
    writes staff;
    "IF (SELECT VALUE id FROM staff WHERE folded = $folded) != [] { RETURN NONE };
     CREATE type::record('staff', $id) SET user_id = $user_id, folded = $folded, name = $name, role = $role, password = $password,
        status = 'active', demo = true RETURN NONE;"
}

/// Writes an employee of the demo who is not there yet.
///
/// # Errors
/// When the database does not answer.
pub async fn add(db: &Db, user_id: &UserId, name: &str, role: Role, password: String) -> Result<(), DbError> {
    let add = Add {
        id: StaffId::draw().to_string(),
        user_id: user_id.to_string(),
        folded: user_id.folded(),
        name: name.to_owned(),
        role,
        password,
    };
    add.run(db).await
}

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
