//! No page walks a whole table: every question that the pages ask is explained by the database itself.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use springboard::store::{
    Store,
    value::{ToSql, Value, Variables},
};

use crate::support::{Portal, request_code, run, sign_up};

#[test]
fn no_question_of_a_page_walks_a_table() {
    run(async {
        let asked: Arc<Mutex<BTreeMap<String, Variables>>> = Arc::default();
        let seen = asked.clone();
        let store = Store::in_memory().await.unwrap().witnessed(Arc::new(move |text, values| {
            seen.lock().unwrap().insert(text.to_owned(), values.clone());
            Ok(())
        }));
        let portal = Portal::on(store.clone()).await;
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
        ] {
            clerk.get(path).await;
        }
        let account =
            springboard::words::AccountId::new("dealer", springboard::words::AccountNumber::parse("1005").unwrap());
        springboard::account::ledger(&store, &account, None, 50).await.unwrap();
        springboard::mailbox::lists::search(&store, &account, "renewal").await.unwrap();
        let holder = springboard::delivery::sent::Reader::Holder("logon");
        springboard::delivery::sent::of_account(&store, holder, &account, 0, 21).await.unwrap();
        springboard::mailbox::alert_steps::carried(&store, "alert-1").await.unwrap();
        springboard::store::queue::given_up(&store, "alert by text").await.unwrap();
        springboard::mailbox::rows::open(&store, "logon", &account, 1, None).await.unwrap();
        // The feed's own poll and what the sweep deletes are asked in the background.
        let questions: Vec<(String, Variables)> = asked.lock().unwrap().clone().into_iter().collect();
        let scan: Value =
            store.handle().query("EXPLAIN SELECT name FROM account WHERE name = 'x'").await.unwrap().take(0).unwrap();
        assert!(scan.to_sql().contains("TableScan"), "a walk is recognised: {}", scan.to_sql());
        let mut explained = 0;
        let selects = questions.iter().filter(|(text, _)| text.starts_with("SELECT"));
        let statements =
            selects.flat_map(|(text, values)| text.split_terminator(';').map(move |one| (one.trim(), values)));
        for (text, values) in statements {
            let mut answer = store.handle().query(format!("EXPLAIN {text}")).bind(values.clone()).await.unwrap();
            let plan: Value = answer.take(0).unwrap();
            let plan = plan.to_sql();
            assert!(!plan.contains("TableScan"), "{text}\n{plan}");
            explained += 1;
        }
        assert!(explained >= 12, "only {explained} questions were seen");
        portal.stop().await;
    });
}
