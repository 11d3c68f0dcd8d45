//! The audit on the command line.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::{app::Built, arguments::AuditCommand};
use crate::{
    audit::{self, Deed, Report, Seal, Trust},
    words::AuditKeys,
};

/// Does what needs no settings and no database; whether it was that.
///
/// # Errors
/// A sentence for the operator, also when the audit does not hold.
pub fn without_portal(command: &AuditCommand) -> Result<bool, String> {
    let AuditCommand::Verify { seal, file: Some(file), public_key: Some(keys), unsigned_until } = command else {
        return Ok(false);
    };
    let keys = AuditKeys::parse(None, keys)?;
    let open = File::open(file).map_err(|fault| at(file, &fault))?;
    let report = audit::verify_file(BufReader::new(open), &keys, *unsigned_until, seal.as_ref());
    said(&report.map_err(|fault| at(file, &fault))?).map(|()| true)
}

/// Does the rest.
///
/// # Errors
/// A sentence for the operator, also when the audit does not hold.
pub async fn run(built: &Built, command: &AuditCommand) -> Result<(), String> {
    match command {
        AuditCommand::Verify { seal, .. } => verify(built, seal.as_ref()).await,
        AuditCommand::Export { file } => {
            let (db, now) = (&built.portal.db, built.portal.now());
            let noted = audit::row(now, "", Deed::ExportedAudit, "audit", "on the command line").run(db).await;
            noted.map_err(|fault| fault.to_string())?;
            let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
            let mut out = BufWriter::new(open.map_err(|fault| at(file, &fault))?);
            let end = audit::export(db, &mut out).await.map_err(|fault| at(file, &fault))?;
            println!("{} rows are in {}.\nSeal: {end}", end.number, file.display());
            Ok(())
        }
    }
}

async fn verify(built: &Built, noted: Option<&Seal>) -> Result<(), String> {
    let verified = audit::verify(&built.portal.db, Trust::of(&built.portal), noted).await;
    said(&verified.map_err(|fault| fault.to_string())?)
}

fn said(report: &Report) -> Result<(), String> {
    print!("{report}");
    if report.flaws.is_empty() { Ok(()) } else { Err("the audit does not hold".into()) }
}

fn at(file: &Path, fault: &dyn std::fmt::Display) -> String {
    format!("{}: {fault}", file.display())
}
