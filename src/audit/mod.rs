//! The audit trail: who did what to which record. Rows are appended freely, in the transaction of the deed itself; one
//! sealer chains them by hash afterwards, so that none is changed, left out or moved unnoticed (R149).

mod deed;
pub mod origin;
mod queries;
mod seal;
mod verify;

pub use deed::Deed;
pub use queries::{Cursor, Filter, Listed, find, find_page};
pub use seal::{Seal, Sealer, head, seal};
pub use verify::{Flaw, Report, Trust, export, verify, verify_file};

use crate::{
    db::{Query, Transaction, statement, value::SurrealValue},
    words::Moment,
};

statement! {
    AuditRow {
        key: String,
        at: Moment,
        who: String,
        did: &'static str,
        what: String,
        note: String,
        source: Option<String>,
        of_session: Option<String>,
        rank: i64,
    };
    writes audit;
    "CREATE type::record('audit', $key) SET at = $at, who = $who, did = $did, what = $what, note = $note, source = $source,
        session = $of_session, rank = $rank RETURN NONE;"
}

/// That a row is not sealed yet.
#[derive(SurrealValue)]
struct MarkRow {
    id: (Moment, String),
}

statement! {
    MarkUnsealed { rows: Vec<MarkRow> };
    writes audit_unsealed;
    "INSERT INTO audit_unsealed $rows RETURN NONE;"
}

/// A row of the trail, written in the transaction of the deed itself. `who` is a logon's or an employee's id, `what` the
/// record: an account's key or an id. Never a code, a password or an address. Where the request comes from is added by
/// itself.
pub fn row(at: Moment, who: &str, did: Deed, what: &str, note: &str) -> Transaction {
    let origin = origin::present();
    let key = ulid::Ulid::generate().to_string();
    let mark = MarkUnsealed { rows: vec![MarkRow { id: (at, key.clone()) }] };
    let row = AuditRow {
        key,
        at,
        who: who.into(),
        did: did.label(),
        what: what.into(),
        note: note.into(),
        source: origin.source.map(|source| source.to_string()),
        of_session: origin.session.map(|session| session.to_string()),
        // Newest first is ascending: microseconds, and three digits by chance, so that hardly two rows share a place.
        rank: -(at.timestamp_micros() * 1000 + rand::random_range(0..1000)),
    };
    mark.then(row)
}
