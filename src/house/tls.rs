//! TLS on the portal's own listeners. A certificate authority of the agency signs both ends: whoever connects shows a
//! certificate as well, so that nobody reaches the portal around its proxy.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};

use crate::words::config::Tls;

/// How often the certificate's file is read anew: those of an agency's own authority may last a day.
const RENEWED: Duration = Duration::from_secs(3600);

/// Reads what is named, and reads the certificate anew every hour. Within a runtime.
///
/// # Errors
/// A sentence for the operator.
pub(super) fn prepare(tls: &Tls) -> Result<ServerConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    for authority in certificates("SPRINGBOARD_TLS_CLIENT_CA", &tls.client_ca)? {
        roots.add(authority).map_err(|fault| format!("SPRINGBOARD_TLS_CLIENT_CA: {fault}"))?;
    }
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|fault| format!("SPRINGBOARD_TLS_CLIENT_CA: {fault}"))?;
    let renewed = Arc::new(Renewed { current: ArcSwap::from_pointee(certified(tls, &provider)?) });
    tokio::spawn(renew(renewed.clone(), tls.clone(), provider.clone()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|fault| fault.to_string())?;
    Ok(config.with_client_cert_verifier(clients).with_cert_resolver(renewed))
}

/// The certificate as it was read last.
#[derive(Debug)]
struct Renewed {
    current: ArcSwap<CertifiedKey>,
}

impl ResolvesServerCert for Renewed {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

/// Reads the certificate anew for as long as the process runs. One that can't be read leaves the one before in use.
async fn renew(renewed: Arc<Renewed>, tls: Tls, provider: Arc<CryptoProvider>) {
    let mut clock = tokio::time::interval(RENEWED);
    clock.tick().await;
    loop {
        clock.tick().await;
        match certified(&tls, &provider) {
            Ok(read) => renewed.current.store(Arc::new(read)),
            Err(fault) => tracing::error!(%fault, "the certificate could not be read anew"),
        }
    }
}

fn certified(tls: &Tls, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let chain = certificates("SPRINGBOARD_TLS_CERTIFICATE", &tls.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .map_err(|fault| format!("SPRINGBOARD_TLS_KEY {}: {fault}", tls.key.display()))?;
    // Says as well when the key belongs to another certificate.
    CertifiedKey::from_der(chain, key, provider).map_err(|fault| format!("SPRINGBOARD_TLS_CERTIFICATE: {fault}"))
}

fn certificates(name: &str, file: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = || CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(found) if found.is_empty() => Err(format!("{name} {}: no certificate is in it", file.display())),
        Ok(found) => Ok(found),
        Err(fault) => Err(format!("{name} {}: {fault}", file.display())),
    }
}
