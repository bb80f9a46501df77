//! A new connection to a backend: name, denied networks, TCP, TLS.

use std::{cell::Cell, io, sync::Arc};

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::{DeniedNetworks, Names, Stream, Tls};
use crate::per_core::clock::Clock;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The name has no address.
    #[error("the name has no address")]
    Name,
    /// Every address is in a network that is denied.
    #[error("the address is in a denied network")]
    Denied,
    /// Nobody listens, no way there, or no TLS spoken.
    #[error("no connection: {0}")]
    Network(#[from] io::Error),
    /// A certificate that is expired, untrusted or for another name.
    #[error("the certificate is refused: {0}")]
    Certificate(io::Error),
    /// This backend already has as many connections as one may have.
    #[error("too many connections to this backend")]
    Full,
}

/// One core's way to new connections.
#[derive(Debug)]
pub struct Connector {
    names: Names,
    tls: Tls,
    denied: Arc<DeniedNetworks>,
}

impl Connector {
    /// With the node's trust and denials.
    pub fn new(tls: Tls, denied: Arc<DeniedNetworks>) -> Self {
        Self { names: Names::default(), tls, denied }
    }

    /// Connects; the caller sets the time limit.
    pub async fn connect(
        &self,
        clock: &Clock,
        host: &str,
        port: u16,
        secure: bool,
        insecure_skip_verification: bool,
    ) -> Result<Stream, ConnectError> {
        let addresses = self.names.resolve(clock, host, port).await.ok_or(ConnectError::Name)?;
        let mut last = ConnectError::Denied;
        let denied = |address: &std::net::SocketAddr| self.denied.denies(address.ip());
        for address in addresses.into_iter().filter(|address| !denied(address)) {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    if !secure {
                        return Ok(Stream::Plain(stream));
                    }
                    return self.handshake(stream, host, insecure_skip_verification).await;
                }
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    async fn handshake(&self, stream: TcpStream, host: &str, skip_issuer: bool) -> Result<Stream, ConnectError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| ConnectError::Name)?;
        match self.tls.connector(skip_issuer).connect(name, stream).await {
            Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
            Err(error) if is_certificate(&error) => Err(ConnectError::Certificate(error)),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_certificate(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented))
}
