//! Bytes become an exchange: connections, limits, and which API and stage a request is for.

pub mod address;
mod admin;
mod client;
mod connection;
mod edge;
mod handed_over;
pub mod http2;
mod incoming;
mod linger;
mod listener;
mod request;
mod role;
mod socket;
pub mod tls;
mod wire;

pub use client::{Client, Role};
pub use handed_over::HandedOver;
pub use incoming::{Incoming, Pumped, Refused};
pub use listener::{ListenError, Listening, accept, bind, registered, share};
pub use request::{Reply, Request, Requests, Sent};
pub use socket::Socket;
pub use wire::Wire;
