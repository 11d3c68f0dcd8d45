//! The demo's data: accounts of every type, and an employee of each role.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{
    account::{self, NewAccount},
    house::app::Built,
    session::Role,
    staff_member,
    submission::numbers,
    words::UserId,
};

const ACCOUNTS: &str = include_str!("../../../seeds/accounts.toml");
/// The demo's confirmation numbers begin where the slides' one is.
const FIRST_NUMBER: i64 = 41_436;
const STAFF: [(&str, &str, Role); 4] = [
    ("clerk1000", "Casey Clerk", Role::Clerk),
    ("supervisor1000", "Sam Supervisor", Role::Supervisor),
    ("admin1000", "Alex Administrator", Role::Administrator),
    ("auditor1000", "Audrey Auditor", Role::Auditor),
];

#[derive(Deserialize)]
struct Accounts {
    accounts: Vec<NewAccount>,
}

/// The accounts of the demo.
///
/// # Errors
/// A sentence that names what is wrong with the file.
pub fn accounts() -> Result<Vec<NewAccount>, String> {
    toml::from_str::<Accounts>(ACCOUNTS).map(|seeds| seeds.accounts).map_err(|fault| fault.to_string())
}

/// Loads what is not there yet.
///
/// # Errors
/// A sentence for the operator.
pub async fn load(built: &Built, password: &SecretString) -> Result<(), String> {
    let (db, now) = (&built.portal.db, built.portal.now());
    let failed = |fault: &dyn std::fmt::Display| format!("the demo's data can't be loaded: {fault}");
    numbers::begin_at(db, FIRST_NUMBER).await.map_err(|fault| failed(&fault))?;
    for seed in accounts()? {
        if built.portal.agency().account_type(&seed.kind).is_some() {
            account::import(db, &seed, now).await.map_err(|fault| failed(&fault))?;
        }
    }
    let hash = built.hasher.hash(password.expose_secret().to_owned()).await.map_err(|fault| failed(&fault))?;
    for (user_id, name, role) in STAFF {
        let user_id = UserId::parse(user_id)?;
        staff_member::queries::add(db, &user_id, name, role, hash.clone()).await.map_err(|fault| failed(&fault))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Agency, agency};

    #[test]
    fn every_type_has_an_account_to_look_at() {
        let (seeds, agency) = (accounts().unwrap(), Agency::parse(agency::SEED).unwrap());
        for kind in &agency.account_types {
            assert!(seeds.iter().any(|seed| seed.kind == kind.key), "{}", kind.key);
        }
    }
}
