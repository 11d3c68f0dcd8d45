//! Templates in the database.

use super::Template;
use crate::{
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    session::staff::By,
    words::Moment,
};

/// What writing throws when another template has this name.
pub const TAKEN: &str = "the name is taken";

const FIELDS: &str = "record::id(id) AS id, name, subject, body, by_name, changed";

/// All templates, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(db: &Db) -> Result<Vec<Template>, DbError> {
    let text = format!(
        "RETURN (SELECT {FIELDS} FROM template WITH INDEX template_name WHERE name > '' ORDER BY name LIMIT 200);"
    );
    Piece::new(text).run(db).await?.all(0)
}

/// One template.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<Template>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('template', $id));");
    Piece::new(text).with("id", id.to_owned()).run(db).await?.one(0)
}

#[derive(SurrealValue)]
struct Values {
    id: String,
    name: String,
    subject: String,
    body: String,
    by_name: String,
    now: Moment,
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
    let values = Values { id: id.to_owned(), name: name.clone(), subject, body, by_name: by.name.to_owned(), now };
    Piece::new(format!(
        "IF (SELECT VALUE record::id(id) FROM template WHERE name = $template.name).any(|$other: string| $other != $template.id) {{ THROW '{TAKEN}' }};
         UPSERT type::record('template', $template.id) SET name = $template.name, subject = $template.subject, body = $template.body,
            by_name = $template.by_name, changed = $template.now RETURN NONE;"
    ))
    .with("template", values)
    .then(audit::row(now, by.id, Deed::WroteTemplate, id, &name))
    .run(db)
    .await
    .map(drop)
}

/// Deletes a template; messages that were made of it stay.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, template: &Template, by: By<'_>, now: Moment) -> Result<(), DbError> {
    Piece::new("DELETE type::record('template', $gone_template);")
        .with("gone_template", template.id.clone())
        .then(audit::row(now, by.id, Deed::DeletedTemplate, &template.id, &template.name))
        .run(db)
        .await
        .map(drop)
}

/// The names of all templates with their ids, for forms that offer them.
///
/// # Errors
/// When the database does not answer.
pub async fn names(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    let ask = Ask::new(
        "SELECT VALUE [record::id(id), name] FROM template WITH INDEX template_name WHERE name > '' ORDER BY name LIMIT 200",
    );
    db.ask(ask).await?.all(0)
}
