//! The audit trail: who did what to which record. Rows are appended freely, in the transaction of the deed itself; one
//! sealer chains them by hash afterwards, so that none is changed, left out or moved unnoticed (R149).

mod deed;
mod rows;
mod seal;
mod verify;

pub use deed::Deed;
pub use rows::{Cursor, Filter, Listed, find};
pub use seal::{Seal, head, seal};
pub use verify::{Flaw, Report, verify};

use crate::{
    store::{Piece, value::SurrealValue},
    words::Moment,
};

#[derive(SurrealValue)]
struct Values {
    at: Moment,
    who: String,
    did: String,
    what: String,
    note: String,
}

/// A row of the trail, written in the transaction of the deed itself. `who` is a logon's or an employee's id, `what` the
/// record: an account's key or an id. Never a code, a password or an address.
pub fn row(at: Moment, who: &str, did: Deed, what: &str, note: &str) -> Piece {
    let values = Values { at, who: who.into(), did: did.label().into(), what: what.into(), note: note.into() };
    Piece::new("fn::audit($audit.at, $audit.who, $audit.did, $audit.what, $audit.note);").with("audit", values)
}
