//! Connections to backends: per-core pools, names, connect, TLS. It knows addresses and bytes, no API Gateway.

mod ask;
mod certificate;
mod connect;
mod deny;
mod dns;
mod duplex;
mod hold;
mod ourselves;
mod pool;
mod stream;
mod tls;

pub use ask::{Failure, ask, begin, receive_head};
pub(crate) use certificate::validity;
pub use connect::{ConnectError, Connector};
pub use deny::{BadNetwork, DeniedNetworks};
pub use dns::Names;
pub use duplex::both;
pub use hold::hold_answer;
pub use ourselves::{Ourselves, ToOurselves};
pub use pool::{Connection, IDLE, Open, Pools};
pub use stream::Stream;
pub use tls::{Tls, TlsError};
