//! What the springboard shows, loaded together and remembered by the session until any of it changes.

use super::pages::Drawn;
use crate::{
    access::{self, Held},
    http::{Fault, Portal},
    logon,
    mailbox::{
        self,
        alert_queries::{self, Troubles},
    },
    session::Person,
    words::{LogonId, Moment},
};

/// The facts of the springboard's cards and its first tab.
pub struct Facts {
    /// The person's name.
    pub name: String,
    /// The logon's e-mail address.
    pub email: String,
    /// The work phone as it is shown: writing it takes longer than the rest of the page.
    pub phone: String,
    /// The sign-in before this one.
    pub signed_in_before: Option<Moment>,
    /// The accounts, by type and number.
    pub accounts: Vec<Held>,
    /// Where the person could not be reached about them.
    pub troubles: Troubles,
    /// Whether the logon's e-mail address was confirmed.
    pub email_confirmed: bool,
    /// Unread messages over all accounts.
    pub unread: i64,
    /// The springboard with its first tab: made of these facts alone, it is drawn once for as long as they hold.
    pub drawn: Drawn,
}

impl Facts {
    /// Loads them: three questions, asked at once, and one more if the person could not be reached.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(person: &Person, portal: &Portal) -> Result<Self, Fault> {
        let id = LogonId::known(person.logon());
        let (logon, accounts, unread) = futures_util::try_join!(
            logon::queries::find(&portal.db, &id),
            access::of_logon(&portal.db, person.logon()),
            mailbox::lists::unread_count(&portal.db, person.logon()),
        )?;
        let logon = logon.ok_or(Fault::NotFound)?;
        let troubles = alert_queries::troubles(&portal.db, person.logon(), &accounts).await?;
        Ok(Self {
            name: logon.profile.name(),
            email: logon.profile.email.to_string(),
            phone: logon.profile.work_phone.to_string(),
            signed_in_before: logon.signed_in_before,
            email_confirmed: logon.email_confirmed,
            accounts,
            troubles,
            unread,
            drawn: Drawn::default(),
        })
    }
}
