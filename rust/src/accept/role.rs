//! One port for both: the host decides first, then the two path forms of invocations; all else is management.

use crate::exchange::Exchange;

/// Whether a request is for a deployed API.
pub(super) fn is_invocation(exchange: &Exchange) -> bool {
    let host = exchange.head.host.of(&exchange.input);
    let mut labels = host.split(|byte| *byte == b'.');
    if labels.nth(1).is_some_and(|label| {
        let label = label.split(|byte| *byte == b':').next().unwrap_or_default();
        label.eq_ignore_ascii_case(b"execute-api")
    }) {
        return true;
    }
    let path = exchange.head.path.of(&exchange.input);
    let path = &path[..memchr::memchr(b'?', path).unwrap_or(path.len())];
    if path.starts_with(b"/_aws/execute-api/") {
        return true;
    }
    let mut segments = path.split(|byte| *byte == b'/').skip(1);
    segments.next() == Some(b"restapis") && segments.nth(2) == Some(b"_user_request_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::{HeadLimits, parse_request};

    fn decide(host: &str, path: &str) -> bool {
        let mut exchange = Exchange {
            input: format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
            ..Exchange::default()
        };
        let limits = HeadLimits { target: 1000, header_block: 1000, fields: 10 };
        assert_eq!(parse_request(&exchange.input, &limits, &mut exchange.head), Ok(true));
        is_invocation(&exchange)
    }

    #[test]
    fn host_first_then_path() {
        assert!(decide("abc.execute-api.eu-west-1.amazonaws.com", "/restapis"));
        assert!(decide("abc.Execute-Api.localhost:8080", "/"));
        assert!(decide("abc.execute-api:8080", "/"));
        assert!(decide("localhost", "/restapis/abc/prod/_user_request_/pets?x=1"));
        assert!(decide("localhost", "/restapis/abc/prod/_user_request_"));
        assert!(decide("localhost", "/_aws/execute-api/abc/prod/pets"));
        for path in
            ["/", "/restapis", "/restapis/abc/resources", "/restapis/abc/_user_request_", "/?x=/_aws/execute-api/a/b"]
        {
            assert!(!decide("localhost:9080", path), "{path}");
        }
        assert!(!decide("apigateway.eu-west-1.amazonaws.com", "/restapis"));
        assert!(!decide("execute-api.example.com", "/restapis"));
    }
}
