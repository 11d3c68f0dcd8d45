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

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    db::{Piece, value::SurrealValue},
    words::Moment,
};

#[derive(SurrealValue)]
struct Values {
    at: Moment,
    who: String,
    did: String,
    what: String,
    note: String,
    source: Option<String>,
    session: Option<String>,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A row of the trail, written in the transaction of the deed itself. `who` is a logon's or an employee's id, `what` the
/// record: an account's key or an id. Never a code, a password or an address. Where the request comes from is added by
/// itself.
pub fn row(at: Moment, who: &str, did: Deed, what: &str, note: &str) -> Piece {
    let origin = origin::present();
    let values = Values {
        at,
        who: who.into(),
        did: did.label().into(),
        what: what.into(),
        note: note.into(),
        source: origin.source.map(|source| source.to_string()),
        session: origin.session.map(|session| session.to_string()),
    };
    // A transaction may have several rows; each has a name of its own for its values.
    let name = format!("audit_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    Piece::new(format!(
        "fn::audit_from(${name}.at, ${name}.who, ${name}.did, ${name}.what, ${name}.note, ${name}.source, ${name}.session);"
    ))
    .with(&name, values)
}
