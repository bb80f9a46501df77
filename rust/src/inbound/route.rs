//! Which resource and method a request is for: rest-api §2.

use crate::{exchange::Exchange, fault::Fault};

/// Matches path and effective verb: sets `resource`, `method`, `path_parameters` and `verb`.
pub fn route(exchange: &mut Exchange) -> Result<(), Fault> {
    let _ = exchange;
    Err(Fault::MISSING_AUTHENTICATION_TOKEN)
}
