//! A new connection to a backend: name, denied networks, TCP, TLS.

use std::{io, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::{DeniedNetworks, Names, Ourselves, Stream, Tls, ToOurselves};
use crate::{per_core::clock::Clock, state::destinations::Endpoint};

/// How long an address may take before the next one is tried.
const ONE_OF_SEVERAL: Duration = Duration::from_secs(2);

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
    /// This backend, or the gateway itself, already has as many connections as one may have.
    #[error("too many connections to this backend")]
    Full,
}

/// One core's way to new connections.
#[derive(Debug)]
pub struct Connector {
    names: Names,
    tls: Tls,
    denied: Arc<DeniedNetworks>,
    ourselves: Ourselves,
}

impl Connector {
    /// With the node's trust, denials and own ports.
    pub fn new(tls: Tls, denied: Arc<DeniedNetworks>, ourselves: Ourselves) -> Self {
        Self { names: Names::default(), tls, denied, ourselves }
    }

    /// Connects; the caller sets the time limit. A connection to ourselves comes with what counts it.
    pub async fn connect(
        &self,
        clock: &Clock,
        endpoint: &Endpoint,
    ) -> Result<(Stream, Option<ToOurselves>), ConnectError> {
        let addresses = self.names.resolve(clock, &endpoint.host, endpoint.port).await.ok_or(ConnectError::Name)?;
        let mut last = ConnectError::Denied;
        let mut addresses = addresses.into_iter().filter(|address| !self.denied.denies(address.ip())).peekable();
        while let Some(address) = addresses.next() {
            // One of several addresses may lead nowhere; the last one gets all the time there is.
            let patience = if addresses.peek().is_some() { ONE_OF_SEVERAL } else { Duration::MAX };
            let connected = tokio::time::timeout(patience, TcpStream::connect(address)).await;
            match connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(stream) => {
                    let own = self.ourselves.admit(&stream, address.port())?;
                    stream.set_nodelay(true)?;
                    if !endpoint.secure {
                        return Ok((Stream::Plain(stream), own));
                    }
                    return Ok((self.handshake(stream, endpoint).await?, own));
                }
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    async fn handshake(&self, stream: TcpStream, endpoint: &Endpoint) -> Result<Stream, ConnectError> {
        let name = ServerName::try_from(endpoint.host.to_string()).map_err(|_| ConnectError::Name)?;
        match self.tls.connector(endpoint).connect(name, stream).await {
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
