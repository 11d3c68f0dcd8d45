//! Templates in the database.

use super::Template;
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, statement},
    session::staff::By,
    words::Moment,
};

/// What writing throws when another template has this name.
pub const TAKEN: Refusal = Refusal::new("the name is taken");

macro_rules! columns {
    () => {
        "record::id(id) AS id, name, subject, body, by_name, changed"
    };
}

statement! {
    All -> Vec<Template>;
    reads template;
    concat!("SELECT ", columns!(), " FROM template WITH INDEX template_name WHERE name > '' ORDER BY name LIMIT 200")
}

/// All templates, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(db: &Db) -> Result<Vec<Template>, DbError> {
    db.ask(All {}).await
}

statement! {
    One { id: String } -> Option<Template>;
    reads template;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('template', $id)")
}

/// One template.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<Template>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(One { id: id.to_owned() }).await
}

statement! {
    Write { id: String, name: String, subject: String, body: String, by_name: String, now: Moment };
    reads template;
    writes template;
    refuses TAKEN;
    "IF (SELECT VALUE record::id(id) FROM template WHERE name = $name).any(|$other: string| $other != $id) { THROW $TAKEN };
     UPSERT type::record('template', $id) SET name = $name, subject = $subject, body = $body, by_name = $by_name, changed = $now RETURN NONE;"
}

/// Writes a template: a new one, or another text of one.
///
/// # Errors
/// A refusal of [`TAKEN`] when another one has this name.
pub async fn write(
    db: &Db,
    id: &str,
    (name, subject, body): (String, String, String),
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    Write { id: id.to_owned(), name: name.clone(), subject, body, by_name: by.name.to_owned(), now }
        .then(audit::row(now, by.id, Deed::WroteTemplate, id, &name))
        .run(db)
        .await
}

statement! {
    Delete { id: String };
    writes template;
    "DELETE type::record('template', $id);"
}

/// Deletes a template; messages that were made of it stay.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, template: &Template, by: By<'_>, now: Moment) -> Result<(), DbError> {
    Delete { id: template.id.clone() }
        .then(audit::row(now, by.id, Deed::DeletedTemplate, &template.id, &template.name))
        .run(db)
        .await
}

statement! {
    Names -> Vec<(String, String)>;
    reads template;
    "SELECT VALUE [record::id(id), name] FROM template WITH INDEX template_name WHERE name > '' ORDER BY name LIMIT 200"
}

/// The names of all templates with their ids, for forms that offer them.
///
/// # Errors
/// When the database does not answer.
pub async fn names(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    db.ask(Names {}).await
}
