//! HTTP/2 towards clients, by the `h2` crate: its frames become requests like any other, each a task of its own; one flush
//! sends what many of them answered.

mod answer;
mod connection;
mod exchange;
mod frames;
mod meter;
mod stream;

pub(super) use connection::serve;
pub use stream::Stream;
