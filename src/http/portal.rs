//! What every handler stands on.

use std::{fmt::Display, net::IpAddr, path::PathBuf, sync::Arc};

use ipnet::IpNet;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap, web};

use super::{Fault, publication::Publication};
use crate::{
    db::{
        Db, Transaction,
        ceiling::{Daily, DailyCounter},
        counters::Tally,
    },
    services::{Admission, BreachedPasswords, BurstLimit, PoolError, Pools},
    words::{
        Agency, AuditKeys, Clock, Keys, Limits, Moment, Occasion, PhoneNumber, measure::Measure, wording::Wording,
    },
};

/// The portal's parts that no request changes; a clone is the same portal.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

/// See [`Portal`].
pub struct Parts {
    /// What the agency says. It changes while the portal runs: see [`Portal::agency`].
    pub publication: Publication,
    /// The door to the database.
    pub db: Db,
    /// Keys for hashes and seals.
    pub keys: Keys,
    /// Keys of the audit's seals.
    pub audit_keys: AuditKeys,
    /// What time it is.
    pub clock: Clock,
    /// The portal's own address, without a slash at the end.
    pub public_url: String,
    /// The address that mail comes from.
    pub mail_from: String,
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// Whether this is a first look.
    pub demo: bool,
    /// Whether staff need a second factor.
    pub requires_factor: bool,
    /// Whether cookies are sent over TLS only.
    pub secure: bool,
    /// The proxies in front, which tell the caller's address.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether every host below the portal's is asked to be reached over TLS only.
    pub hsts_subdomains: bool,
    /// Whether text messages are offered.
    pub offers_texts: bool,
    /// The countries that they are sent to, by calling code: `+1`.
    pub text_countries: Vec<String>,
    /// Where weaknesses are reported: `mailto:` or `https://`.
    pub security_contact: Option<String>,
    /// Where costly work runs.
    pub pools: Pools,
    /// Ceilings.
    pub limits: Limits,
    /// Requests that wait for their answer, by address.
    pub requests: Admission,
    /// Open pages, by address.
    pub streams: Admission,
    /// Open pages, by person.
    pub streams_of_person: Admission,
    /// Refusals that are logged: so many that an attack shows, and not so many that it fills the log.
    pub logged_refusals: BurstLimit,
    /// Looks at what a password is worth, as it is typed.
    pub password_checks: BurstLimit,
    /// The portal's own program, for what it does in a process of its own.
    pub program: PathBuf,
    /// Passwords that were stolen from other sites, if the operator has a list.
    pub breached_passwords: Option<BreachedPasswords>,
    /// The program that looks for viruses in attachments.
    pub scan: Option<PathBuf>,
    /// What is counted for the overview.
    pub tally: Tally,
    /// What is counted against the day's ceilings.
    pub daily: DailyCounter,
    /// The print provider's folder.
    pub printer: Option<PathBuf>,
}

impl Portal {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The agency as it is at this moment: its menus, texts and terms. Whoever answers a request keeps to one.
    pub fn agency(&self) -> Arc<Agency> {
        self.publication.now().agency.clone()
    }

    /// What is written to people on an occasion, with its places filled.
    pub fn say(&self, occasion: Occasion, places: &[(&str, &dyn Display)]) -> Wording {
        let agency = self.agency();
        let own: Vec<(&str, String)> = places.iter().map(|(place, value)| (*place, value.to_string())).collect();
        let mut all: Vec<(&str, &str)> = own.iter().map(|(place, value)| (*place, value.as_str())).collect();
        all.extend([("portal", &*agency.portal), ("agency", &*agency.name), ("url", &*self.public_url)]);
        agency.wording(occasion).filled(&all)
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Whether text messages are sent to this number: to the countries that the agency serves, and to no other, for
    /// some numbers abroad cost whoever sends to them.
    pub fn texts_to(&self, number: &PhoneNumber) -> bool {
        self.offers_texts && self.text_countries.iter().any(|code| number.as_e164().starts_with(code.as_str()))
    }

    /// Writes to the log that a request was refused, and whose it was: a logon's id, or an address.
    pub fn log_refusal(&self, why: &str, whose: &str) {
        if self.logged_refusals.allows(why) {
            tracing::warn!(why, whose, "a request was refused");
        }
    }

    /// The ceiling of a day.
    pub fn ceiling(&self, what: Daily) -> i64 {
        match what {
            Daily::Letters => self.limits.letters_a_day,
            Daily::Texts => self.limits.texts_a_day,
        }
    }

    /// Statements that count one against today's ceiling, or throw [`crate::db::ceiling::REACHED`].
    pub fn take_daily(&self, what: Daily) -> Transaction {
        self.daily.take(what, self.agency().calendar().day(self.now()), self.ceiling(what))
    }

    /// Statements that count one that was promised: it goes out past the ceiling as well.
    pub fn count_daily(&self, what: Daily) -> Transaction {
        self.daily.count(what, self.agency().calendar().day(self.now()))
    }

    /// Counts some for the overview, today.
    pub fn count(&self, measure: Measure, count: usize) {
        self.tally.add(self.agency().calendar().day(self.now()), measure, count);
    }

    /// The caller's address: the peer's or, where that is a trusted proxy, the nearest one in `X-Forwarded-For` that
    /// is none. What stands before that entry is the caller's own word.
    pub fn source(&self, request: &HttpHead<'_>) -> Option<IpAddr> {
        let peer = request.peer?.to_canonical();
        let is_proxy = |address: &IpAddr| self.trusted_proxies.iter().any(|network| network.contains(address));
        if !is_proxy(&peer) {
            return Some(peer);
        }
        let lines: Vec<&str> =
            request.headers.get_all("x-forwarded-for").filter_map(|line| line.to_str().ok()).collect();
        let told = lines.iter().rev().flat_map(|line| line.rsplit(','));
        let mut nearest = peer;
        for entry in told {
            let Ok(address) = entry.trim().parse::<IpAddr>() else { break };
            nearest = address.to_canonical();
            if !is_proxy(&nearest) {
                break;
            }
        }
        Some(nearest)
    }

    /// The caller's address as limits count it: an IPv6 caller has a whole network of addresses.
    pub fn address(&self, request: &HttpRequest) -> String {
        self.address_of(&HttpHead { peer: request.peer_addr().map(|peer| peer.ip()), headers: request.headers() })
    }

    /// The same, for what is no whole request yet.
    pub fn address_of(&self, head: &HttpHead<'_>) -> String {
        match self.source(head) {
            Some(IpAddr::V6(address)) => format!("{:x?}", &address.octets()[..8]),
            Some(address) => address.to_string(),
            None => "unknown".into(),
        }
    }
}

/// Where a request comes from, as limits count it: named by handlers that have costly work done.
pub struct Caller(pub String);

impl FromRequest for Caller {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let portal = request.app_data::<web::Data<Portal>>();
        let caller = portal.map(|portal| Self(portal.address(request)));
        std::future::ready(caller.ok_or_else(|| Fault::Broken("the portal is not part of the app".into())))
    }
}

/// What tells where a request comes from.
pub struct HttpHead<'a> {
    /// The address at the other end of the connection.
    pub peer: Option<IpAddr>,
    /// The request's headers.
    pub headers: &'a HeaderMap,
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Full(_) => Self::Busy,
            PoolError::Lost(_) => Self::Broken(error.to_string()),
        }
    }
}

impl std::ops::Deref for Portal {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRequest for Portal {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let portal = request.app_data::<web::Data<Portal>>().map(|portal| portal.get_ref().clone());
        std::future::ready(portal.ok_or_else(|| Fault::Broken("the portal is not part of the app".into())))
    }
}
