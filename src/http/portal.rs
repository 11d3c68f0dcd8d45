//! What every handler stands on.

use std::{fmt::Display, net::IpAddr, path::PathBuf, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use super::{Fault, publication::Publication};
use crate::{
    store::{Store, tally::Tally},
    words::{Agency, Clock, Keys, Moment, Occasion, measure::Measure, wording::Wording},
};

/// The portal's parts that no request changes; a clone is the same portal.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

/// See [`Portal`].
pub struct Parts {
    /// What the agency says. It changes while the portal runs: see [`Portal::agency`].
    pub publication: Publication,
    /// The door to the database.
    pub store: Store,
    /// Keys for hashes and seals.
    pub keys: Keys,
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
    /// Whether cookies are sent over TLS only.
    pub secure: bool,
    /// Whether a proxy in front tells the caller's address.
    pub trusted_proxy: bool,
    /// The program that looks for viruses in attachments.
    pub scan: Option<PathBuf>,
    /// What is counted for the overview.
    pub tally: Tally,
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

    /// Counts some for the overview, today.
    pub fn count(&self, measure: Measure, count: usize) {
        self.tally.add(self.agency().calendar().day(self.now()), measure, count);
    }

    /// The caller's address, as the throttles count it. Of what a proxy tells only the last entry is
    /// its own; those before it are the caller's word. An IPv6 caller has a whole network of addresses.
    pub fn address(&self, request: &HttpRequest) -> String {
        let told = || -> Option<IpAddr> {
            let line = request.headers().get_all("x-forwarded-for").last()?.to_str().ok()?;
            line.rsplit(',').next()?.trim().parse().ok()
        };
        let told = if self.trusted_proxy { told() } else { None };
        match told.or_else(|| request.peer_addr().map(|peer| peer.ip())).map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => format!("{:x?}", &address.octets()[..8]),
            Some(address) => address.to_string(),
            None => "unknown".into(),
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
