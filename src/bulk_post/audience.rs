//! Saved filters: which accounts of a type a message is for. A filter is looked through when a message is written; whom it
//! is for is settled then, and shown before it is posted.

use crate::{
    account::{self, Account, Status, zip},
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, statement, value::SurrealValue},
    session::staff::By,
    words::Moment,
};

/// Accounts that are looked at in one question.
const AT_ONCE: usize = 1000;
/// The most accounts that a filter may find; a message for more goes to all of a type.
pub const MOST: usize = 20_000;

/// A saved filter.
#[derive(Clone, Debug, SurrealValue)]
pub struct Audience {
    /// Its id.
    pub id: String,
    /// What staff call it.
    pub name: String,
    /// The accounts' type.
    pub kind: String,
    /// The beginning of their ZIP code; empty if it does not matter.
    pub zip: String,
    /// Whether they owe money; none if it does not matter.
    pub owes: Option<bool>,
    /// Whether anybody has access to them; none if it does not matter.
    pub has_access: Option<bool>,
    /// Who saved it.
    pub by_name: String,
    /// When.
    pub changed: Moment,
}

impl Audience {
    /// Whether what an account itself says is as the filter wants it.
    fn takes(&self, account: &Account) -> bool {
        let owes = account.balance.0 < 0;
        account.status == Status::Active
            && (self.zip.is_empty() || zip(&account.street).is_some_and(|zip| zip.starts_with(&self.zip)))
            && self.owes.is_none_or(|wanted| wanted == owes)
    }
}

macro_rules! columns {
    () => {
        "record::id(id) AS id, name, kind, zip, owes, has_access, by_name, changed"
    };
}

statement! {
    All -> Vec<Audience>;
    reads audience;
    concat!("SELECT ", columns!(), " FROM audience WITH INDEX audience_name WHERE name > '' ORDER BY name LIMIT 200")
}

/// All filters, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(db: &Db) -> Result<Vec<Audience>, DbError> {
    db.ask(All {}).await
}

statement! {
    Find { id: String } -> Option<Audience>;
    reads audience;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('audience', $id)")
}

/// One filter.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<Audience>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(Find { id: id.to_owned() }).await
}

/// What saving throws when another filter has this name.
pub const TAKEN: Refusal = Refusal::new("the name is taken");

statement! {
    Save {
        id: String,
        name: String,
        kind: String,
        zip: String,
        owes: Option<bool>,
        has_access: Option<bool>,
        by_name: String,
        changed: Moment,
    };
    reads audience;
    writes audience;
    refuses TAKEN;
    "IF (SELECT VALUE id FROM audience WHERE name = $name) != [] { THROW $TAKEN };
     CREATE type::record('audience', $id) SET name = $name, kind = $kind, zip = $zip, owes = $owes, has_access = $has_access,
        by_name = $by_name, changed = $changed RETURN NONE;"
}

/// Saves a filter.
///
/// # Errors
/// A refusal of [`TAKEN`] when another one has this name.
pub async fn save(db: &Db, audience: &Audience, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let Audience { id, name, kind, zip, owes, has_access, by_name, changed } = audience.clone();
    Save { id, name, kind, zip, owes, has_access, by_name, changed }
        .then(audit::row(now, by.id, Deed::SavedAudience, &audience.id, &audience.name))
        .run(db)
        .await
}

statement! {
    Delete { id: String };
    writes audience;
    "DELETE type::record('audience', $id);"
}

/// Deletes a filter; messages that were written with it stay.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, audience: &Audience, by: By<'_>, now: Moment) -> Result<(), DbError> {
    Delete { id: audience.id.clone() }
        .then(audit::row(now, by.id, Deed::DeletedAudience, &audience.id, &audience.name))
        .run(db)
        .await
}

/// The numbers of the accounts that a filter takes, in order: one more than [`MOST`] if there are more.
///
/// # Errors
/// When the database does not answer.
pub async fn numbers(db: &Db, audience: &Audience) -> Result<Vec<String>, DbError> {
    let (mut after, mut found) = (String::new(), Vec::new());
    loop {
        let accounts = account::of_type(db, &audience.kind, &after, AT_ONCE).await?;
        let Some(last) = accounts.last() else { return Ok(found) };
        after = last.id.number.digits();
        let taken = accounts.iter().filter(|account| audience.takes(account));
        let taken: Vec<String> = taken.map(|account| account.id.number.digits()).collect();
        found.extend(match audience.has_access {
            None => taken,
            Some(wanted) => with_access(db, &audience.kind, taken, wanted).await?,
        });
        if found.len() > MOST {
            found.truncate(MOST + 1);
            return Ok(found);
        }
    }
}

statement! {
    WithAccess { kind: String, numbers: Vec<String>, wanted: bool } -> Vec<String>;
    reads access;
    "RETURN $numbers.filter(|$number: string|
        ((SELECT VALUE logon FROM type::record('access', [$kind, $number]..[$kind, $number, ..]) LIMIT 1) != []) = $wanted)"
}

/// Those of these accounts that somebody has access to, or nobody.
async fn with_access(db: &Db, kind: &str, numbers: Vec<String>, wanted: bool) -> Result<Vec<String>, DbError> {
    db.ask(WithAccess { kind: kind.to_owned(), numbers, wanted }).await
}
