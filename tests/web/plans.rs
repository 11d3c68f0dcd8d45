//! No page walks a whole table: every question that the pages ask is explained by the database itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
};

use springboard::db::{
    Db,
    value::{ToSql, Value, Variables},
};

use crate::support::{Portal, request_code, run, sign_up};

/// The questions of a text: statements that begin with SELECT, and the first one of a block that returns what it finds.
/// The variables of a block have its prefixes, and so have the values that were seen with it.
fn selects(text: &str) -> Vec<&str> {
    if text.trim_start().starts_with("SELECT") {
        return text.split(';').map(str::trim).filter(|one| one.starts_with("SELECT")).collect();
    }
    let Some((_, inner)) = text.split_once("RETURN (SELECT").filter(|(before, _)| before.trim() == "{") else {
        return vec![];
    };
    let mut depth = 1;
    let end = inner.char_indices().find(|(_, letter)| {
        depth += i32::from(*letter == '(') - i32::from(*letter == ')');
        depth == 0
    });
    let begin = text.len() - inner.len() - "SELECT".len();
    end.map(|(end, _)| &text[begin..begin + "SELECT".len() + end]).into_iter().collect()
}

#[test]
fn no_question_of_a_page_walks_a_table() {
    run(async {
        let asked: Arc<Mutex<BTreeMap<String, Variables>>> = Arc::default();
        let seen = asked.clone();
        let db = Db::in_memory().await.unwrap().observed(Arc::new(move |text, values| {
            seen.lock().unwrap().insert(text.to_owned(), values.clone());
            Ok(())
        }));
        let portal = Portal::on(db.clone()).await;
        asked.lock().unwrap().clear();
        let mut browser = sign_up(&portal, "mechanicschool").await;
        request_code(&mut browser, "mechanic-school", "123456", true).await;
        for path in [
            "/springboard/submissions",
            "/springboard/correspondence",
            "/springboard/correspondence?folder=unread",
            "/springboard/correspondence?folder=sent",
            "/springboard/correspondence?folder=archived",
            "/settings",
            "/access/add",
            "/recover/password",
            "/agree",
        ] {
            browser.get(path).await;
        }
        let mut clerk = portal.clerk().await;
        for path in [
            "/staff?q=mech",
            "/staff?q=123456",
            "/staff/messages",
            "/staff/messages?of=me",
            "/staff/bulk-posts",
            "/staff/accounts/mechanic-school/00-00123456",
            "/staff/accounts/mechanic-school/00-00123456/correspondence",
            "/staff/accounts/mechanic-school/00-00123456/ledger",
            "/staff/accounts/dealer/00-00001005/statements",
            "/staff/accounts/dealer/00-00001005/statements/2026-11",
            "/staff/find?q=mechanic+lansing",
            "/staff/logons?q=mech",
            "/staff/approvals",
            "/staff/codes",
            "/staff/codes?state=may+be+used",
            "/staff/codes?kind=mechanic-school&number=123456",
            "/staff/codes?kind=mechanic-school&number=123456&state=may+be+used",
            "/staff/letters",
            "/staff/letters/batches/2026-11-24-1",
            "/staff/imports",
            "/staff/templates",
            "/staff/audiences",
            "/staff/campaigns",
            "/staff/overview",
            "/staff/alerts",
            "/staff/content",
            "/staff/content/menu",
            "/staff/content/menu/versions/0",
            "/staff/content/menu/versions/1",
        ] {
            clerk.get(path).await;
        }
        let logon = crate::staff::logon_of(&portal, "mechanicschool").await;
        clerk.get(&format!("/staff/logons/{logon}")).await;
        let mut auditor = portal.staff("auditor1000").await;
        for query in ["", "?who=clerk1000", "?about=mechanicschool", "?did=signed+in", "?kind=dealer&number=1005"] {
            auditor.get(&format!("/staff/audit{query}")).await;
        }
        let code = springboard::words::LetterCode::parse("ABCDE FGHJK").unwrap();
        springboard::letter::room::find(&db, &code).await.unwrap();
        springboard::letter::room::of_batch(&db, "2026-11-24-1", 0, 10).await.unwrap();
        springboard::authorization_code::track::of_submission(&db, 41_436).await.unwrap();
        let account =
            springboard::words::AccountId::new("dealer", springboard::words::AccountNumber::parse("1005").unwrap());
        springboard::account::ledger(&db, &account, None, 50).await.unwrap();
        springboard::mailbox::lists::search(&db, &account, "renewal", 1000).await.unwrap();
        let holder = springboard::delivery::sent::Reader::Holder("logon");
        springboard::delivery::sent::of_account(&db, holder, &account, 0, 21).await.unwrap();
        springboard::mailbox::alert_steps::of_mail(&db, "alert-1").await.unwrap();
        springboard::db::queue::given_up::<springboard_jobs::AlertByText>(&db, chrono::Utc::now()).await.unwrap();
        springboard::mailbox::queries::open(&db, "logon", &account, 1, None).await.unwrap();
        // The feed's own poll and what the sweep deletes are asked in the background.
        let questions: Vec<(String, Variables)> = asked.lock().unwrap().clone().into_iter().collect();
        let scan: Value = db.raw("EXPLAIN SELECT name FROM account WHERE name = 'x'").await.unwrap().take(0).unwrap();
        assert!(scan.to_sql().contains("TableScan"), "a walk is recognised: {}", scan.to_sql());
        let mut explained = 0;
        let statements =
            questions.iter().flat_map(|(text, values)| selects(text).into_iter().map(move |one| (one, values)));
        for (text, values) in statements {
            let mut answer = db.raw(format!("EXPLAIN {text}")).bind_all(values.clone()).await.unwrap();
            let plan: Value = answer.take(0).unwrap();
            let plan = plan.to_sql();
            assert!(!plan.contains("TableScan"), "{text}\n{plan}");
            explained += 1;
        }
        assert!(explained >= 40, "only {explained} questions were seen");
        // What is read without a plan is what the plan answers, of records that are there and of others.
        let mut found = BTreeMap::new();
        for (text, values) in &questions {
            let Some(read) = db.read_record(text, values).await.unwrap() else { continue };
            let planned: Value = db.raw(text.clone()).bind_all(values.clone()).await.unwrap().take(0).unwrap();
            assert_eq!(read, planned, "{text}");
            *found.entry(!read.is_none()).or_insert(0) += 1;
        }
        assert!(found[&true] >= 3 && found[&false] >= 3, "{found:?}");
        portal.stop().await;
    });
}

/// Every SELECT of a text, those within others as well, up to where its bracket or the statement ends.
fn all_selects(text: &str) -> Vec<String> {
    let begins = text.match_indices("SELECT ").map(|(at, _)| &text[at..]);
    begins
        .map(|rest| {
            let mut depth = 0;
            let end = rest.char_indices().find(|(_, letter)| {
                depth += i32::from("({[".contains(*letter)) - i32::from(")}]".contains(*letter));
                depth < 0 || (depth == 0 && *letter == ';')
            });
            rest[..end.map_or(rest.len(), |(end, _)| end)].to_owned()
        })
        .collect()
}

/// What an UPDATE or a DELETE looks for, as a SELECT: those that name a table and a condition.
fn sought(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for verb in ["UPDATE ", "DELETE "] {
        for (at, _) in text.match_indices(verb) {
            let rest = text[at + verb.len()..].split(';').next().unwrap();
            let table = rest.split([' ', '\n']).next().unwrap();
            let is_table = table.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
            if let Some((_, condition)) = rest.split_once(" WHERE ").filter(|_| is_table) {
                found.push(format!("SELECT * FROM {table} WHERE {}", condition.split(" RETURN ").next().unwrap()));
            }
        }
    }
    found
}

/// A value for each variable, by what its name says of it.
fn samples(text: &str) -> Variables {
    let mut values = Variables::new();
    for part in text.split('$').skip(1) {
        let end = part.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(part.len());
        match &part[..end] {
            "this" | "parent" | "before" => {}
            name @ ("now" | "at" | "until" | "day_end" | "idle" | "longest") => values.insert(name, chrono::Utc::now()),
            name @ ("since" | "within") => values.insert(name, std::time::Duration::from_secs(60)),
            name
            @ ("most" | "newest" | "oldest" | "beyond" | "sequence" | "first" | "submission" | "upto" | "rank") => {
                values.insert(name, 10);
            }
            "words" => values.insert("words", "x"),
            name if name.ends_with('s') => values.insert(name, vec!["x"]),
            name => values.insert(name, "x"),
        }
    }
    values
}

/// Statements that walk a table on purpose: it has a few rows, or the first of them are what is wanted.
const WALKS: [&str; 7] = [
    "account::address::WithFaulty",
    "audit::seal::NextUnsealed",
    "audit::verify::Count",
    "db::migrate::All",
    "db::queue::WaitingTasks",
    "session::kept::Expired",
    "staff_member::queries::Change",
];

/// How a plan gets at its rows: its scans, with the index or the table of each, and what it sorts itself.
fn scans(plan: &str) -> Vec<String> {
    let scan = |line: &str| {
        let operator = line.split_whitespace().find(|word| word.contains("Scan") || word.starts_with("Sort"))?;
        let after = |mark: &str| {
            let (_, rest) = line.split_once(mark)?;
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')?;
            Some(&rest[..end])
        };
        let of = ["index: ", "record_id: type::record('", "record_id: ", "table: "].into_iter().find_map(after);
        Some(of.map_or_else(|| operator.to_owned(), |of| format!("{operator} {of}")))
    };
    plan.lines().filter_map(scan).collect()
}

/// The plan of each question in a statement's text.
async fn plans(db: &Db, text: &str) -> Vec<String> {
    let mut plans = Vec::new();
    for question in all_selects(text).into_iter().chain(sought(text)) {
        let asked = db.raw(format!("EXPLAIN {question}")).bind_all(samples(&question)).await;
        let mut answer = asked.unwrap_or_else(|fault| panic!("{question}: {fault}"));
        plans.push(match answer.take::<Value>(0).unwrap() {
            Value::String(plan) => plan,
            other => other.to_sql(),
        });
    }
    plans
}

/// The plans lie in a file, so that a change of one shows; `SPRINGBOARD_TEST_WRITE=1` writes it anew.
#[test]
fn no_statement_walks_a_table_and_the_plans_are_those_of_the_file() {
    run(async {
        let portal = Portal::start().await;
        let db = &portal.built.portal.db;
        let (mut walks, mut lines, mut explained) = (BTreeSet::new(), BTreeSet::new(), 0);
        for statement in springboard::db::STATEMENTS {
            let name = format!("{}::{}", statement.module.trim_start_matches("springboard::"), statement.name);
            let plans = plans(db, statement.text).await;
            explained += plans.len();
            let scans: Vec<String> = plans.iter().flat_map(|plan| scans(plan)).collect();
            if scans.iter().any(|scan| scan.contains("TableScan")) {
                walks.insert(name.clone());
            }
            if !scans.is_empty() {
                lines.insert(format!("{name}: {}\n", scans.join(", ")));
            }
        }
        assert!(explained > 250, "only {explained} questions were found");
        assert_eq!(walks.into_iter().collect::<Vec<_>>(), WALKS);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/data/plans.txt");
        let lines: String = lines.into_iter().collect();
        if std::env::var_os("SPRINGBOARD_TEST_WRITE").is_some() {
            std::fs::write(&file, &lines).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap();
        let (kept, lines): (Vec<_>, Vec<_>) = (kept.lines().collect(), lines.lines().collect());
        let new: Vec<_> = lines.iter().filter(|line| !kept.contains(line)).collect();
        let gone: Vec<_> = kept.iter().filter(|line| !lines.contains(line)).collect();
        assert!(new.is_empty() && gone.is_empty(), "other plans: {new:#?}\ninstead of {gone:#?}");
        portal.stop().await;
    });
}

/// What is swept record by record, past the engine's statements, leaves nothing of itself in an index and misses no event.
#[test]
fn what_is_swept_has_no_index_and_no_event() {
    run(async {
        let portal = Portal::start().await;
        let db = &portal.built.portal.db;
        let swept: BTreeSet<&str> = springboard::db::STATEMENTS
            .iter()
            .filter(|statement| statement.text == springboard::db::SWEEP)
            .flat_map(|statement| statement.writes.iter().copied())
            .collect();
        assert_eq!(swept.iter().copied().collect::<Vec<_>>(), ["audit_unsealed", "change", "throttle"]);
        // The queue's tables are swept the same way.
        let of_queue = ["apalis_entry", "apalis_key", "apalis_killed", "apalis_lease", "apalis_task", "apalis_worker"];
        for table in swept.into_iter().chain(of_queue) {
            let info = format!("(INFO FOR TABLE {table})");
            let defined = format!("RETURN [object::len({info}.indexes), object::len({info}.events)]");
            let counts: Vec<i64> = db.raw(defined).await.unwrap().take(0).unwrap();
            assert_eq!(counts, [0, 0], "{table}");
        }
        portal.stop().await;
    });
}
