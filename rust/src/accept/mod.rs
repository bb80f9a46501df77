//! Bytes become an exchange: connections, limits, and which API and stage a request is for.

pub mod address;
mod admin;
mod capture;
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
mod test_invoke;
pub mod tls;
mod wire;

pub use capture::Capture;
pub use client::{Client, Role};
pub use handed_over::HandedOver;
pub use incoming::{Incoming, Pumped, Refused};
pub use listener::{ListenError, Listening, accept, bind, registered, share};
pub use request::{Reply, Request, Requests, Sent};
pub use socket::Socket;
pub use test_invoke::{TestAnswer, TestCall, TestRequest, begin as begin_test};
pub use wire::Wire;
