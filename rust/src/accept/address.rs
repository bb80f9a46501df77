//! Which API and stage a request is for, and the path below the stage: rest-api §1.1–1.3.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html>

use std::rc::Rc;

use super::edge;
use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::Span,
    primitives::{find::find, header_names::HeaderName, percent},
    snapshot::served::{CorePlan, Served},
};

/// Longest id of an API in a host: a label of a name.
const LONGEST_ID: usize = 63;

/// Finds the stage and cuts the path: sets `stage`, `path`, `resource_path`, `query` and `verb`.
pub fn address(served: &Served, exchange: &mut Exchange) -> Result<(), Fault> {
    exchange.verb = exchange.head.method;
    take_request_id(exchange);
    let input = &exchange.input;
    let target = exchange.head.path.of(input);
    let path_length = find(b'?', target).unwrap_or(target.len());
    let path = &target[..path_length];
    let mut lower = [0; LONGEST_ID];
    let addressed = match by_host(exchange.head.host.of(input), &mut lower) {
        Some(addressed) => addressed,
        None => by_path(path).ok_or(Fault::FORBIDDEN)?,
    };
    // Slashes before the stage collapse; the stage is the next segment.
    let stage_start = addressed.at_stage + path[addressed.at_stage..].iter().take_while(|byte| **byte == b'/').count();
    let stage_end = find(b'/', &path[stage_start..]).map_or(path_length, |length| stage_start + length);
    let stage = served.lookup(addressed.api_id, &path[stage_start..stage_end], &exchange.extended_request_id);
    let stage = stage.ok_or(Fault::FORBIDDEN)?;
    let served_region = stage.deployment.region.as_bytes();
    let is_here = |region: &[u8]| region == served_region || region.eq_ignore_ascii_case(served_region);
    let is_elsewhere = addressed.region.is_some_and(|region| !is_here(region));
    if is_elsewhere || stage.deployment.disable_execute_api_endpoint {
        return Err(Fault::FORBIDDEN);
    }
    if exchange.head.target.end - exchange.head.target.start > stage.deployment.longest_url {
        return Err(Fault::URI_TOO_LONG);
    }
    let stage = Rc::clone(stage);
    let mut rest = stage_end;
    if addressed.at_stage > 0 && path[rest..].starts_with(USER_REQUEST) && path.starts_with(RESTAPIS) {
        rest += USER_REQUEST.len();
    }
    let is_edge = stage.deployment.is_edge;
    below_stage(exchange, stage, rest)?;
    if is_edge { edge::pass(exchange) } else { Ok(()) }
}

/// Takes the stage and what is below it: the path from `rest` on and the query string.
#[inline(always)]
#[expect(clippy::inline_always, reason = "once a request, and its other caller is rare; measured")]
pub(super) fn below_stage(exchange: &mut Exchange, stage: CorePlan, rest: usize) -> Result<(), Fault> {
    let input = &exchange.input;
    let Span { start, end } = exchange.head.path;
    let target = exchange.head.path.of(input);
    let path_length = find(b'?', target).unwrap_or(target.len());
    let path = &target[..path_length];
    let query_start = start + path_length as u32 + u32::from(path_length < target.len());
    exchange.query = Span { start: query_start.min(end), end };
    exchange.path = Span { start: start + rest as u32, end: start + path_length as u32 };
    exchange.resource_path =
        resource_path(&path[rest..], start + rest as u32).unwrap_or(Span { start, end: start + 1 });
    exchange.stage = Some(stage);
    // Refused as the deployment says, now that it is known.
    if percent::is_well_formed(exchange.query.of(&exchange.input)) { Ok(()) } else { Err(Fault::BAD_REQUEST) }
}

const RESTAPIS: &[u8] = b"/restapis/";
const AWS_EXECUTE_API: &[u8] = b"/_aws/execute-api/";
const USER_REQUEST: &[u8] = b"/_user_request_";

/// What a host or a path says of the API.
struct Addressed<'a> {
    api_id: &'a [u8],
    region: Option<&'a [u8]>,
    /// Where in the path the slash before the stage is.
    at_stage: usize,
}

const LABEL: &[u8; 13] = b".execute-api.";

/// `{api}.execute-api.{region}.{suffix}` and `{api}.execute-api.localhost`, with any port, in any letter case: `lower` holds an
/// id that is not written in its own.
fn by_host<'a>(host: &'a [u8], lower: &'a mut [u8; LONGEST_ID]) -> Option<Addressed<'a>> {
    let (api_id, rest) = host.split_at(find(b'.', host)?);
    let (label, rest) = rest.split_first_chunk::<{ LABEL.len() }>()?;
    if label != LABEL && !label.eq_ignore_ascii_case(LABEL) {
        return None;
    }
    // A dot cannot follow a colon: behind that is a port.
    let region = &rest[..find(b'.', rest).or_else(|| find(b':', rest)).unwrap_or(rest.len())];
    let api_id = if api_id.iter().fold(false, |found, byte| found | byte.is_ascii_uppercase()) {
        let lower = lower.get_mut(..api_id.len())?;
        lower.copy_from_slice(api_id);
        lower.make_ascii_lowercase();
        lower
    } else {
        api_id
    };
    let is_localhost = region.eq_ignore_ascii_case(b"localhost");
    Some(Addressed { api_id, region: (!is_localhost).then_some(region), at_stage: 0 })
}

/// `/restapis/{api}/{stage}/_user_request_/…` and `/_aws/execute-api/{api}/{stage}/…`.
fn by_path(path: &[u8]) -> Option<Addressed<'_>> {
    let (prefix, is_restapis) = if path.starts_with(RESTAPIS) {
        (RESTAPIS.len(), true)
    } else if path.starts_with(AWS_EXECUTE_API) {
        (AWS_EXECUTE_API.len(), false)
    } else {
        return None;
    };
    let length = find(b'/', &path[prefix..])?;
    let at_stage = prefix + length;
    if is_restapis {
        // Without the marker it is the management API's path.
        let after = path[at_stage..].get(1..)?;
        let stage = find(b'/', after)?;
        let marker = &after[stage..];
        if !marker.starts_with(USER_REQUEST) || !matches!(marker.get(USER_REQUEST.len()), None | Some(b'/')) {
            return None;
        }
    }
    Some(Addressed { api_id: &path[prefix..at_stage], region: None, at_stage })
}

/// The remainder below the stage as it is matched: one slash at the beginning, none at the end; `None` for the root.
fn resource_path(rest: &[u8], start: u32) -> Option<Span> {
    let end = rest.iter().rposition(|byte| *byte != b'/')? + 1;
    let begin = rest.iter().position(|byte| *byte != b'/')? - 1;
    Some(Span { start: start + begin as u32, end: start + end as u32 })
}

/// AWS: clients may choose `$context.requestId` by sending `x-amzn-RequestId` (§3); ours has to be a UUID like the generated ones.
fn take_request_id(exchange: &mut Exchange) {
    let Some(sent) = exchange.header(HeaderName::XAmznRequestId) else { return };
    let Ok(sent): Result<[u8; 36], _> = sent.try_into() else { return };
    let is_uuid = sent.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    if is_uuid {
        exchange.request_id = sent;
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
