//! What an act writes: its transactions, which are a synced write each, and the rows and index entries that their texts can
//! write. The table lies in docs/writes.md; `SPRINGBOARD_TEST_WRITE=1` writes it anew.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use springboard::db::Db;

use crate::{
    staff::{ACCOUNT, holder, post},
    support::{PASSWORD, Portal, run, sign_up},
};

/// What a function of the database writes.
const FUNCTIONS: &[(&str, &[&str])] =
    &[("fn::apalis_enqueue", &["apalis_key", "apalis_task", "apalis_entry", "apalis_bell"])];

/// What the ids of parameters are of.
const OF_IDS: [(&str, &str); 4] =
    [("_boxes", "mailbox"), ("_states", "thread_state"), ("_files", "attachment"), ("_alerts", "alert")];

/// The name that a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The tables whose rows a text writes, one for each place in the text where it does.
fn written(text: &str) -> Vec<String> {
    let mut tables = Vec::new();
    for verb in ["CREATE ", "UPSERT ", "UPDATE ", "DELETE ", "INTO "] {
        for (at, _) in text.match_indices(verb) {
            let rest = text[at + verb.len()..].trim_start_matches("ONLY ");
            tables.push(match rest.strip_prefix('$') {
                // A variable holds a row that the text named before, or rows that it found.
                Some(rest) => {
                    let set = text.split_once(&format!("LET ${} = type::record('", word(rest)));
                    let of_ids = OF_IDS.iter().find(|(end, _)| word(rest).ends_with(end)).map(|(_, table)| *table);
                    of_ids.or(set.map(|(_, table)| word(table))).unwrap_or("rows that were found").to_owned()
                }
                None => word(rest.strip_prefix("type::record('").unwrap_or(rest)).to_owned(),
            });
        }
    }
    // A job and its place in the queue are rows of one INSERT, whose ids name their tables.
    let jobs = text.matches("INSERT $").count();
    tables.extend(
        ["apalis_entry", "apalis_task"].iter().flat_map(|table| std::iter::repeat_n((*table).to_owned(), jobs)),
    );
    for (function, inside) in FUNCTIONS {
        let calls = text.matches(&format!("{function}(")).count();
        tables.extend(inside.iter().flat_map(|table| std::iter::repeat_n((*table).to_owned(), calls)));
    }
    tables
}

/// The transactions of one act.
struct Observed {
    texts: Arc<Mutex<Vec<String>>>,
    db: Db,
}

impl Observed {
    async fn new() -> Self {
        let texts: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = texts.clone();
        let db = Db::in_memory().await.unwrap().observed(Arc::new(move |text, _| {
            seen.lock().unwrap().push(text.to_owned());
            Ok(())
        }));
        Self { texts, db }
    }

    /// Those since the last act.
    fn take(&self) -> Vec<Vec<String>> {
        let texts = std::mem::take(&mut *self.texts.lock().unwrap());
        texts.iter().map(|text| written(text)).filter(|tables| !tables.is_empty()).collect()
    }

    async fn indexes(&self, table: &str) -> usize {
        let text = format!("RETURN object::len((INFO FOR TABLE {table}).indexes)");
        let count = self.db.raw(text).await.ok().and_then(|mut answer| answer.take::<Option<i64>>(0).ok().flatten());
        usize::try_from(count.unwrap_or(0)).unwrap()
    }

    async fn row(&self, act: &str, lines: &mut String) {
        let transactions = self.take();
        let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
        for table in transactions.iter().flatten() {
            *tables.entry(table).or_default() += 1;
        }
        let (mut rows, mut entries, mut named) = (0, 0, Vec::new());
        for (table, count) in tables {
            rows += count;
            entries += count * self.indexes(table).await;
            named.push(if count == 1 { table.to_owned() } else { format!("{table} × {count}") });
        }
        let _ = writeln!(lines, "| {act} | {} | {rows} | {entries} | {} |", transactions.len(), named.join(", "));
        self.take();
    }
}

#[test]
fn what_acts_write_is_in_the_table() {
    run(async {
        let observed = Observed::new().await;
        let portal = Portal::on(observed.db.clone()).await;
        let mut lines = String::from(
            "# What an act writes\n\n\
             Made by `tests/web/costs.rs`. A transaction is one synced write. Rows are counted where a text writes one, whether\n\
             or not a condition leads there, and index entries by the secondary indexes of their tables.\n\n\
             | Act | Transactions | Rows | Index entries | Tables |\n|---|---|---|---|---|\n",
        );
        let mut person = sign_up(&portal, "visitor1000").await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let mut browser = portal.browser();
        let page = browser.get("/sign-in").await;
        observed.take();
        browser.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", "wrong")]).await;
        observed.row("A sign-in with a wrong password", &mut lines).await;
        let page = browser.get("/sign-in").await;
        observed.take();
        browser.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", PASSWORD)]).await;
        observed.row("A sign-in", &mut lines).await;
        let page = person.get("/access/request-code").await;
        observed.take();
        let choice = [("account-type", "mechanic-school"), ("go", "next")];
        let page = person.submit(&page, "/account-type", &choice).await;
        observed.row("A step of a wizard", &mut lines).await;
        let page = person.submit(&page, "/account-details", &[("number", "123456"), ("go", "next")]).await;
        let page = person.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        let page = person.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        observed.take();
        assert!(person.submit(&page, "/summary", &[("go", "submit")]).await.says("your confirmation number is"));
        observed.row("A code request", &mut lines).await;
        clerk.get(ACCOUNT).await;
        observed.take();
        post(&mut clerk, "Your renewal", "Bring both forms").await;
        observed.row("A message of staff, with its preview", &mut lines).await;
        let message = "/accounts/mechanic-school/00-00123456/messages/1";
        let page = one.get(message).await;
        observed.row("A thread that is opened", &mut lines).await;
        one.get(message).await;
        observed.row("The same again", &mut lines).await;
        one.submit(&page, message, &[("body", "Thank you.")]).await;
        observed.row("An answer of its holder", &mut lines).await;

        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writes.md");
        if std::env::var_os("SPRINGBOARD_TEST_WRITE").is_some() {
            std::fs::write(&file, &lines).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), lines, "docs/writes.md is not up to date");
        portal.stop().await;
    });
}
