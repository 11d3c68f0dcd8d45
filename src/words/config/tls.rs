//! TLS on the portal's own listeners.

use std::path::PathBuf;

use super::Settings;

/// What the listeners are encrypted with, and whom they know: each end shows a certificate (mutual TLS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The portal's certificate with its chain, in PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, in PEM.
    pub key: PathBuf,
    /// The certificate authority of those who may connect, in PEM.
    pub client_ca: PathBuf,
}

impl Tls {
    /// All three, or nothing.
    ///
    /// # Errors
    /// A sentence for the operator, when only a part is named.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, String> {
        match (&settings.tls_certificate, &settings.tls_key, &settings.tls_client_ca) {
            (None, None, None) => Ok(None),
            (Some(certificate), Some(key), Some(client_ca)) => {
                Ok(Some(Self { certificate: certificate.clone(), key: key.clone(), client_ca: client_ca.clone() }))
            }
            _ => {
                Err("SPRINGBOARD_TLS_CERTIFICATE, …_TLS_KEY and …_TLS_CLIENT_CA belong together: name all three".into())
            }
        }
    }
}
