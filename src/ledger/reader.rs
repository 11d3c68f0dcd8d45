//! Who reads a ledger: a person with access to the account, or staff. Both see the same pages at addresses of their own.

use std::future::Future;

use actix_web::FromRequest;

use crate::{
    access::guard::own,
    account::{self, Account},
    audit::{self, Deed},
    http::{Fault, Portal},
    page::{Crumb, Markup, Page},
    session::{
        Person, Staff, StepUp,
        staff::{By, Employee},
    },
};

/// Someone who may read the ledger of an account.
pub trait Reader: FromRequest {
    /// What has to be shown before a file is handed out.
    type Proof: FromRequest;

    /// The account that an address names.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for one that this reader may not see.
    fn account(&self, portal: &Portal, path: &(String, String)) -> impl Future<Output = Result<Account, Fault>>;

    /// Notes that a file is handed out.
    ///
    /// # Errors
    /// When the database does not answer.
    fn note_export(&self, portal: &Portal, account: &Account) -> impl Future<Output = Result<(), Fault>>;

    /// The staff member, if it is one.
    fn by(&self) -> Option<By<'_>>;
}

impl Reader for Person {
    type Proof = ();

    async fn account(&self, portal: &Portal, path: &(String, String)) -> Result<Account, Fault> {
        let id = own(self, portal, &path.0, &path.1).await?;
        account::find(&portal.db, &id).await?.ok_or(Fault::NotFound)
    }

    async fn note_export(&self, portal: &Portal, account: &Account) -> Result<(), Fault> {
        noted(portal, self.logon(), account).await
    }

    fn by(&self) -> Option<By<'_>> {
        None
    }
}

impl Reader for Staff<Employee> {
    type Proof = StepUp;

    async fn account(&self, portal: &Portal, path: &(String, String)) -> Result<Account, Fault> {
        account::at(portal, &path.0, &path.1).await
    }

    async fn note_export(&self, portal: &Portal, account: &Account) -> Result<(), Fault> {
        noted(portal, self.id(), account).await
    }

    fn by(&self) -> Option<By<'_>> {
        Some(Self::by(self))
    }
}

async fn noted(portal: &Portal, who: &str, account: &Account) -> Result<(), Fault> {
    let row = audit::row(portal.now(), who, Deed::ExportedList, &account.id.key(), "ledger");
    row.run(&portal.db).await?;
    Ok(())
}

/// A ledger as one reader sees it.
pub struct Place<'a> {
    /// Whose it is.
    pub account: &'a Account,
    /// The staff member who reads it, if it is one.
    pub by: Option<By<'a>>,
}

impl<'a> Place<'a> {
    /// The ledger of an account for this reader.
    pub fn new(account: &'a Account, reader: &'a impl Reader) -> Self {
        Self { account, by: reader.by() }
    }

    /// The path of the account's page.
    pub fn own(&self) -> String {
        let console = if self.by.is_some() { "/staff" } else { "" };
        format!("{console}{}", self.account.id.path())
    }

    /// A page about this account, below these others.
    pub fn page(&self, name: String, title: impl Into<String>, above: Vec<Crumb>, body: Markup) -> Page {
        let way: Vec<_> = std::iter::once(Crumb::new(name, self.own())).chain(above).collect();
        let page = Page::new(title, body);
        if self.by.is_some() {
            page.of_console(way)
        } else {
            page.crumbs(std::iter::once(Crumb::new("Home", "/springboard")).chain(way).collect())
        }
    }
}
