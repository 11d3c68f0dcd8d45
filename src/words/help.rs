//! The steps that an agency may write help for (R150–R160).

use super::Agency;

/// The steps of the portal, as the configuration and staff call them.
const STEPS: [(&str, &str); 21] = [
    ("home", "Public home"),
    ("sign-in", "Sign in"),
    ("sign-up/profile", "Sign up: profile"),
    ("sign-up/security", "Sign up: security"),
    ("recover/user", "Recover: user ID"),
    ("recover/method", "Recover: method"),
    ("recover/proof", "Recover: proof"),
    ("recover/new-password", "Recover: new password"),
    ("access", "Account access options"),
    ("request-code/account-type", "Request code: account type"),
    ("request-code/account-details", "Request code: account details"),
    ("request-code/email-option", "Request code: e-mail or letter"),
    ("request-code/summary", "Request code: summary"),
    ("request-code/done", "Request code: confirmation"),
    ("add/authorization-code", "Add access: authorization code"),
    ("add/account-info", "Add access: account"),
    ("add/email", "Add access: e-mail and terms"),
    ("add/confirm-email", "Add access: PIN of the e-mail address"),
    ("add/summary", "Add access: summary"),
    ("add/done", "Add access: confirmation"),
    ("springboard", "Springboard"),
];

/// Every step of an agency's portal with its name, audience pages among them.
pub fn steps(agency: &Agency) -> Vec<(String, String)> {
    let own = STEPS.iter().map(|(step, name)| ((*step).to_owned(), (*name).to_owned()));
    let written = agency.services.iter().map(|service| service.key.as_str());
    let types = agency.account_types.iter().map(|kind| kind.key.as_str());
    let types = types.filter(|key| agency.services.iter().all(|service| service.key != *key));
    let pages = written.chain(types).filter_map(|key| agency.service(key));
    own.chain(pages.map(|page| (format!("service/{}", page.key), format!("Page: {}", page.title)))).collect()
}
