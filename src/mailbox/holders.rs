//! What a mailbox does when somebody gains or loses access to its account.

use crate::{
    access::{self, Grant},
    db::{Transaction, statement},
    words::{AccountId, Moment},
};

/// How many threads a new holder finds in the inbox: the latest ones. Older ones are on the account's page.
const LATEST: i64 = 500;

// Whoever changes who has access counts it in the mailbox's record, so that a post at the same moment sees it or comes
// after it.
statement! {
    Admit { logon: String, kind: String, number: String, most: i64 };
    reads thread;
    writes mailbox, thread_state;
    "UPSERT type::record('mailbox', [$kind, $number]) SET changes = (changes ?? 0) + 1 RETURN NONE;
     UPDATE type::record('thread_state', [$logon, $kind, $number]..[$logon, $kind, $number, ..])
        SET folder = 'inbox', sort_key = type::record('thread', [kind, number, thread]).sort_key
        WHERE folder = 'none' RETURN NONE;
     LET $threads = (SELECT first, sort_key FROM thread WHERE kind = $kind AND number = $number AND sort_key < 0
        ORDER BY sort_key LIMIT $most);
     INSERT IGNORE INTO thread_state $threads.map(|$one: object| {
        id: [$logon, $kind, $number, $one.first], logon: $logon, kind: $kind, number: $number, thread: $one.first,
        folder: 'inbox', sort_key: $one.sort_key, unread: 0, has_unread: false
     }) RETURN NONE;"
}

/// Gives access: what is in the account's mailbox already is in the new holder's inbox, and read.
pub fn grant(grant: &Grant<'_>, now: Moment) -> Transaction {
    let (kind, number) = (grant.account.kind.clone(), grant.account.number.digits());
    access::grant(grant, now).then(Admit { logon: grant.logon.to_owned(), kind, number, most: LATEST })
}

// The threads' rows stay: to delete them takes the database longer than to read them over, and whoever gains access again
// has them again.
statement! {
    Dismiss { logon: String, kind: String, number: String };
    reads alert_later;
    writes mailbox, thread_state, sent_thread, alert;
    "UPSERT type::record('mailbox', [$kind, $number]) SET changes = (changes ?? 0) + 1 RETURN NONE;
     UPDATE type::record('thread_state', [$logon, $kind, $number]..[$logon, $kind, $number, ..])
        SET folder = 'none', unread = 0, has_unread = false RETURN NONE;
     DELETE type::record('sent_thread', [$logon, $kind, $number]..[$logon, $kind, $number, ..]);
     LET $later = (SELECT VALUE sequences FROM ONLY type::record('alert_later', [$logon, $kind, $number])) ?? [];
     LET $alerts = $later.map(|$sequence: int| type::record('alert', [$kind, $number, $sequence, $logon]));
     UPDATE $alerts SET state = 'not wanted', changed = time::now() WHERE state = 'waiting' RETURN NONE;"
}

/// Takes access away, with what was unread and the alerts that were put off; those that are under way find no access.
pub fn revoke(logon: &str, account: &AccountId) -> Transaction {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    access::revoke(logon, account).then(Dismiss { logon: logon.to_owned(), kind, number })
}
