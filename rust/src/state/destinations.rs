//! Backends by number: an append-only interner for the whole node, so that a core's pools are a `Vec`.
//! It is asked when plans are compiled and once per core and destination, never by a request.

use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::client_identity::ClientIdentity;

/// Where connections of one kind go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// `https`.
    pub secure: bool,
    /// Host name or address, an IPv6 address without its brackets; lower case.
    pub host: Box<str>,
    /// The port.
    pub port: u16,
    /// Do not check the certificate's issuer.
    pub insecure_skip_verification: bool,
    /// What is shown to a backend that asks for a certificate.
    pub identity: Option<Arc<ClientIdentity>>,
}

/// The number of an interned endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DestinationId(pub u32);

/// Where one request goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Known when the plan was compiled.
    Interned(DestinationId),
    /// Its authority came from the request.
    Dynamic(Box<Endpoint>),
}

/// All endpoints that any plan of this node ever named.
#[derive(Debug, Default)]
pub struct Destinations {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    numbers: FxHashMap<Arc<Endpoint>, DestinationId>,
    endpoints: Vec<Arc<Endpoint>>,
}

impl Destinations {
    /// The number of `endpoint`, new or known.
    pub fn intern(&self, endpoint: Endpoint) -> DestinationId {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = known.numbers.get(&endpoint) {
            return *id;
        }
        let id = DestinationId(known.endpoints.len() as u32);
        let endpoint = Arc::new(endpoint);
        known.endpoints.push(endpoint.clone());
        known.numbers.insert(endpoint, id);
        id
    }

    /// The endpoint of a number.
    pub fn get(&self, id: DestinationId) -> Option<Arc<Endpoint>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.endpoints.get(id.0 as usize).cloned()
    }
}
