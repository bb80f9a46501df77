//! The variables of access log formats, by name, and what a request that has ended has for them. What it does not have, and
//! what this gateway does not know yet, is `-` (observability §5).

use super::{escape::Escape, room::Room};
use crate::{
    accept::tls::Negotiated,
    exchange::Exchange,
    fault::{Fault, FaultKind},
    integration,
    per_core::clock::{Clock, Micros},
    primitives::{find::find, header_names::HeaderName},
    snapshot::{
        plan::{ContextVariable, IntegrationPlan},
        wire::ResponseTransferMode,
    },
};

/// A request that has ended, and what is known of it then.
#[derive(Debug)]
pub struct Completed<'a> {
    /// All that its phases left.
    pub exchange: &'a Exchange,
    /// For texts of times.
    pub clock: &'a Clock,
    /// Microseconds from its head to its last byte.
    pub latency: Micros,
    /// Microseconds of the backend, when one was asked.
    pub integration: Option<Micros>,
}

/// What is the same for all requests of a stage.
#[derive(Debug, Clone, Copy)]
pub struct StageConstants<'a> {
    /// `$context.apiId`.
    pub api_id: &'a str,
    /// `$context.stage`.
    pub stage: &'a str,
    /// `$context.accountId`.
    pub account_id: &'a str,
    /// `$context.deploymentId`.
    pub deployment_id: &'a str,
    /// `$context.endpointType`.
    pub endpoint_type: &'a str,
}

/// What stands in a line where a variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// For the rest of a literal that does not fit into one word.
    Nothing,
    RequestId,
    ExtendedRequestId,
    RequestTime,
    Protocol,
    Status,
    ResponseLength,
    ResponseLatency,
    IntegrationStatus,
    IntegrationLatency,
    IntegrationError,
    TlsVersion,
    CipherSuite,
    TransferMode,
    GatewayMembers,
    SourceIp,
    HttpMethod,
    ResourcePath,
    /// Below the stage, or as it was sent where there is none.
    Path,
    UserAgent,
    ErrorMessage,
    ErrorMessageString,
    ErrorResponseType,
    ErrorValidationErrorString,
    /// Rarely in a line: as mapping has it.
    Context(ContextVariable),
}

/// What the name of a variable stands for.
#[derive(Debug)]
pub(super) enum Meaning<'a> {
    Literal(&'a str),
    Varies(Variable),
    /// A literal in two parts, then the variable.
    Below(&'static str, &'a str, Variable),
}

/// Names that end where a longer word could go on, such as `status-` in `$context.status-$context.path`.
pub(super) fn name_length(text: &str) -> usize {
    let run = |more: &str| {
        text.find(|next: char| !next.is_ascii_alphanumeric() && !more.contains(next)).unwrap_or(text.len())
    };
    let whole = text[..run("._")].trim_end_matches(['.', '_']).len();
    // What is known is taken as far as it is known: `$context.requestId.log` is a name and a suffix.
    let ends = (0..=whole).rev().filter(|end| *end == whole || text.as_bytes()[*end] == b'.');
    ends.clone().find(|end| known(&text[..*end], None).is_some()).unwrap_or(whole)
}

/// What a name stands for in the format of a stage, or of none.
pub(super) fn meaning<'a>(name: &str, stage: Option<StageConstants<'a>>) -> Meaning<'a> {
    known(name, stage).unwrap_or(Meaning::Literal("-"))
}

fn known<'a>(name: &str, stage: Option<StageConstants<'a>>) -> Option<Meaning<'a>> {
    let constant = |pick: fn(StageConstants<'a>) -> &'a str| Some(Meaning::Literal(stage.map_or("-", pick)));
    Some(Meaning::Varies(match name {
        "accountId" => return constant(|stage| stage.account_id),
        "apiId" => return constant(|stage| stage.api_id),
        "deploymentId" => return constant(|stage| stage.deployment_id),
        "endpointType" => return constant(|stage| stage.endpoint_type),
        "stage" => return constant(|stage| stage.stage),
        "path" => match stage {
            Some(stage) => return Some(Meaning::Below("/", stage.stage, Variable::Path)),
            None => Variable::Path,
        },
        "requestId" => Variable::RequestId,
        "extendedRequestId" => Variable::ExtendedRequestId,
        "requestTime" => Variable::RequestTime,
        "protocol" => Variable::Protocol,
        "status" => Variable::Status,
        "responseLength" => Variable::ResponseLength,
        "responseLatency" => Variable::ResponseLatency,
        "integrationStatus" | "integration.status" | "integration.integrationStatus" => Variable::IntegrationStatus,
        "integrationLatency" | "integration.latency" => Variable::IntegrationLatency,
        "integration.error" => Variable::IntegrationError,
        "tlsVersion" => Variable::TlsVersion,
        "cipherSuite" => Variable::CipherSuite,
        "integration.responseTransferMode" => Variable::TransferMode,
        "identity.sourceIp" => Variable::SourceIp,
        "identity.userAgent" => Variable::UserAgent,
        "httpMethod" => Variable::HttpMethod,
        "resourcePath" => Variable::ResourcePath,
        "error.message" => Variable::ErrorMessage,
        "error.messageString" => Variable::ErrorMessageString,
        "error.responseType" => Variable::ErrorResponseType,
        "error.validationErrorString" => Variable::ErrorValidationErrorString,
        // Ours, for the gateway's own line.
        "gatewayMembers" => Variable::GatewayMembers,
        other => Variable::Context(ContextVariable::parse(other)?),
    }))
}

impl Completed<'_> {
    #[inline]
    pub(super) fn request_time(&self) -> [u8; 26] {
        self.clock.request_time(self.exchange.arrived)
    }

    #[inline]
    pub(super) fn protocol(&self) -> [u8; 8] {
        *self.exchange.head.version.protocol()
    }

    // Inlined into the loop over pieces, all that any variable needs would be made ready for each line.
    #[inline(never)]
    pub(super) fn put(&self, variable: Variable, escape: Escape, room: &mut impl Room) {
        let exchange = self.exchange;
        match variable {
            Variable::Nothing => {}
            Variable::GatewayMembers => self.put_gateway_members(room),
            Variable::Path if exchange.stage.is_some() => room.text(exchange.path.of(&exchange.input), escape),
            Variable::Path => {
                let target = exchange.head.path.of(&exchange.input);
                room.text(&target[..find(b'?', target).unwrap_or(target.len())], escape);
            }
            Variable::UserAgent => text(room, exchange.header(HeaderName::UserAgent).unwrap_or_default(), escape),
            other => self.put_other(other, escape, room),
        }
    }

    /// What stands in the formats of stages only.
    #[inline(never)]
    fn put_other(&self, variable: Variable, escape: Escape, room: &mut impl Room) {
        let exchange = self.exchange;
        let fault = exchange.fault.as_ref();
        match variable {
            Variable::RequestId => room.array(exchange.request_id),
            Variable::ExtendedRequestId => room.array(exchange.extended_request_id),
            Variable::RequestTime => room.array(self.request_time()),
            Variable::Protocol => room.array(self.protocol()),
            Variable::Status => number(room, Some(exchange.status.into()).filter(|status| *status > 0)),
            Variable::ResponseLength => room.number(exchange.response_length),
            Variable::ResponseLatency => room.number(self.latency / 1000),
            Variable::IntegrationStatus => {
                number(room, Some(exchange.integration_status.into()).filter(|status| *status > 0));
            }
            Variable::IntegrationLatency => number(room, self.integration.map(|latency| latency / 1000)),
            Variable::IntegrationError => {
                let of_backend = fault.filter(|fault| is_of_integration(fault.kind));
                text(room, of_backend.map_or("", |fault| fault.message()).as_bytes(), escape);
            }
            Variable::TlsVersion => room.plain(exchange.tls.map_or("-", Negotiated::version_name).as_bytes()),
            Variable::CipherSuite => room.plain(exchange.tls.map_or("-", Negotiated::suite_name).as_bytes()),
            Variable::TransferMode => text(room, transfer_mode(exchange), escape),
            Variable::SourceIp => self.put_ip(room),
            Variable::HttpMethod => {
                // The effective verb; the one on the wire where routing was not reached.
                let verb = exchange.verb.of(&exchange.input);
                text(room, if verb.is_empty() { exchange.head.method.of(&exchange.input) } else { verb }, escape);
            }
            Variable::ResourcePath => text(room, resource_path(exchange), escape),
            Variable::ErrorMessage => text(room, fault.map_or("", |fault| fault.message()).as_bytes(), escape),
            // AWS: this one carries its own quotes.
            Variable::ErrorMessageString => match fault {
                Some(fault) => room.text(fault.message().as_bytes(), Escape::JsonBare),
                None => room.array([b'-']),
            },
            Variable::ErrorValidationErrorString => {
                text(room, fault.map_or("", Fault::validation_error).as_bytes(), escape);
            }
            Variable::ErrorResponseType => {
                room.plain(fault.and_then(|fault| fault.kind.row().response_type).unwrap_or("-").as_bytes());
            }
            Variable::Context(variable) => {
                let mut value = Vec::new();
                integration::values::append_context(variable, exchange, &mut value);
                text(room, &value, escape);
            }
            Variable::Nothing | Variable::GatewayMembers | Variable::Path | Variable::UserAgent => {}
        }
    }

    #[inline]
    fn put_ip(&self, room: &mut impl Room) {
        let (lines, ip) = self.exchange.forwarded.ip();
        room.part(lines, ip.start, ip.len());
    }

    #[inline(never)]
    fn put_gateway_members(&self, room: &mut impl Room) {
        let exchange = self.exchange;
        room.number(u64::from(exchange.status));
        room.array(*b",\"responseLength\":");
        room.number(exchange.response_length);
        room.array(*b",\"responseLatency\":");
        room.number(self.latency / 1000);
        if let Some(latency) = self.integration {
            room.array(*b",\"integrationStatus\":");
            room.number(u64::from(exchange.integration_status));
            room.array(*b",\"integrationLatency\":");
            room.number(latency / 1000);
        }
        room.array(*b",\"ip\":\"");
        self.put_ip(room);
        room.array(*b"\",\"httpMethod\":\"");
        // A token: no quote, backslash or control can be in it.
        let method = exchange.head.method;
        room.part(&exchange.input, method.start as usize, (method.end - method.start) as usize);
        room.array(*b"\",\"resourcePath\":\"");
        // Paths were looked at when they were compiled.
        match resource_path(exchange) {
            b"" => room.array([b'-']),
            path => room.plain(path),
        }
        room.array([b'"']);
    }
}

#[inline]
fn resource_path(exchange: &Exchange) -> &[u8] {
    exchange.deployment().map_or(&[], |deployment| deployment.tree.path(exchange.resource))
}

fn transfer_mode(exchange: &Exchange) -> &'static [u8] {
    match exchange.method_plan().map(|method| &method.integration) {
        Some(IntegrationPlan::HttpProxy(plan)) if plan.response_transfer_mode == ResponseTransferMode::Stream => {
            b"STREAMED"
        }
        Some(_) => b"BUFFERED",
        None => b"",
    }
}

/// Whether it was the backend's fault, or that of what leads to it.
fn is_of_integration(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::IntegrationFailure
            | FaultKind::IntegrationTimeout
            | FaultKind::BadBackendHead
            | FaultKind::ResponseTooLarge
            | FaultKind::Configuration
    )
}

fn number(room: &mut impl Room, value: Option<u64>) {
    match value {
        Some(value) => room.number(value),
        None => room.array([b'-']),
    }
}

/// A text, or that there is none.
#[inline]
fn text(room: &mut impl Room, value: &[u8], escape: Escape) {
    room.text(if value.is_empty() { b"-" } else { value }, escape);
}
