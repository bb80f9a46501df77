//! Values of mapping sources (rest-api §7.3, §8.3, §10.5). A missing source appends nothing, and so does an empty one: its target is left out.

use std::{io::Write, net::IpAddr};

use crate::{
    exchange::Exchange,
    http1::{Field, ResponseHead},
    inbound::query,
    integration::{body_values::BodyValues, forwarded::scheme, headers},
    primitives::{header_names::HeaderName, percent},
    snapshot::plan::{ContextVariable, RequestValue, ResponseValue, Side},
};

/// Appends the value of a request mapping's source, as a header or path takes it.
pub fn append_request(value: &RequestValue, exchange: &Exchange, out: &mut Vec<u8>) {
    match value {
        RequestValue::Path(number) => out.extend_from_slice(path_parameter(exchange, *number)),
        RequestValue::Querystring(name) => {
            if let Some(value) = query::last(exchange.query.of(&exchange.input), name) {
                out.extend_from_slice(&value);
            }
        }
        RequestValue::MultiValueQuerystring(name) => {
            let values = query::values(exchange.query.of(&exchange.input), name).filter(|value| !value.is_empty());
            join(values.map(percent::decode), out);
        }
        RequestValue::Header(name) => {
            out.extend_from_slice(client_headers(exchange, name).next_back().unwrap_or_default());
        }
        RequestValue::MultiValueHeader(name) => join(client_headers(exchange, name), out),
        RequestValue::Body(number) => out.extend_from_slice(body_value(exchange.body_values(), *number)),
        RequestValue::EdgeProto => out.extend_from_slice(scheme(exchange.is_secure).as_bytes()),
        RequestValue::Context(variable) => append_context(*variable, exchange, out),
        RequestValue::StageVariable(number) => out.extend_from_slice(stage_variable(exchange, *number)),
        RequestValue::Literal(text) => out.extend_from_slice(text),
        RequestValue::Absent => {}
    }
}

/// Appends `&name=value` for a mapped query parameter (or without the `&` where the query begins), encoded so that it stays one value;
/// several values give several parameters.
pub fn append_parameter(name: &[u8], value: &RequestValue, exchange: &Exchange, out: &mut Vec<u8>) {
    let mut pair = |render: &mut dyn FnMut(&mut Vec<u8>)| {
        let start = out.len();
        if !matches!(out.last(), Some(b'?' | b'&')) {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        let begin = out.len();
        render(out);
        if out.len() == begin {
            out.truncate(start);
        }
    };
    match value {
        RequestValue::MultiValueQuerystring(parameter) => {
            for value in query::values(exchange.query.of(&exchange.input), parameter) {
                pair(&mut |out| percent::encode(&percent::decode(value), out));
            }
        }
        RequestValue::Querystring(parameter) => {
            if let Some(value) = query::last(exchange.query.of(&exchange.input), parameter) {
                pair(&mut |out| percent::encode(&value, out));
            }
        }
        // Encoded already.
        RequestValue::Path(number) => pair(&mut |out| percent::encode_rest(path_parameter(exchange, *number), out)),
        // AWS: a literal must be encoded for the backend by who writes it.
        RequestValue::Literal(text) => pair(&mut |out| out.extend_from_slice(text)),
        RequestValue::Header(_)
        | RequestValue::MultiValueHeader(_)
        | RequestValue::Body(_)
        | RequestValue::EdgeProto
        | RequestValue::Context(_)
        | RequestValue::StageVariable(_) => {
            let mut plain = Vec::new();
            append_request(value, exchange, &mut plain);
            pair(&mut |out| percent::encode(&plain, out));
        }
        RequestValue::Absent => {}
    }
}

/// What a backend answered, for mapping.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Its head.
    pub head: &'a ResponseHead,
    /// The bytes that the head was read from.
    pub bytes: &'a [u8],
    /// What mapping has read of its body, by number.
    pub body_values: &'a BodyValues,
}

/// Appends the value of a response mapping's source. MOCK has no `backend`.
pub fn append_response(value: &ResponseValue, exchange: &Exchange, backend: Option<Answered>, out: &mut Vec<u8>) {
    match value {
        ResponseValue::Header(name) => {
            if let Some(Answered { head, bytes, .. }) = backend {
                out.extend_from_slice(
                    named(&head.fields, bytes, name).next_back().map_or(&[][..], |field| field.value.of(bytes)),
                );
            }
        }
        ResponseValue::MultiValueHeader(name) => {
            if let Some(Answered { head, bytes, .. }) = backend {
                join(named(&head.fields, bytes, name).map(|field| field.value.of(bytes)), out);
            }
        }
        ResponseValue::Body(number) => {
            out.extend_from_slice(body_value(backend.map(|backend| backend.body_values), *number));
        }
        ResponseValue::Context(variable) => append_context(*variable, exchange, out),
        ResponseValue::StageVariable(number) => out.extend_from_slice(stage_variable(exchange, *number)),
        ResponseValue::Literal(text) => out.extend_from_slice(text),
        ResponseValue::Absent => {}
    }
}

/// Appends a `$context` variable.
pub fn append_context(variable: ContextVariable, exchange: &Exchange, out: &mut Vec<u8>) {
    use ContextVariable as C;
    let input = &exchange.input;
    let Some(stage) = &exchange.stage else { return };
    let deployment = &stage.deployment;
    match variable {
        C::AccountId => out.extend_from_slice(deployment.account_id.as_bytes()),
        C::ApiId => out.extend_from_slice(deployment.api_id.as_bytes()),
        C::DeploymentId => out.extend_from_slice(deployment.deployment_id.as_bytes()),
        C::DomainName => out.extend_from_slice(domain_name(exchange)),
        C::DomainPrefix => {
            out.extend_from_slice(domain_name(exchange).split(|byte| *byte == b'.').next().unwrap_or_default());
        }
        C::ExtendedRequestId => out.extend_from_slice(&exchange.extended_request_id),
        C::HttpMethod => out.extend_from_slice(exchange.verb.of(input)),
        // AWS: only where there is a canary.
        C::IsCanaryRequest => out.extend_from_slice(match stage.side {
            Side::Only => b"",
            Side::Production => b"false",
            Side::Canary { .. } => b"true",
        }),
        C::Path => {
            out.push(b'/');
            out.extend_from_slice(stage.stage_name.as_bytes());
            out.extend_from_slice(exchange.path.of(input));
        }
        // AWS: reads so whatever the client speaks.
        C::Protocol => out.extend_from_slice(b"HTTP/1.1"),
        C::RequestId => out.extend_from_slice(&exchange.request_id),
        C::RequestTime => append_request_time(exchange.arrived.as_secs(), out),
        C::RequestTimeEpoch => {
            out.extend_from_slice(itoa::Buffer::new().format(exchange.arrived.as_millis()).as_bytes());
        }
        C::ResourceId => {
            out.extend_from_slice(exchange.resource_plan().map_or(&[], |resource| resource.resource_id.as_bytes()));
        }
        C::ResourcePath => out.extend_from_slice(deployment.tree.path(exchange.resource)),
        C::SourceIp => append_ip(exchange.peer.ip(), out),
        C::Stage => out.extend_from_slice(stage.stage_name.as_bytes()),
        C::UserAgent => out.extend_from_slice(exchange.header(HeaderName::UserAgent).unwrap_or_default()),
    }
}

/// Appends an address; an IPv4 address that came over an IPv6 socket looks like one.
pub fn append_ip(ip: IpAddr, out: &mut Vec<u8>) {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let (mut text, mut length) = ([0; 16], 0);
            for octet in ip.octets() {
                for (power, digit) in [(100, octet / 100), (10, octet / 10 % 10), (1, octet % 10)] {
                    text[length] = b'0' + digit;
                    length += usize::from(octet >= power || power == 1);
                }
                text[length] = b'.';
                length += 1;
            }
            out.extend_from_slice(&text[..length - 1]);
        }
        // Writing to a Vec cannot fail.
        IpAddr::V6(ip) => drop(write!(out, "{ip}")),
    }
}

/// `21/Nov/2026:09:00:00 +0000`.
pub fn append_request_time(seconds: u64, out: &mut Vec<u8>) {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    // Writing to a Vec cannot fail.
    drop(write!(out, "{day:02}/{}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000", MONTHS[month]));
}

/// Year, month from 0, and day of a day since the epoch (Howard Hinnant's `civil_from_days`, for days that are not negative).
fn civil(days: u64) -> (u64, usize, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 2 } else { shifted_month - 10 };
    let year = year_of_era + era * 400 + u64::from(month <= 1);
    (year, month as usize, day)
}

/// The host used, without its port.
fn domain_name(exchange: &Exchange) -> &[u8] {
    let host = exchange.head.host.of(&exchange.input);
    let port = host.iter().rposition(|byte| !byte.is_ascii_digit());
    match port {
        Some(at) if host[at] == b':' => &host[..at],
        _ => host,
    }
}

fn path_parameter(exchange: &Exchange, number: u16) -> &[u8] {
    exchange.path_parameters.get(usize::from(number)).map_or(&[], |span| span.of(&exchange.input))
}

fn body_value(values: Option<&BodyValues>, number: u16) -> &[u8] {
    values.and_then(|values| values.get(usize::from(number))).map_or(&[], |value| value.as_bytes())
}

fn stage_variable(exchange: &Exchange, number: u32) -> &[u8] {
    let value = exchange.stage.as_deref().and_then(|stage| stage.variables.get(number as usize));
    value.and_then(Option::as_deref).unwrap_or_default()
}

/// The names of the resource's path variables, in the order of its path.
pub(crate) fn path_names(exchange: &Exchange) -> Vec<&str> {
    let path = exchange.deployment().map_or(&[][..], |deployment| deployment.tree.path(exchange.resource));
    let segments = std::str::from_utf8(path).unwrap_or_default().split('/');
    let names = segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| name.strip_suffix('+').unwrap_or(name)).collect()
}

/// The client's headers, as far as mapping may see them.
pub(super) fn visible_headers(exchange: &Exchange) -> impl Iterator<Item = &Field> {
    exchange.head.fields.iter().filter(|field| is_visible(field, &exchange.input))
}

/// The values of the client's headers with exactly this name, as far as mapping may see them.
pub(super) fn client_headers<'a>(exchange: &'a Exchange, name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
    let input = &exchange.input;
    named(&exchange.head.fields, input, name)
        .filter(|field| is_visible(field, input))
        .map(|field| field.value.of(input))
}

/// Whether mapping may see a header at all (§7.4).
fn is_visible(field: &Field, input: &[u8]) -> bool {
    match field.id {
        HeaderName::Authorization => !headers::is_signature(field.value.of(input)),
        id => !headers::is_dropped_at_entry(id),
    }
}

fn named<'a>(fields: &'a [Field], bytes: &'a [u8], name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a Field> {
    fields.iter().filter(move |field| field.name.of(bytes) == name)
}

fn join<V: AsRef<[u8]>>(values: impl Iterator<Item = V>, out: &mut Vec<u8>) {
    for (place, value) in values.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(value.as_ref());
    }
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
