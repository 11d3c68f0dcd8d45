//! Where an act comes from: set around each request by the session's middleware, and read by every row of the trail that is
//! written for it, so that none is forgotten. Jobs and the portal's own acts have none.

use std::sync::Arc;

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The address, as the proxies tell it; none when it is unknown.
    pub source: Option<Arc<str>>,
    /// The beginning of the hash of the session's token: enough to tell sessions apart, and no token.
    pub session: Option<Arc<str>>,
}

tokio::task_local! {
    static ORIGIN: Origin;
}

/// Does something on behalf of a request.
pub async fn on_behalf_of<F: Future>(origin: Origin, act: F) -> F::Output {
    ORIGIN.scope(origin, act).await
}

/// The request on whose behalf this runs.
pub fn present() -> Origin {
    ORIGIN.try_with(Origin::clone).unwrap_or_default()
}
