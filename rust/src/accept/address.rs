//! Which API and stage a request is for, and the path below the stage: rest-api §1.1–1.3.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html>

use crate::{exchange::Exchange, fault::Fault, snapshot::served::Served};

/// Finds the stage and cuts the path: sets `stage`, `path`, `resource_path`, `query` and `verb`.
pub fn address(served: &Served, exchange: &mut Exchange) -> Result<(), Fault> {
    let _ = (served, exchange);
    Err(Fault::FORBIDDEN)
}
