//! Staff members in the database.

use std::collections::{BTreeSet, HashMap};

use super::{Role, StaffStatus};
use crate::{
    audit::Listed,
    db::{
        Db, DbError, Query, Refusal, Transaction, statement,
        value::{RecordId, SurrealValue},
    },
    words::{EmailAddress, Moment, StaffId, UserId},
};

/// A staff member.
#[derive(Clone, Debug, SurrealValue)]
pub struct StaffMember {
    /// The id.
    pub id: String,
    /// The user ID.
    pub user_id: String,
    /// The name.
    pub name: String,
    /// The e-mail address, where links go.
    pub email: Option<String>,
    /// The role.
    pub role: Role,
    /// How they stand.
    pub status: StaffStatus,
    /// Whether a second factor is set up.
    pub has_factor: bool,
    /// Whether it is one of the demo's.
    pub demo: bool,
}

macro_rules! columns {
    () => {
        "record::id(id) AS id, user_id, name, email, role, status ?? 'active' AS status, demo ?? false AS demo,
            ((SELECT VALUE totp != NONE OR passkeys != [] FROM ONLY type::record('second_factor', record::id($parent.id))) ?? false) AS has_factor"
    };
}

statement! {
    All -> Vec<StaffMember>;
    reads staff, second_factor;
    concat!("SELECT ", columns!(), ", folded FROM staff WITH INDEX staff_folded WHERE folded > '' ORDER BY folded LIMIT 2000")
}

/// All staff members, by user ID. An agency has tens or hundreds.
///
/// # Errors
/// When the database does not answer.
pub async fn all(db: &Db) -> Result<Vec<StaffMember>, DbError> {
    db.ask(All {}).await
}

statement! {
    Find { id: String } -> Option<StaffMember>;
    reads staff, second_factor;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('staff', $id)")
}

/// One.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<StaffMember>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(Find { id: id.to_owned() }).await
}

statement! {
    FindByUserId { folded: String } -> Option<StaffMember>;
    reads staff, second_factor;
    concat!("SELECT ", columns!(), " FROM staff WHERE folded = $folded LIMIT 1")
}

/// The one with this user ID.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_user_id(db: &Db, user_id: &UserId) -> Result<Option<StaffMember>, DbError> {
    db.ask(FindByUserId { folded: user_id.folded() }).await
}

/// The user IDs of the demo's staff in this database.
///
/// # Errors
/// When the database does not answer.
pub async fn demo_members(db: &Db) -> Result<Vec<String>, DbError> {
    Ok(all(db).await?.into_iter().filter(|member| member.demo).map(|member| member.user_id).collect())
}

/// How many administrators are active or invited.
///
/// # Errors
/// When the database does not answer.
pub async fn administrators(db: &Db) -> Result<usize, DbError> {
    let counts = |member: &StaffMember| member.role == Role::Administrator && member.status != StaffStatus::Disabled;
    Ok(all(db).await?.iter().filter(|member| counts(member)).count())
}

/// What inviting throws when the user ID is taken.
pub const TAKEN: Refusal = Refusal::new("the user ID is taken");
/// What a change throws that would leave no administrator.
pub const LAST_ADMINISTRATOR: Refusal = Refusal::new("it is the last administrator");

statement! {
    Create {
        id: String,
        user_id: String,
        folded: String,
        name: String,
        email: Option<String>,
        role: Role,
        now: Moment,
    };
    reads staff;
    writes staff;
    changes Staff;
    refuses TAKEN;
    "IF (SELECT VALUE id FROM staff WHERE folded = $folded LIMIT 1) != [] { THROW $TAKEN };
     CREATE type::record('staff', $id) SET user_id = $user_id, folded = $folded, name = $name, email = $email, role = $role,
        password = '', status = 'invited', created = $now, changed = $now RETURN NONE;"
}

/// Statements that write a staff member who has no password yet, or throw [`TAKEN`].
pub fn create(
    id: &StaffId,
    user_id: &UserId,
    name: &str,
    email: Option<&EmailAddress>,
    role: Role,
    now: Moment,
) -> Transaction {
    let create = Create {
        id: id.to_string(),
        user_id: user_id.to_string(),
        folded: user_id.folded(),
        name: name.to_owned(),
        email: email.map(ToString::to_string),
        role,
        now,
    };
    create.into()
}

// All administrators are written, so that of two who disable each other at once only one does.
statement! {
    Change { id: String, role: Option<Role>, status: Option<StaffStatus>, now: Moment };
    reads staff;
    writes staff;
    changes Staff;
    refuses LAST_ADMINISTRATOR;
    "UPDATE type::record('staff', $id) SET role = $role ?? role,
        status = IF $status = 'active' AND password = '' { 'invited' } ELSE { $status ?? status } RETURN NONE;
     UPDATE staff SET changed = $now WHERE role = 'administrator' OR id = type::record('staff', $id) RETURN NONE;
     IF (SELECT VALUE id FROM staff WITH INDEX staff_folded WHERE folded > '' AND role = 'administrator' AND (status = NONE OR status = 'active') LIMIT 1) = [] {
        THROW $LAST_ADMINISTRATOR
     };"
}

/// Statements that change a staff member's role or standing, or throw [`LAST_ADMINISTRATOR`] when nobody would be left who
/// can look after the others. Their sessions see it at their next request.
pub fn change(id: &str, role: Option<Role>, status: Option<StaffStatus>, now: Moment) -> Transaction {
    Change { id: id.to_owned(), role, status, now }.into()
}

statement! {
    SetPassword { id: String, hash: String, now: Moment };
    reads staff;
    writes staff;
    changes Staff;
    "UPDATE type::record('staff', $id) SET password = $hash,
        status = IF status = 'disabled' { status } ELSE IF $hash = '' { 'invited' } ELSE { 'active' }, changed = $now RETURN NONE;"
}

/// Statements that set a staff member's password; from then on they are active, or invited anew with none.
pub fn set_password(id: &str, hash: String, now: Moment) -> Transaction {
    SetPassword { id: id.to_owned(), hash, now }.into()
}

statement! {
    PasswordOf { id: String } -> Option<String>;
    reads staff;
    "SELECT VALUE password FROM ONLY type::record('staff', $id)"
}

/// The hash of a staff member's password.
///
/// # Errors
/// When the database does not answer.
pub async fn password_of(db: &Db, id: &str) -> Result<Option<String>, DbError> {
    db.ask(PasswordOf { id: id.to_owned() }).await
}

statement! {
    Add { id: String, user_id: String, folded: String, name: String, role: Role, password: String };
    reads staff;
    writes staff;
    "IF (SELECT VALUE id FROM staff WHERE folded = $folded) != [] { RETURN NONE };
     CREATE type::record('staff', $id) SET user_id = $user_id, folded = $folded, name = $name, role = $role, password = $password,
        status = 'active', demo = true RETURN NONE;"
}

/// Writes a staff member of the demo who is not there yet.
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

/// What a staff member signs in with.
#[derive(Clone, Debug, SurrealValue)]
pub struct Credentials {
    /// Their id.
    pub key: String,
    /// The hash of their password.
    pub password: String,
    /// Whether they may sign in.
    pub is_active: bool,
}

statement! {
    FindCredentials { folded: String } -> Option<Credentials>;
    reads staff;
    "SELECT record::id(id) AS key, password, (status ?? 'active') = 'active' AS is_active FROM staff WHERE folded = $folded LIMIT 1"
}

/// What a staff member of this user ID signs in with.
///
/// # Errors
/// When the database does not answer.
pub async fn find_credentials(db: &Db, user_id: &UserId) -> Result<Option<Credentials>, DbError> {
    db.ask(FindCredentials { folded: user_id.folded() }).await
}

/// What a transaction throws when a staff member's password is another one by now, or they may not sign in.
pub const CHANGED: Refusal = Refusal::new("the staff member changed");

statement! {
    Still { id: String, password: String };
    reads staff;
    refuses CHANGED;
    "IF (SELECT VALUE password FROM type::record('staff', $id) WHERE (status ?? 'active') = 'active')
        != [$password] { THROW $CHANGED };"
}

/// Statements that hold only while the password that was checked is a staff member's; else they throw [`CHANGED`].
pub fn still(id: &str, password: &str) -> Transaction {
    Still { id: id.to_owned(), password: password.to_owned() }.into()
}

statement! {
    Rehash { id: String, hash: String };
    writes staff;
    "UPDATE type::record('staff', $id) SET password = $hash RETURN NONE;"
}

/// Statements that keep a staff member's hash as it is made today, behind [`still`], which looked at the one before.
pub fn rehashed(id: &str, hash: String) -> Transaction {
    Rehash { id: id.to_owned(), hash }.into()
}

#[derive(SurrealValue)]
struct UserIdRow {
    id: String,
    user_id: String,
}

statement! {
    UserIdsOf { ids: Vec<RecordId> } -> Vec<UserIdRow>;
    reads staff, logon;
    "SELECT record::id(id) AS id, user_id FROM $ids"
}

/// Rows of the audit with the user IDs of those whom they name: staff members' and logons'.
///
/// # Errors
/// When the database does not answer.
pub async fn with_user_ids(db: &Db, mut rows: Vec<Listed>) -> Result<Vec<Listed>, DbError> {
    let named: BTreeSet<&String> =
        rows.iter().flat_map(|row| [&row.who, &row.what]).filter(|id| !id.is_empty()).collect();
    let ids: Vec<RecordId> =
        named.into_iter().flat_map(|id| ["staff", "logon"].map(|table| RecordId::new(table, id.clone()))).collect();
    if ids.is_empty() {
        return Ok(rows);
    }
    let found: HashMap<String, String> =
        db.ask(UserIdsOf { ids }).await?.into_iter().map(|row| (row.id, row.user_id)).collect();
    for row in &mut rows {
        row.name = found.get(&row.who).cloned();
        row.about = found.get(&row.what).cloned();
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_password_that_was_checked_counts_only_while_it_is_theirs() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let (id, user_id) = (StaffId::draw(), UserId::parse("casey").unwrap());
        create(&id, &user_id, "Casey", None, Role::Clerk, now).run(&db).await.unwrap();
        let still = async |hash: &str| super::still(id.as_str(), hash).run(&db).await;
        let is_refused = |written: Result<(), DbError>| written.is_err_and(|fault| fault.is_refusal(CHANGED));
        assert!(is_refused(still("").await), "invited, and no password yet");
        set_password(id.as_str(), "hash".into(), now).run(&db).await.unwrap();
        assert!(still("hash").await.is_ok() && is_refused(still("another").await));
        set_password(id.as_str(), String::new(), now).run(&db).await.unwrap();
        assert!(is_refused(still("hash").await) && is_refused(still("").await), "reset meanwhile");
    }
}
