//! TLS towards clients: certificates, what is offered, handshakes, and the stream of one connection.

mod certificate;
mod handshake;
mod negotiated;
mod offer;
mod records;
mod stream;

pub use certificate::{CertificateError, SelfSigned, self_signed};
pub use handshake::handshake;
pub use negotiated::Negotiated;
pub use offer::{Offer, offer};
pub use stream::TlsStream;
