//! The laws of declared statements, held over the list of them all ([`STATEMENTS`]).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use springboard::db::{STATEMENTS, Statement, statement::is_of_engine};

use crate::{RANKS, sources};

/// Whose each table is. What is nobody's belongs to `db`.
const OWNERS: &[(&str, &[&str])] = &[
    ("audit", &["audit", "audit_chain", "audit_head", "audit_sealed", "audit_unsealed"]),
    ("delivery", &["correspondence"]),
    ("letter", &["letter"]),
    ("challenge", &["challenge"]),
    ("logon", &["logon", "credential_change"]),
    ("second_factor", &["second_factor"]),
    ("staff_member", &["staff"]),
    ("session", &["session", "kept_form"]),
    ("approval", &["restricted_action"]),
    ("account", &["account", "account_term", "address_fault", "ledger", "ledger_reference"]),
    ("access", &["access"]),
    (
        "mailbox",
        &[
            "mailbox",
            "thread",
            "message",
            "message_key",
            "reply",
            "thread_work",
            "thread_state",
            "sent_thread",
            "receipt",
            "reminder_due",
            "alert",
            "lost_alert",
            "attachment",
        ],
    ),
    ("submission", &["submission"]),
    ("authorization_code", &["code", "live_code"]),
    ("release", &["release"]),
    ("invitation", &["invitation", "campaign"]),
    ("wizard", &["draft"]),
    ("template", &["template"]),
    ("content", &["content", "content_head", "content_now", "content_waiting"]),
    ("staff_admin", &["staff_enrollment"]),
    ("people", &["approval", "recovery_letter"]),
    ("bulk_post", &["bulk_post", "audience"]),
    ("registry", &["import"]),
    ("letter_room", &["batch"]),
];

fn owner(table: &str) -> &'static str {
    OWNERS.iter().find(|(_, tables)| tables.contains(&table)).map_or("db", |(owner, _)| owner)
}

fn name(statement: &Statement) -> String {
    format!("{}::{}", statement.module.trim_start_matches("springboard::"), statement.name)
}

fn room(statement: &Statement) -> &'static str {
    statement.module.split("::").nth(1).unwrap()
}

/// All, in the order of their names.
fn all() -> BTreeMap<String, &'static Statement> {
    let all: BTreeMap<_, _> = STATEMENTS.iter().map(|one| (name(one), one)).collect();
    assert_eq!(all.len(), STATEMENTS.len(), "two have one name");
    all
}

/// The text without what stands in quotes.
fn bare(text: &str) -> String {
    text.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

fn words_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark).map(move |(at, _)| {
        let rest = text[at + mark.len()..].trim_start();
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// The variables that a text sets itself.
fn set_inside(text: &str) -> BTreeSet<&str> {
    let mut set: BTreeSet<&str> = words_after(text, "LET $").chain(words_after(text, "FOR $")).collect();
    for closure in text.split('|').skip(1).step_by(2) {
        set.extend(words_after(closure, "$"));
    }
    set
}

#[test]
fn each_statement_is_what_the_database_reads() {
    let all = all();
    assert!(all.len() > 250, "only {} were found", all.len());
    for (name, statement) in &all {
        for text in [statement.text.to_owned(), format!("{{ {} }}", statement.prefixed("p0_"))] {
            let parsed = surrealdb_core::syn::parse(&text);
            assert!(parsed.is_ok(), "{name}: {}\n{text}", parsed.unwrap_err());
        }
    }
}

#[test]
fn each_variable_is_a_parameter_or_set_inside_and_each_parameter_is_used() {
    for (name, statement) in all() {
        let text = bare(statement.text);
        let inside = set_inside(&text);
        let used: BTreeSet<&str> = words_after(&text, "$").collect();
        for variable in &used {
            let is_known =
                statement.parameters.contains(variable) || inside.contains(variable) || is_of_engine(variable);
            assert!(is_known, "{name}: ${variable} is set by nobody");
        }
        for parameter in statement.parameters {
            assert!(used.contains(parameter), "{name}: ${parameter} is not used");
            assert!(!inside.contains(parameter), "{name}: ${parameter} is set again");
        }
        assert_eq!(statement.text.matches('\'').count() % 2, 0, "{name}: a quote is open");
        assert!(!statement.text.split('\'').skip(1).step_by(2).any(|text| text.contains('$')), "{name}: $ in quotes");
    }
}

/// The tables that stand in a text: after a verb, and in `type::record('table', …)`.
fn named(statement: &Statement) -> BTreeSet<&str> {
    let tables: BTreeSet<&str> = OWNERS.iter().flat_map(|(_, tables)| tables.iter().copied()).chain(OF_DB).collect();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for verb in [
        "FROM ",
        "FROM ONLY ",
        "UPDATE ",
        "UPDATE ONLY ",
        "UPSERT ",
        "CREATE ",
        "CREATE ONLY ",
        "DELETE ",
        "INTO ",
        "TABLE IF NOT EXISTS ",
    ] {
        found.extend(words_after(statement.text, verb).filter(|word| tables.contains(word)));
    }
    found.extend(words_after(statement.text, "type::record('"));
    found
}

/// The tables of no slice.
const OF_DB: [&str; 12] = [
    "change",
    "throttle",
    "tally",
    "daily_count",
    "counter",
    "migration",
    "apalis_task",
    "apalis_entry",
    "apalis_key",
    "apalis_lease",
    "apalis_killed",
    "apalis_bell",
];

#[test]
fn each_statement_names_its_tables() {
    for (name, statement) in all() {
        let declared: BTreeSet<&str> = statement.reads.iter().chain(statement.writes).copied().collect();
        for table in named(statement) {
            assert!(declared.contains(table), "{name} does not say that it touches {table}");
        }
        // Ids and tables may come as values.
        let has_function = statement.text.contains("fn::")
            || ["UPDATE $", "FROM $", "DELETE $", "INSERT $", "type::record($"]
                .iter()
                .any(|by_id| statement.text.contains(by_id));
        for table in &declared {
            assert!(
                statement.text.contains(table) || has_function,
                "{name} says that it touches {table}, and does not"
            );
        }
        for verb in ["UPDATE ", "UPSERT ", "CREATE ", "DELETE ", "INTO "] {
            let direct = words_after(statement.text, verb);
            let by_id = format!("{verb}type::record('");
            for table in
                direct.chain(words_after(statement.text, &by_id)).filter(|word| named(statement).contains(word))
            {
                assert!(statement.writes.contains(&table), "{name} does not say that it writes {table}");
            }
        }
    }
}

/// `db` is below all slices: what is nobody's may be written by each.
#[test]
fn a_statement_writes_the_tables_of_its_slice_and_reads_those_below() {
    let rank = |room: &str| RANKS.iter().position(|rooms| rooms.contains(&room)).unwrap();
    for (name, statement) in all() {
        let own = room(statement);
        for table in statement.writes {
            let owner = owner(table);
            assert!(owner == own || owner == "db", "{name} writes {table}, which is {owner}'s");
        }
        for table in statement.reads {
            let owner = owner(table);
            assert!(
                owner == own || owner == "db" || rank(owner) < rank(own),
                "{name} reads {table}, which is {owner}'s, above {own}"
            );
        }
    }
}

/// The change feed is told by the topics of statements, never by a statement of a slice.
#[test]
fn topics_are_declared_and_none_is_told_by_hand() {
    for (name, statement) in all() {
        assert!(room(statement) == "db" || !statement.writes.contains(&"change"), "{name} writes the feed by itself");
        assert!(
            statement.topics.is_empty() || !statement.writes.is_empty(),
            "{name} changes topics and writes nothing"
        );
    }
    let topics: BTreeSet<&str> = all().into_values().flat_map(|statement| statement.topics).copied().collect();
    assert_eq!(topics, BTreeSet::from(["Content", "Logon", "Sessions", "Staff"]));
}

/// What each one asks lies in a file, so that a change shows. `SPRINGBOARD_TEST_WRITE=1` writes it anew.
#[test]
fn the_texts_are_those_of_the_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/statements.surql");
    let mut text = String::new();
    for (name, statement) in all() {
        let _ = writeln!(text, "-- {name}({})", statement.parameters.join(", "));
        for (verb, tables) in [("reads", statement.reads), ("writes", statement.writes), ("changes", statement.topics)]
        {
            if !tables.is_empty() {
                let _ = writeln!(text, "-- {verb} {}", tables.join(", "));
            }
        }
        let lines = statement.text.lines().map(str::trim).filter(|line| !line.is_empty());
        let _ = writeln!(text, "{}\n", lines.collect::<Vec<_>>().join("\n"));
    }
    if std::env::var_os("SPRINGBOARD_TEST_WRITE").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == text, "{} is not up to date", file.display());
}

/// There is no other way to the database: the queue has its own statements, and texts are for tests.
#[test]
fn the_database_is_asked_by_declared_statements_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&source) {
        let inner = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let program = crate::program(&text);
        for (way, may) in [(".raw(", &["db/"][..]), (".queue()", &["db/", "house/"])] {
            let is_door = may.iter().any(|door| inner.starts_with(door));
            assert!(is_door || !program.contains(way), "{inner} goes past the statements");
        }
    }
}
