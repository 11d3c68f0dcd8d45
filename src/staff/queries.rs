//! Employees in the database.

use crate::{
    db::{Ask, Db, DbError},
    session::Role,
    words::{StaffId, UserId},
};

/// Writes an employee of the demo who is not there yet.
///
/// # Errors
/// When the database does not answer.
pub async fn add(db: &Db, user_id: &UserId, name: &str, role: Role, password: String) -> Result<(), DbError> {
    let ask = Ask::new(
        "{
            IF (SELECT VALUE id FROM staff WHERE folded = $folded) != [] { RETURN NONE };
            CREATE type::record('staff', $id) SET user_id = $user_id, folded = $folded, name = $name, role = $role, password = $password,
                status = 'active', demo = true RETURN NONE;
        }",
    )
    .with("id", StaffId::draw().as_str())
    .with("user_id", user_id.as_str())
    .with("folded", user_id.folded())
    .with("name", name.to_owned())
    .with("role", role)
    .with("password", password);
    db.ask(ask).await.map(drop)
}

/// The ids of a user ID: an employee's, a person's, or both.
///
/// # Errors
/// When the database does not answer.
pub async fn ids_of(db: &Db, user_id: &UserId) -> Result<Vec<String>, DbError> {
    let ask = Ask::new(
        "RETURN array::concat((SELECT VALUE record::id(id) FROM staff WHERE folded = $folded),
            (SELECT VALUE record::id(id) FROM logon WHERE folded = $folded))",
    );
    db.ask(ask.with("folded", user_id.folded())).await?.all(0)
}
