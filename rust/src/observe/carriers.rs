//! What is counted of the ways that requests come in: TLS handshakes and how they end, HTTP/2 connections that were ended.

use super::{CoreMetrics, Counter};

/// Name, help, counter.
pub(super) type Row = (&'static str, &'static str, fn(&CoreMetrics) -> &Counter);

/// In the order of `/metrics`.
pub(super) const ROWS: [Row; 8] = [
    ("apigw_tls_handshakes_total", "TLS handshakes that began a new session.", |core| &core.tls_handshakes),
    ("apigw_tls_resumptions_total", "TLS handshakes that resumed a session.", |core| &core.tls_resumed),
    ("apigw_tls_plain_http_total", "Connections to a TLS port that spoke plain HTTP.", |core| &core.tls_plain_http),
    ("apigw_tls_malformed_total", "TLS handshakes that could not be understood or agreed on.", |core| {
        &core.tls_malformed
    }),
    ("apigw_tls_too_large_total", "TLS handshakes whose messages were too large.", |core| &core.tls_too_large),
    ("apigw_tls_late_total", "TLS handshakes that took too long.", |core| &core.tls_late),
    ("apigw_tls_gone_total", "TLS handshakes whose client went away.", |core| &core.tls_gone),
    ("apigw_http2_floods_total", "HTTP/2 connections ended for floods of frames or of resets.", |core| {
        &core.http2_floods
    }),
];
