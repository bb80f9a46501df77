//! Execution logs: AWS's own lines about a request, at the levels INFO and ERROR (observability §3). Written when the request
//! has ended, so that a stage which logs nothing pays for nothing. Headers and bodies are in them where they were recorded
//! (`data_trace`). The log of `TestInvokeMethod` is made of the same lines (rest-api §11).

use super::{
    escape::{self, Escape},
    variable::Completed,
};
use crate::{
    exchange::Exchange,
    fault::{Cause, Fault, FaultKind},
    inbound::query,
    integration::{bodies::media_type, headers::is_forbidden_target, transform::Part, values},
    primitives::{
        header_names::{HeaderName, identify},
        percent,
    },
    snapshot::{plan::StagePlan, wire::LoggingLevel},
};

/// Bytes of one event; a longer one ends with ` [TRUNCATED]`.
pub(super) const EVENT: usize = 1024;

/// Appends the lines of a request; says how many. `endpoint` is the URI that was asked.
pub(super) fn append(
    completed: &Completed<'_>,
    stage: &StagePlan,
    level: LoggingLevel,
    endpoint: Option<&[u8]>,
    out: &mut Vec<u8>,
) -> u64 {
    let exchange = completed.exchange;
    let failed = exchange.fault.is_some() || exchange.status >= 400;
    if level == LoggingLevel::Off || (level == LoggingLevel::Error && !failed) {
        return 0;
    }
    let mut events = Events { completed, out, lines: 0, form: Form::Group };
    if level == LoggingLevel::Info {
        events.begin(stage);
        events.trace(endpoint);
    }
    if let Some(fault) = &exchange.fault {
        events.failed(stage, fault);
        if level == LoggingLevel::Info {
            events.answered(b"Gateway");
        }
        if let Some(response_type) = fault.kind.row().response_type {
            let status = exchange.status.to_string();
            events.say(&[
                b"Gateway response type: ",
                response_type.as_bytes(),
                b" with status code: ",
                status.as_bytes(),
            ]);
        }
    } else if level == LoggingLevel::Info && exchange.status > 0 {
        events.answered(b"Method");
        events.say(&[b"Successfully completed execution"]);
    }
    events.say(&[b"Method completed with status: ", exchange.status.to_string().as_bytes()]);
    events.lines
}

/// The log of a tested method.
///
/// AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>
pub(crate) fn of_test(completed: &Completed<'_>, stage: &StagePlan, endpoint: Option<&[u8]>) -> Vec<u8> {
    let exchange = completed.exchange;
    let mut out = [b"Execution log for request ", &exchange.request_id[..], b"\n"].concat();
    let mut events = Events { completed, out: &mut out, lines: 0, form: Form::Test };
    events.start();
    events.trace(endpoint);
    // AWS: what failed takes the place of the answer.
    if let Some(fault) = &exchange.fault {
        events.failed(stage, fault);
    } else {
        events.answered(b"Method");
        events.say(&[b"Successfully completed execution"]);
    }
    events.say(&[b"Method completed with status: ", exchange.status.to_string().as_bytes()]);
    out
}

/// What AWS says where the limit of a method refused a request; where more is limited, it may have been that.
fn throttled(exchange: &Exchange, stage: &StagePlan, fault: &Fault) -> Option<String> {
    let limits = stage.limits.as_deref().filter(|_| fault.kind == FaultKind::Throttled)?;
    if limits.account.is_some() || limits.concurrency.is_some() {
        return None;
    }
    let throttle = limits.methods.get(exchange.method as usize)?.as_ref()?;
    let (api, name, resource) = (stage.api_id(), &stage.stage_name, exchange.resource_plan()?);
    let verb = String::from_utf8_lossy(exchange.verb.of(&exchange.input));
    Some(format!(
        "Key throttle limit exceeded for RestApi {api}, Stage {name}, Resource {}, HttpMethod {verb}. Limit: {:.2} Burst: {}",
        resource.resource_id, throttle.rate, throttle.burst
    ))
}

/// What AWS says of a failure (§3.4); what it has no words for is said as the client is told.
fn error<'f>(fault: &'f Fault, exchange: &Exchange) -> (&'f str, Vec<u8>) {
    let begin = match fault.kind {
        FaultKind::IntegrationTimeout => "Execution failed due to a timeout error",
        FaultKind::IntegrationFailure => "Execution failed due to a network error communicating with endpoint",
        FaultKind::Configuration => "Execution failed due to configuration error",
        FaultKind::BadBackendHead | FaultKind::ResponseTooLarge => {
            "Execution failed due to configuration error: Malformed endpoint response"
        }
        FaultKind::Internal | FaultKind::ResponseNotJson => "Execution failed due to an internal error",
        FaultKind::BadRequestParameters => {
            return ("Request parameter validation failed: ", fault.message().as_bytes().to_vec());
        }
        FaultKind::BadRequestBody => {
            let content_type = exchange.header(HeaderName::ContentType).map_or(&b"application/json"[..], media_type);
            let rest = [content_type, b": ", fault.validation_error().as_bytes()].concat();
            return ("Request body does not match model schema for content type ", rest);
        }
        _ => fault.message(),
    };
    (begin, Vec::new())
}

/// Why a mapping failed, in AWS's words (rest-api §7.4, §7.13, §7.14, §8.1, §8.2, §9.3).
fn reason(cause: Cause, exchange: &Exchange) -> Vec<u8> {
    match cause {
        Cause::NotBase64 => b"Unable to base64 decode the body.".to_vec(),
        Cause::TransformRequest => b"Unable to transform request".to_vec(),
        Cause::TransformResponse => b"Unable to transform response".to_vec(),
        Cause::NoOutputMapping(status) => format!(
            "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: {status}"
        )
        .into_bytes(),
        Cause::UndeclaredStatus(status) => {
            format!("Output mapping refers to an invalid method response: {status}").into_bytes()
        }
        Cause::ForbiddenHeader => [&*forbidden_header(exchange), b" header already present"].concat(),
        Cause::NoStatusCode => {
            b"Unable to parse statusCode. It should be an integer that is defined in the request template.".to_vec()
        }
        Cause::InvalidEndpoint => b"Invalid endpoint address".to_vec(),
        Cause::Certificate => b"Unable to find valid certification path to requested target".to_vec(),
    }
}

/// The header that only the gateway may send, and that a mapping or a template sets.
fn forbidden_header(exchange: &Exchange) -> Vec<u8> {
    let request = exchange.method_plan().and_then(|method| method.integration.request());
    if let Some(mapped) = request.and_then(|request| request.forbidden.as_deref()) {
        return mapped.as_bytes().to_vec();
    }
    let is_forbidden = |name: &str| is_forbidden_target(identify(name.as_bytes()));
    let overridden = exchange.overrides().and_then(|overrides| overrides.get(Part::Header, is_forbidden));
    overridden.map_or_else(Vec::new, |(name, _)| name.into_bytes())
}

/// Whose lines they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A log group's: many requests stand in one file.
    Group,
    /// Those of one tested method.
    Test,
}

struct Events<'a> {
    completed: &'a Completed<'a>,
    out: &'a mut Vec<u8>,
    lines: u64,
    form: Form,
}

impl Events<'_> {
    /// One event, one line: `[time] (request id) text`. What clients chose cannot end it.
    fn say(&mut self, parts: &[&[u8]]) {
        let exchange = self.completed.exchange;
        if self.form == Form::Test {
            // `Sat, 21 Nov 2026 09:00:00 GMT` in Java's order.
            let date = self.completed.clock.date();
            let [name, day, month, year, time] = [0..3, 5..7, 8..11, 12..16, 17..25].map(|range| &date[range]);
            let stamp = [name, month, day, time, b"UTC", year].join(&b' ');
            self.out.extend_from_slice(&stamp);
            self.out.extend_from_slice(b" : ");
        } else {
            self.out.push(b'[');
            self.out.extend_from_slice(&self.completed.request_time());
            self.out.extend_from_slice(b"] (");
            self.out.extend_from_slice(&exchange.request_id);
            self.out.extend_from_slice(b") ");
        }
        let start = self.out.len();
        for part in parts {
            match self.form {
                Form::Group => escape::append(self.out, part, Escape::Event),
                // Nobody else's lines stand here.
                Form::Test => self.out.extend_from_slice(part),
            }
        }
        if self.out.len() - start > EVENT {
            // A character is kept whole or not at all.
            let mut end = start + EVENT;
            while self.out[end] & 0xc0 == 0x80 {
                end -= 1;
            }
            self.out.truncate(end);
            self.out.extend_from_slice(b" [TRUNCATED]");
        }
        self.out.push(b'\n');
        self.lines += 1;
    }

    fn begin(&mut self, stage: &StagePlan) {
        let exchange = self.completed.exchange;
        let id = &exchange.request_id[..];
        let (api, name) = (stage.api_id().as_bytes(), stage.stage_name.as_bytes());
        let verb = exchange.verb.of(&exchange.input);
        self.say(&[b"Extended Request Id: ", &exchange.extended_request_id]);
        self.say(&[b"Verifying Usage Plan for request: ", id, b". API Key:  API Stage: ", api, b"/", name]);
        let resource = stage.deployment.tree.path(exchange.resource);
        self.say(&[
            b"API Key authorized because method '",
            verb,
            b" ",
            resource,
            b"' does not require API Key. Request will not contribute to throttle or quota limits",
        ]);
        self.say(&[b"Usage Plan check succeeded for API Key  and API Stage ", api, b"/", name]);
        self.start();
    }

    fn start(&mut self) {
        let exchange = self.completed.exchange;
        let (verb, path) = (exchange.verb.of(&exchange.input), exchange.resource_path.of(&exchange.input));
        self.say(&[b"Starting execution for request: ", &exchange.request_id]);
        self.say(&[b"HTTP Method: ", verb, b", Resource Path: ", path]);
    }

    /// What happened up to the backend's answer.
    fn trace(&mut self, endpoint: Option<&[u8]>) {
        self.parameters();
        if let Some(trace) = &self.completed.exchange.data_trace {
            self.say(&[b"Method request headers: ", &trace.request_headers(self.completed.exchange)]);
            self.say(&[b"Method request body before transformations: ", &trace.shown_request_body()]);
        }
        self.backend(endpoint);
    }

    /// What the client was answered, where that is recorded.
    fn answered(&mut self, whose: &[u8]) {
        let Some(answered) = self.completed.exchange.data_trace.as_ref().map(|trace| &trace.answered) else { return };
        if answered.is_some() {
            let what: &[u8] =
                if whose == b"Method" { b" response body after transformations: " } else { b" response body: " };
            self.say(&[whose, what, &answered.body()]);
            self.say(&[whose, b" response headers: ", &answered.headers()]);
        }
    }

    fn failed(&mut self, stage: &StagePlan, fault: &Fault) {
        let exchange = self.completed.exchange;
        match (fault.cause, throttled(exchange, stage, fault)) {
            (Some(cause), _) => {
                self.say(&[b"Execution failed due to configuration error: ", &reason(cause, exchange)]);
            }
            (None, Some(text)) => self.say(&[text.as_bytes()]),
            (None, None) => {
                let (begin, rest) = error(fault, exchange);
                self.say(&[begin.as_bytes(), &rest]);
            }
        }
    }

    fn parameters(&mut self) {
        let exchange = self.completed.exchange;
        let names = values::path_names(exchange);
        let path = names.iter().zip(&exchange.path_parameters);
        let path = path.map(|(name, span)| [name.as_bytes(), b"=", span.of(&exchange.input)].concat());
        let path = path.collect::<Vec<_>>().join(&b", "[..]);
        self.say(&[b"Method request path: {", &path, b"}"]);
        let query = query::pairs(exchange.query.of(&exchange.input));
        let query = query.map(|(name, value)| [&percent::decode(name)[..], b"=", &percent::decode(value)].concat());
        let query = query.collect::<Vec<_>>().join(&b", "[..]);
        self.say(&[b"Method request query string: {", &query, b"}"]);
    }

    fn backend(&mut self, endpoint: Option<&[u8]>) {
        let Some(uri) = endpoint else { return };
        let exchange = self.completed.exchange;
        self.say(&[b"Endpoint request URI: ", uri]);
        if let Some(trace) = &exchange.data_trace {
            self.say(&[b"Endpoint request headers: ", &trace.asked.headers()]);
            self.say(&[b"Endpoint request body after transformations: ", &trace.asked.body()]);
        }
        self.say(&[b"Sending request to ", uri]);
        if let Some(latency) = self.completed.integration
            && exchange.integration_status > 0
        {
            let (status, latency) = (exchange.integration_status.to_string(), (latency / 1000).to_string());
            self.say(&[
                b"Received response. Status: ",
                status.as_bytes(),
                b", Integration latency: ",
                latency.as_bytes(),
                b" ms",
            ]);
            if let Some(received) = exchange.data_trace.as_ref().map(|trace| &trace.received)
                && received.is_some()
            {
                self.say(&[b"Endpoint response headers: ", &received.headers()]);
                self.say(&[b"Endpoint response body before transformations: ", &received.body()]);
            }
        }
    }
}

#[cfg(test)]
#[path = "execution_log_tests.rs"]
mod tests;
