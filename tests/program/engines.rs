//! The embedded engine runs statements from their plans, a server reads their texts: both answer alike.

use std::{process::Command, time::Duration};

use chrono::{DateTime, Utc};
use springboard::{
    db::{Db, DbError, Topic, changes, migrate, value::Value},
    words::config::Database,
};

use crate::{mailboxes, process::DatabaseServer};

/// Texts with one value each, in this order; each is asked twice, so that the second time it has a plan.
const TEXTS: &[&str] = &[
    "{ UPSERT type::record('counter', $given) SET next = (next ?? 0) + 1 RETURN NONE; RETURN (SELECT VALUE next FROM ONLY type::record('counter', $given)); }",
    "SELECT VALUE next FROM ONLY type::record('counter', $given)",
    "SELECT VALUE next FROM ONLY type::record('counter', 'nobody')",
    "SELECT next FROM counter ORDER BY next; RETURN NONE; RETURN [$given, NONE, NULL, -9223372036854775808, 1.5, 3s]",
    "{ LET $list = [1, 2, 3]; RETURN $list.filter(|$one: int| $one < string::len($given)); }",
    "{ FOR $one IN 0..3 { UPSERT type::record('throttle', [$given, $one]) SET hits = [d'2026-11-24T12:00:00Z'], touched = d'2026-11-24T12:00:00Z' RETURN NONE; }; RETURN array::len((SELECT VALUE id FROM type::record('throttle', [$given]..[$given, ..]))); }",
    "SELECT VALUE record::id(id) FROM type::record('throttle', [$given]..[$given, ..])",
    "RETURN { list: [$given], moment: d'2026-11-24T12:00:00.123456789Z', bytes: <bytes> $given, none: NONE }",
    "{ DELETE type::record('throttle', [$given, 0]); RETURN (DELETE type::record('throttle', [$given, 1]) RETURN BEFORE).len(); }",
    "{ CREATE type::record('counter', 'undone') SET next = 1; THROW 'not ' + $given; }",
    "SELECT * FROM counter WHERE id = counter:undone",
    "{ CREATE type::record('counter', $given) SET next = 1; }",
    "SELECT * FROM WHERE",
    "RETURN fn::nobody($given)",
];

/// What a database answers, or which kind of fault: the words of faults may differ.
async fn answers(db: &Db) -> Vec<Result<Vec<Value>, String>> {
    let mut said = Vec::new();
    for text in TEXTS.iter().flat_map(|text| [text, text]) {
        let asked = db.raw(*text).bind(("given", "abc")).await;
        said.push(match asked {
            Ok(mut results) => Ok((0..3).map(|at| results.take(at).unwrap()).collect()),
            Err(DbError::Refused(thrown)) => Err(format!("refused: {thrown}")),
            Err(DbError::Broken(_)) => Err("broken".to_owned()),
            Err(DbError::Away(why)) => panic!("{text}: {why}"),
        });
    }
    said
}

/// Values go in and come out as they are.
async fn round_trip(db: &Db) {
    let moment: DateTime<Utc> = "2026-11-24T12:00:00.123456Z".parse().unwrap();
    let asked = db.raw("RETURN $moment; RETURN $texts; RETURN $none").bind(("moment", moment));
    let asked = asked.bind(("texts", vec!["a'b", "𝒜$x"])).bind(("none", None::<String>));
    let mut results = asked.await.unwrap();
    assert_eq!(results.take::<Option<DateTime<Utc>>>(0), Ok(Some(moment)));
    assert_eq!(results.take::<Vec<String>>(1), Ok(vec!["a'b".to_owned(), "𝒜$x".to_owned()]));
    assert_eq!(results.take::<Option<String>>(2), Ok(None));
}

/// Transactions that lose against others are run again, all of them.
async fn contend(db: &Db) {
    let text = "{ UPSERT counter:contended SET next = (next ?? 0) + 1 RETURN NONE; }";
    let all = (0..12).map(|_| async { db.raw(text).await.map(drop) });
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let next = db.raw("SELECT VALUE next FROM ONLY counter:contended").await.unwrap().take::<Option<i64>>(0);
    assert_eq!(next, Ok(Some(12)));
}

/// Rows that nobody needs any more go, and no others: embedded record by record, on a server by a statement.
async fn sweep(db: &Db) {
    let hint = "CREATE type::record('change', rand::ulid(time::now() - $age)) SET topics = [] RETURN NONE";
    let old = db.raw(hint).bind(("age", Duration::from_secs(3600)));
    old.await.unwrap();
    db.raw(hint).bind(("age", Duration::from_secs(1))).await.unwrap();
    changes::sweep(db).await.unwrap();
    let left: Option<i64> = db.raw("RETURN array::len((SELECT VALUE id FROM change))").await.unwrap().take(0).unwrap();
    assert_eq!(left, Some(1));
}

/// A LIVE query tells what another transaction wrote.
async fn follow(db: &Db) {
    let (told, mut feed) = tokio::sync::mpsc::unbounded_channel();
    let _subscription = changes::follow(db, move |topic| drop(told.send(topic.clone())));
    for turn in 0..20 {
        let change =
            "CREATE type::record('change', rand::ulid()) SET key = $key, topics = ['logon:somebody'] RETURN NONE";
        db.raw(change).bind(("key", format!("another process, {turn}"))).await.unwrap();
        if let Ok(Some(topic)) = tokio::time::timeout(Duration::from_millis(500), feed.recv()).await {
            assert_eq!(topic, Topic::Logon("somebody".into()));
            return;
        }
    }
    panic!("nothing was told");
}

/// What the engine says of its memory, for so many MiB of cache.
fn told(mebibytes: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let migrated = Command::new(env!("CARGO_BIN_EXE_springboard"))
        .arg("migrate")
        .current_dir(folder.path())
        .env("SPRINGBOARD_PROFILE", "demo")
        .env("SPRINGBOARD_DATABASE_CACHE", mebibytes)
        .env("RUST_LOG", "info")
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8_lossy(&migrated.stdout), String::from_utf8_lossy(&migrated.stderr))
}

#[test]
fn an_operator_bounds_the_cache_of_the_embedded_engine() {
    let said = told("64");
    assert!(said.contains("block cache size: 67108864B"), "{said}");
    let said = told("1");
    assert!(said.contains("SPRINGBOARD_DATABASE_CACHE must be a number of MiB from 16 to 1048576"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_engine_and_a_server_answer_alike() {
    let folder = tempfile::tempdir().unwrap();
    let server = DatabaseServer::start(&folder.path().join("database")).await;
    let url = format!("rocksdb://{}", folder.path().join("embedded").display());
    let embedded = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    let remote = mailboxes::db(&server).await;
    for db in [&embedded, &remote] {
        migrate::run(db).await.unwrap();
        round_trip(db).await;
        contend(db).await;
        sweep(db).await;
        follow(db).await;
    }
    let (of_embedded, of_remote) = (answers(&embedded).await, answers(&remote).await);
    for ((text, one), other) in TEXTS.iter().flat_map(|text| [text, text]).zip(of_embedded).zip(of_remote) {
        assert_eq!(one, other, "{text}");
    }
}
