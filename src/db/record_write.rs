//! New rows of tables that have nothing but rows: no index, no event and no field that is checked. Embedded, they are written
//! record by record, in the transaction of the statements beside them, which takes a fifth of what SurrealQL's `INSERT` takes.
//! A server gets the statement.

use surrealdb::types::{RecordId, RecordIdKey, Value};

use super::statement::Statement;

/// The tables. A test asks the schema whether they are still so.
const TABLES: [&str; 5] = ["alert", "audit_unsealed", "message", "reminder_due", "reply"];

/// Whether a statement inserts rows into such a table, and does no more.
pub(super) fn is_plain_insert(statement: &Statement) -> bool {
    let table = statement.text.strip_prefix("INSERT INTO ").and_then(|text| text.strip_suffix(" $rows RETURN NONE;"));
    table.is_some_and(|table| TABLES.contains(&table))
}

/// The rows of the values of such a statement, with their tables in their ids.
pub(super) fn rows(statement: &Statement, values: Vec<Value>) -> Vec<Value> {
    let [table] = statement.writes else { return Vec::new() };
    let rows = values.into_iter().flat_map(|rows| match rows {
        Value::Array(rows) => rows.into_vec(),
        _ => Vec::new(),
    });
    rows.map(|row| with_table(table, row)).collect()
}

/// A row whose id is the key alone gets its table's name there.
fn with_table(table: &str, row: Value) -> Value {
    let Value::Object(mut fields) = row else { return row };
    let key = match fields.get("id") {
        Some(Value::Array(key)) => RecordIdKey::Array(key.clone()),
        Some(Value::String(key)) => RecordIdKey::String(key.clone()),
        // It is an id already, or none: then writing it fails.
        _ => return Value::Object(fields),
    };
    fields.insert("id", RecordId { table: table.into(), key });
    Value::Object(fields)
}

/// Whether a table has no event, no field that is looked after, no index, no LIVE query and no view.
#[cfg(test)]
pub(super) async fn has_nothing_but_rows(db: &super::Db, table: &str) -> bool {
    let text = format!(
        "LET $info = INFO FOR TABLE {table};
         RETURN [$info.events, $info.fields, $info.indexes, $info.lives, $info.tables].all(|$part: object| object::is_empty($part))"
    );
    db.raw(text).await.unwrap().take::<Option<bool>>(1).unwrap() == Some(true)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::db::{
        Db, Query, STATEMENTS, migrate, statement,
        value::{Bytes, SurrealValue},
    };

    #[derive(Clone, SurrealValue)]
    struct Row {
        id: (String, i64),
        text: String,
        none: Option<String>,
        some: Option<i64>,
        at: crate::words::Moment,
        list: Vec<String>,
        bytes: Bytes,
        yes: bool,
        half: f64,
    }

    statement! {
        InsertRows { rows: Vec<Row> };
        writes message;
        "INSERT INTO message $rows RETURN NONE;"
    }

    statement! {
        Note { text: String };
        writes account;
        "CREATE noted SET text = $text RETURN NONE;"
    }

    statement! {
        Refuse { text: String };
        writes account;
        "IF $text != '' { THROW $text };"
    }

    fn row(number: i64) -> Row {
        Row {
            id: ("a".into(), number),
            text: "text".into(),
            none: None,
            some: Some(1),
            at: DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap(),
            list: vec!["x".into(), String::new()],
            bytes: Bytes::from(vec![0, 255]),
            yes: true,
            half: 0.5,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_are_the_same_whichever_way_they_are_written() {
        let db = Db::in_memory().await.unwrap();
        // The first alone is no transaction of several, and goes as its statement.
        InsertRows { rows: vec![row(1)] }.run(&db).await.unwrap();
        Note { text: "a".into() }.then(InsertRows { rows: vec![row(2), row(3)] }).run(&db).await.unwrap();
        let mut rows = db.raw("SELECT * FROM message ORDER BY id").await.unwrap();
        let rows: Vec<Value> = rows.take::<Vec<Value>>(0).unwrap();
        let without_id = |row: &Value| {
            let Value::Object(fields) = row else { panic!("{row:?}") };
            let mut fields = fields.clone();
            (fields.remove("id"), fields)
        };
        let [one, two, _] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(without_id(one).1, without_id(two).1);
        let range = "RETURN count((SELECT VALUE id FROM type::record('message', ['a', 2]..['a', 9])))";
        assert_eq!(db.raw(range).await.unwrap().take::<Option<i64>>(0).unwrap(), Some(2));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn they_are_there_with_the_statements_beside_them_or_not_at_all() {
        let db = Db::in_memory().await.unwrap();
        db.raw("DEFINE TABLE message SCHEMALESS; DEFINE TABLE noted SCHEMALESS").await.unwrap();
        let count = async |table: &str| {
            let text = format!("RETURN count((SELECT VALUE id FROM {table}))");
            db.raw(text).await.unwrap().take::<Option<i64>>(0).unwrap().unwrap()
        };
        let both = |number| Note { text: "a".into() }.then(InsertRows { rows: vec![row(number)] });
        assert!(both(1).then(Refuse { text: "no".into() }).run(&db).await.is_err());
        assert_eq!((count("message").await, count("noted").await), (0, 0));
        both(1).run(&db).await.unwrap();
        assert_eq!((count("message").await, count("noted").await), (1, 1));
        assert!(both(1).run(&db).await.is_err(), "it is there already");
        assert_eq!((count("message").await, count("noted").await), (1, 1));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn their_tables_have_nothing_but_rows() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        for table in TABLES {
            assert!(has_nothing_but_rows(&db, table).await, "{table}");
            assert!(STATEMENTS.iter().any(|one| is_plain_insert(one) && one.writes == [table]), "{table}");
        }
    }

    #[test]
    fn only_a_whole_insert_is_one() {
        let of = |text: &'static str| {
            let writes = &["message"];
            let one = Statement {
                module: "",
                name: "",
                text,
                parameters: &[],
                reads: &[],
                writes,
                topics: &[],
                is_keyed: false,
            };
            is_plain_insert(&one)
        };
        assert!(of("INSERT INTO message $rows RETURN NONE;"));
        for other in [
            "INSERT IGNORE INTO message $rows RETURN NONE;",
            "INSERT INTO message $rows RETURN VALUE id;",
            "INSERT INTO thread $rows RETURN NONE;",
            "LET $rows = []; INSERT INTO message $rows RETURN NONE;",
        ] {
            assert!(!of(other), "{other}");
        }
    }
}
