//! Templates in the database.

use super::Template;
use crate::{
    audit::{self, Deed},
    session::staff::By,
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::Moment,
};

/// What writing throws when another template has this name.
pub const TAKEN: &str = "the name is taken";

const FIELDS: &str = "record::id(id) AS id, name, subject, body, by_name, changed";

/// All templates, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn all(store: &Store) -> Result<Vec<Template>, StoreFault> {
    let text = format!(
        "RETURN (SELECT {FIELDS} FROM template WITH INDEX template_name WHERE name > '' ORDER BY name LIMIT 200);"
    );
    Piece::new(text).run(store).await?.all(0)
}

/// One template.
///
/// # Errors
/// When the database does not answer.
pub async fn find(store: &Store, id: &str) -> Result<Option<Template>, StoreFault> {
    if id.is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('template', $id));");
    Piece::new(text).with("id", id.to_owned()).run(store).await?.one(0)
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
    store: &Store,
    id: &str,
    (name, subject, body): (String, String, String),
    by: By<'_>,
    now: Moment,
) -> Result<(), StoreFault> {
    let values = Values { id: id.to_owned(), name: name.clone(), subject, body, by_name: by.name.to_owned(), now };
    Piece::new(format!(
        "IF (SELECT VALUE record::id(id) FROM template WHERE name = $template.name).any(|$other: string| $other != $template.id) {{ THROW '{TAKEN}' }};
         UPSERT type::record('template', $template.id) SET name = $template.name, subject = $template.subject, body = $template.body,
            by_name = $template.by_name, changed = $template.now RETURN NONE;"
    ))
    .with("template", values)
    .then(audit::row(now, by.id, Deed::WroteTemplate, id, &name))
    .run(store)
    .await
    .map(drop)
}

/// Deletes a template; messages that were made of it stay.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(store: &Store, template: &Template, by: By<'_>, now: Moment) -> Result<(), StoreFault> {
    Piece::new("DELETE type::record('template', $gone_template);")
        .with("gone_template", template.id.clone())
        .then(audit::row(now, by.id, Deed::DeletedTemplate, &template.id, &template.name))
        .run(store)
        .await
        .map(drop)
}

/// The names of all templates with their ids, for forms that offer them.
///
/// # Errors
/// When the database does not answer.
pub async fn names(store: &Store) -> Result<Vec<(String, String)>, StoreFault> {
    let ask = Ask::new(
        "SELECT VALUE [record::id(id), name] FROM template WITH INDEX template_name WHERE name > '' ORDER BY name LIMIT 200",
    );
    store.ask(ask).await?.all(0)
}
