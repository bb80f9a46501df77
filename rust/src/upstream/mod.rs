//! Connections to backends: per-core pools, names, connect, TLS. It knows addresses and bytes, no API Gateway.

mod connect;
mod deny;
mod dns;
mod pool;
mod stream;
mod tls;
mod validity;

pub use connect::{ConnectError, Connector};
pub use deny::{BadNetwork, DeniedNetworks};
pub use dns::Names;
pub use pool::{Destination, IDLE, Pools};
pub use stream::Stream;
pub use tls::{Tls, TlsError};
