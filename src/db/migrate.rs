//! Numbered migrations, compiled in, each applied once.

use apalis_surrealdb::Executor;
use surrealdb::types::Variables;

use super::{Db, DbError, statement, value::SurrealValue};

/// All migrations, oldest first. A published one is never changed; a new one is added below it.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("migrations/0001_records.surql")),
    (2, include_str!("migrations/0002_challenges.surql")),
    (3, include_str!("migrations/0003_confirmed.surql")),
    (4, include_str!("migrations/0004_addresses.surql")),
    (5, include_str!("migrations/0005_threads.surql")),
    (6, include_str!("migrations/0006_alerts.surql")),
    (7, include_str!("migrations/0007_attachments.surql")),
    (8, include_str!("migrations/0008_notices.surql")),
    (9, include_str!("migrations/0009_otherwise.surql")),
    (10, include_str!("migrations/0010_correspondence.surql")),
    (11, include_str!("migrations/0011_bulk_posts.surql")),
    (12, include_str!("migrations/0012_audit.surql")),
    (13, include_str!("migrations/0013_registry.surql")),
    (14, include_str!("migrations/0014_letters.surql")),
    (15, include_str!("migrations/0015_people.surql")),
    (16, include_str!("migrations/0016_posting.surql")),
    (17, include_str!("migrations/0017_invitations.surql")),
    (18, include_str!("migrations/0018_content.surql")),
    (19, include_str!("migrations/0019_filter.surql")),
    (20, include_str!("migrations/0020_content_waiting.surql")),
    (21, include_str!("migrations/0021_bounds.surql")),
    (22, include_str!("migrations/0022_codes_by_logon.surql")),
    (23, include_str!("migrations/0023_staff.surql")),
    (24, include_str!("migrations/0024_approvals.surql")),
    (25, include_str!("migrations/0025_changes.surql")),
    (26, include_str!("migrations/0026_audit_origin.surql")),
    (27, include_str!("migrations/0027_pending.surql")),
    (28, include_str!("migrations/0028_ledger.surql")),
    (29, include_str!("migrations/0029_audit_signatures.surql")),
    (30, include_str!("migrations/0030_lookalikes.surql")),
    (31, include_str!("migrations/0031_reasons.surql")),
    (32, include_str!("migrations/0032_kept_forms.surql")),
    (33, include_str!("migrations/0033_recovery_codes.surql")),
    (34, include_str!("migrations/0034_invitations.surql")),
    (35, include_str!("migrations/0035_kept_forms.surql")),
    (36, include_str!("migrations/0036_delivery.surql")),
    (37, include_str!("migrations/0037_access_copy.surql")),
    (38, include_str!("migrations/0038_access.surql")),
    (39, include_str!("migrations/0039_mailbox.surql")),
    (40, include_str!("migrations/0040_mailbox_moved.surql")),
    (41, include_str!("migrations/0041_changes.surql")),
    (42, include_str!("migrations/0042_topics.surql")),
    (43, include_str!("migrations/0043_alert_later.surql")),
    (44, include_str!("migrations/0044_thread_state.surql")),
    (45, include_str!("migrations/0045_functions.surql")),
    (46, include_str!("migrations/0046_throttle.surql")),
    (47, include_str!("migrations/0047_unsealed.surql")),
];

#[derive(SurrealValue)]
struct Applied {
    number: i64,
}

statement! {
    Tables -> Vec<String>;
    "RETURN object::keys((INFO FOR DB).tables)"
}

statement! {
    Define;
    writes migration;
    "DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL;
     DEFINE FIELD IF NOT EXISTS number ON migration TYPE int;
     DEFINE FIELD IF NOT EXISTS at ON migration TYPE datetime DEFAULT time::now();"
}

statement! {
    All -> Vec<Applied>;
    reads migration;
    "SELECT number FROM migration"
}

statement! {
    Note { number: i64 };
    writes migration;
    "UPSERT type::record('migration', $number) SET number = $number"
}

/// Applies what is missing, in order, and ends with the first one in which a statement fails. Each may run again: what is moved is
/// copied by one and taken away by the next, so that a process that died half way does no harm.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: &Db) -> Result<(), DbError> {
    run_to(db, i64::MAX).await
}

/// Whether a portal was set up in this database.
///
/// # Errors
/// When the database does not answer.
pub async fn is_set_up(db: &Db) -> Result<bool, DbError> {
    Ok(db.ask(Tables {}).await?.iter().any(|table| table == "migration"))
}

/// Applies what is missing up to this number.
async fn run_to(db: &Db, last: i64) -> Result<(), DbError> {
    apalis_surrealdb::setup(&db.queue()).await.map_err(|fault| DbError::Broken(fault.to_string()))?;
    db.ask(Define {}).await?;
    for (number, text) in MIGRATIONS.iter().filter(|(number, _)| *number <= last) {
        // Asked anew: another process may have come further.
        let applied = db.ask(All {}).await?;
        if applied.iter().any(|done| done.number == *number) {
            continue;
        }
        // By no clock: an index over all that is there takes the time it takes.
        apalis_surrealdb::values(db.queue().execute(text, Variables::new()).await?)?;
        db.ask(Note { number: *number }).await?;
        tracing::info!(number, "migration applied");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_database_that_is_set_up_is_known() {
        let db = Db::in_memory().await.unwrap();
        assert!(!is_set_up(&db).await.unwrap());
        run(&db).await.unwrap();
        assert!(is_set_up(&db).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_form_that_was_saved_before_is_one_of_several() {
        let db = Db::in_memory().await.unwrap();
        run_to(&db, 34).await.unwrap();
        let row = "CREATE kept_form:['person', 'x'] SET path = '/a', fields = '[]', at = time::now()";
        db.raw(row).await.unwrap();
        run(&db).await.unwrap();
        let now = "SELECT VALUE <string>id + path FROM kept_form";
        let kept: Vec<String> = db.raw(now).await.unwrap().take(0).unwrap();
        assert_eq!(kept, ["kept_form:['person', 'x', '0']/a"]);
    }

    /// A field that older rows do not have must not keep them from being written again.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_from_before_a_migration_can_still_be_written() {
        let db = Db::in_memory().await.unwrap();
        run_to(&db, 1).await.unwrap();
        let rows = "{
            CREATE mailbox:['dealer', '1'] SET last = 3;
            CREATE challenge:old SET kind = 'pin', subject = 'x', answer = 'y', expires = time::now();
            CREATE logon:old SET user_id = 'old', folded = 'old', first = 'A', last = 'B', email = 'a@b.co',
                email_folded = 'a@b.co', work_phone = '+15555555555', password = 'hash', recovery = ['email'],
                questions = [], terms_version = '1', terms_at = time::now(), created = time::now();
        }";
        db.raw(rows).await.unwrap();
        run(&db).await.unwrap();
        for again in ["UPDATE mailbox SET last += 1", "UPDATE challenge SET tries += 1", "UPDATE logon SET first = 'C'"]
        {
            let written: Vec<surrealdb::types::Value> = db.raw(again).await.unwrap().take(0).unwrap();
            assert_eq!(written.len(), 1, "{again}");
        }
    }

    /// Each message from before the threads is one of its own, in the place of everyone with access, read or not.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn messages_from_before_the_threads_are_threads() {
        let db = Db::in_memory().await.unwrap();
        run_to(&db, 4).await.unwrap();
        let rows = "{
            CREATE access:['me', 'dealer', '1'] SET logon = 'me', kind = 'dealer', number = '1', alerts = true, email = '',
                terms_version = '1', terms_at = time::now(), granted = time::now(), code = 'x';
            FOR $sequence IN [1, 2] {
                CREATE type::record('message', ['dealer', '1', -$sequence]) SET kind = 'dealer', number = '1', sequence = $sequence,
                    subject = 'S', body = 'B', staff = 'clerk', draft = <string> $sequence, at = time::now();
            };
            CREATE unread:['me', 'dealer', '1', -2] SET at = time::now();
        }";
        db.raw(rows).await.unwrap();
        run(&db).await.unwrap();
        let kept =
            "SELECT VALUE [thread, unread, has_unread] FROM thread_state WHERE logon = 'me' AND folder = 'inbox'";
        let kept: Vec<(i64, i64, bool)> = db.raw(kept).await.unwrap().take(0).unwrap();
        assert_eq!(kept.len(), 2);
        assert!(kept.contains(&(1, 0, false)) && kept.contains(&(2, 1, true)), "{kept:?}");
        let threads: Vec<i64> = db.raw("SELECT VALUE first FROM thread").await.unwrap().take(0).unwrap();
        assert_eq!(threads.len(), 2);
    }

    /// Mailboxes from before ids were the order: each row is found where it belongs now.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn mailboxes_are_carried_over() {
        let db = Db::in_memory().await.unwrap();
        run_to(&db, 35).await.unwrap();
        let rows = "{
            CREATE access:['me', 'dealer', '1'] SET logon = 'me', kind = 'dealer', number = '1', pace = 'at once', email = '',
                terms_version = '1', terms_at = time::now(), granted = time::now(), code = 'x';
            CREATE mailbox:['dealer', '1'] SET last = 2, at = time::now(), changes = 1;
            CREATE thread:['dealer', '1', 1] SET kind = 'dealer', number = '1', first = 1, subject = 'S', messages = 2,
                at = time::now(), rank = -5, waiting = true, assigned = 'clerk';
            FOR $sequence IN [1, 2] {
                CREATE type::record('message', ['dealer', '1', -$sequence]) SET kind = 'dealer', number = '1', sequence = $sequence,
                    rank = -$sequence, thread = 1, subject = 'S', body = 'B', draft = 'key' + <string> $sequence,
                    logon = IF $sequence = 2 { 'me' } ELSE { NONE }, at = time::now();
                CREATE type::record('message_text', ['dealer', '1', -$sequence]) SET kind = 'dealer', number = '1',
                    sequence = $sequence, words = 'dealerx1 permits for senor';
            };
            CREATE place:['me', 'dealer', '1', 1] SET logon = 'me', kind = 'dealer', number = '1', thread = 1,
                folder = 'inbox', rank = -5, unread = 1, fresh = true, sent = true, read = 1;
            CREATE alert:['me', 'dealer', '1', 1] SET logon = 'me', kind = 'dealer', number = '1', sequence = 1, thread = 1,
                state = 'sent', carrier = 'alert-me', said = '', posted = time::now(), changed = time::now();
            CREATE correspondence:⟨alert-me⟩ SET kind = 'dealer', number = '1', whose = 'me', way = 'e-mail', recipient = 'a@b.co',
                subject = 'S', content = 'B', at = time::now(), rank = -1;
        }";
        db.raw(rows).await.unwrap();
        run(&db).await.unwrap();
        // What died half-way and begins again does no harm.
        for (number, text) in MIGRATIONS.iter().filter(|(number, _)| *number > 36) {
            let again = db.queue().execute(text, Variables::new()).await.unwrap();
            assert!(again.iter().all(Result::is_ok), "{number}: {again:?}");
        }
        for (question, expected) in [
            ("RETURN access:['dealer', '1', 'me'].pace", "'at once'"),
            ("RETURN thread:['dealer', '1', 1].sort_key", "-5"),
            ("RETURN thread_work:['dealer', '1', 1].{ waiting, assigned }", "{ assigned: 'clerk', waiting: true }"),
            ("RETURN message:['dealer', '1', -1].terms", "['dealerx1', 'permit', 'for', 'senor']"),
            ("SELECT VALUE [record::id(id), logon] FROM reply", "[[['dealer', '1', 1, -2], 'me']]"),
            ("RETURN message_key:key2.sequence", "2"),
            (
                "RETURN thread_state:['me', 'dealer', '1', 1].{ has_unread, read, sort_key, unread }",
                "{ has_unread: true, read: 1, sort_key: -5, unread: 1 }",
            ),
            ("RETURN sent_thread:['me', 'dealer', '1', 1].sort_key", "-5"),
            ("RETURN alert:['dealer', '1', 1, 'me'].state", "'sent'"),
            ("RETURN correspondence:⟨alert-me⟩.messages", "[1]"),
        ] {
            let found: surrealdb::types::Value = db.raw(question).await.unwrap().take(0).unwrap();
            assert_eq!(surrealdb::types::ToSql::to_sql(&found), expected, "{question}");
        }
    }
}
