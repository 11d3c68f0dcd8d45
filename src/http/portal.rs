//! What every handler stands on.

use std::{path::PathBuf, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use super::Fault;
use crate::{
    store::Store,
    words::{Agency, Clock, Keys, Moment},
};

/// The portal's parts that no request changes; a clone is the same portal.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

/// See [`Portal`].
pub struct Parts {
    /// Whose portal it is.
    pub agency: Arc<Agency>,
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
}

impl Portal {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The caller's address, as the throttles count it.
    pub fn address(&self, request: &HttpRequest) -> String {
        let told =
            self.trusted_proxy.then(|| request.connection_info().realip_remote_addr().map(String::from)).flatten();
        told.or_else(|| request.peer_addr().map(|peer| peer.ip().to_string())).unwrap_or_else(|| "unknown".into())
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
