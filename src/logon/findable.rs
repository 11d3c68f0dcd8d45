//! What staff find a logon by, beside its user ID and e-mail address: its owner's name.

use crate::{
    db::{Db, DbError, Query, statement, value::SurrealValue},
    words::text,
};

/// Which rules the keys on file were made by.
const VERSION: i64 = 1;
/// How many logons are made findable in one transaction.
const AT_ONCE: i64 = 500;

/// A name as it is looked for: last name first, in small letters without accents, apostrophes and dashes; each other sign is
/// a blank.
pub fn name_key(last: &str, first: &str) -> String {
    typed_key(&format!("{last} {first}"))
}

/// What was typed, as a name's key begins.
pub fn typed_key(typed: &str) -> String {
    let folded = text::folded(typed).replace(['\'', '-'], "");
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[derive(SurrealValue)]
struct Named {
    id: String,
    first: String,
    last: String,
}

#[derive(SurrealValue)]
struct Key {
    id: String,
    key: String,
}

statement! {
    Version -> Option<i64>;
    reads counter;
    "SELECT VALUE next FROM ONLY type::record('counter', 'logon names')"
}

statement! {
    Page { last: String, most: i64 } -> Vec<Named>;
    reads logon;
    "SELECT record::id(id) AS id, first, last FROM type::record('logon', $last>..) LIMIT $most"
}

statement! {
    WriteKeys { keys: Vec<Key> };
    writes logon;
    "FOR $one IN $keys { UPDATE type::record('logon', $one.id) SET name_folded = $one.key RETURN NONE };"
}

statement! {
    Prepared { version: i64 };
    writes counter;
    "UPSERT type::record('counter', 'logon names') SET next = $version RETURN NONE;"
}

/// Makes logons findable whose keys were made by other rules: once.
///
/// # Errors
/// When the database does not answer.
pub async fn prepare(db: &Db) -> Result<(), DbError> {
    if db.ask(Version {}).await?.is_some_and(|version| version >= VERSION) {
        return Ok(());
    }
    let mut after = String::new();
    loop {
        let page = db.ask(Page { last: after.clone(), most: AT_ONCE }).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        let keys: Vec<Key> =
            page.into_iter().map(|named| Key { key: name_key(&named.last, &named.first), id: named.id }).collect();
        WriteKeys { keys }.run(db).await?;
    }
    Prepared { version: VERSION }.run(db).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        assert_eq!(name_key("O\u{2019}Neil-Łukasz", "Ånn"), "oneillukasz ann");
        for typed in ["o'neil", "ONEIL", "O`Neil", "oneil-lukasz, ann"] {
            assert!(name_key("O\u{2019}Neil-Łukasz", "Ånn").starts_with(&typed_key(typed)), "{typed}");
        }
    }
}
