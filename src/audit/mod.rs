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
    db::{Transaction, statement},
    words::Moment,
};

statement! {
    AuditRow {
        at: Moment,
        who: String,
        did: &'static str,
        what: String,
        note: String,
        source: Option<String>,
        of_session: Option<String>,
    };
    "fn::audit_from($at, $who, $did, $what, $note, $source, $of_session);"
}

/// A row of the trail, written in the transaction of the deed itself. `who` is a logon's or an employee's id, `what` the
/// record: an account's key or an id. Never a code, a password or an address. Where the request comes from is added by
/// itself.
pub fn row(at: Moment, who: &str, did: Deed, what: &str, note: &str) -> Transaction {
    let origin = origin::present();
    let row = AuditRow {
        at,
        who: who.into(),
        did: did.label(),
        what: what.into(),
        note: note.into(),
        source: origin.source.map(|source| source.to_string()),
        of_session: origin.session.map(|session| session.to_string()),
    };
    row.into()
}
