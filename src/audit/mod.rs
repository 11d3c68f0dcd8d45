//! The audit trail: who did what to which record. Rows are only ever added (R149).

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

/// A row of the trail, written in the transaction of the deed itself. Names records by id; never a
/// code, a password or an address.
pub fn row(at: Moment, who: &str, did: &str, what: &str, note: &str) -> Piece {
    let values = Values { at, who: who.into(), did: did.into(), what: what.into(), note: note.into() };
    Piece::new("fn::audit($audit.at, $audit.who, $audit.did, $audit.what, $audit.note);").with("audit", values)
}
