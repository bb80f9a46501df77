//! A stage's client certificate: its requests go to the same backends over connections of their own, on which the gateway
//! shows it (rest-api §7.16).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    plan::{Backend, BackendPlan, DeploymentPlan},
    wire,
};
use crate::state::{
    client_identity::ClientIdentity,
    destinations::{Destination, DestinationId, Destinations, Endpoint},
};

/// What a stage shows to backends that speak TLS.
#[derive(Debug)]
pub struct ClientCertificate {
    identity: Arc<ClientIdentity>,
    /// By the number without it, the number with it.
    destinations: FxHashMap<DestinationId, DestinationId>,
}

impl ClientCertificate {
    /// Where a request goes that would have gone to `destination`.
    #[cold]
    pub fn shown_to(&self, destination: Destination) -> Destination {
        match destination {
            Destination::Interned(id) => Destination::Interned(*self.destinations.get(&id).unwrap_or(&id)),
            Destination::Dynamic(mut endpoint) => {
                show(&mut endpoint, &self.identity);
                Destination::Dynamic(endpoint)
            }
        }
    }
}

/// Nobody is asked for a certificate in the clear.
fn show(endpoint: &mut Endpoint, identity: &Arc<ClientIdentity>) {
    if endpoint.secure {
        endpoint.identity = Some(identity.clone());
    }
}

/// Reads what a stage names, if anything.
pub(super) fn read(unit: &wire::Stage) -> Option<Result<ClientIdentity, &'static str>> {
    let given = unit.client_certificate.as_ref()?;
    Some(ClientIdentity::from_pem(&given.certificate, &given.private_key.0))
}

/// Gives every backend that can be known now a second number. `read` has found nothing wrong with the unit.
pub(super) fn compile(
    unit: &wire::Stage,
    deployment: &DeploymentPlan,
    backends: &[BackendPlan],
    known: &Destinations,
) -> Option<Box<ClientCertificate>> {
    let identity = Arc::new(read(unit)?.ok()?);
    let shared = deployment.methods.iter().filter_map(|method| match &method.integration.request()?.backend {
        Backend::Shared(plan) => Some(plan),
        Backend::PerStage(_) => None,
    });
    let destinations = shared.chain(backends).filter_map(|plan| {
        let BackendPlan::Static { destination, .. } = plan else { return None };
        let mut endpoint = Endpoint::clone(&*known.get(*destination)?);
        show(&mut endpoint, &identity);
        Some((*destination, known.intern(endpoint)))
    });
    Some(Box::new(ClientCertificate { destinations: destinations.collect(), identity: identity.clone() }))
}
