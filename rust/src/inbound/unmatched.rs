//! What an unknown path or method is answered: AWS treats the request as one that needs a signature (rest-api §2.4, access-control §1.4).

use crate::{
    exchange::Exchange,
    fault::{Fault, FaultKind},
    primitives::sigv4::{ErrorKind, Request, Rules, claim},
};

/// The refusal for a request that matches nothing.
#[cold]
pub(super) fn fault(exchange: &Exchange) -> Fault {
    let input = &exchange.input;
    let headers: Vec<_> =
        exchange.head.fields.iter().map(|field| (field.name.of(input), field.value.of(input))).collect();
    let target = exchange.head.path.of(input);
    let path = &target[..memchr::memchr(b'?', target).unwrap_or(target.len())];
    let request =
        Request { method: exchange.head.method.of(input), path, query: exchange.query.of(input), headers: &headers };
    let region = exchange.deployment().map(|deployment| deployment.region.to_string());
    let rules = Rules { service: "execute-api", regions: region.as_slice(), any_credentials: false };
    match claim(&request, &rules, exchange.arrived.as_secs().cast_signed()) {
        // No principal of execute-api exists yet, so no key is known.
        Ok(_) => Fault::UNRECOGNIZED_CLIENT,
        Err(error) => match error.kind {
            ErrorKind::MissingAuthenticationToken => Fault::MISSING_AUTHENTICATION_TOKEN,
            ErrorKind::IncompleteSignature => Fault::with_message(FaultKind::IncompleteSignature, error.message),
            ErrorKind::InvalidSignature => Fault::with_message(FaultKind::InvalidSignature, error.message),
            ErrorKind::UnrecognizedClient => Fault::UNRECOGNIZED_CLIENT,
            ErrorKind::ExpiredToken => Fault::EXPIRED_TOKEN,
        },
    }
}
