//! What the edge network in front of an `EDGE` API does to requests (rest-api §16): it sends no GET with a body on, writes the
//! headers that it reads itself under their usual names, sorts cookies, and lets no client speak in its name. Other names stay as
//! sent (AWS: `tEsT-HEADeR` passes so beside an `authorization` that becomes `Authorization`). Works in place: nothing becomes
//! longer.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html>

use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::{Field, Framing},
    primitives::header_names::HeaderName,
};

/// Headers that the edge reads itself, as it writes them.
fn usual_name(id: HeaderName) -> Option<&'static [u8]> {
    match id {
        HeaderName::Authorization => Some(b"Authorization"),
        HeaderName::Cookie => Some(b"Cookie"),
        HeaderName::Host => Some(b"Host"),
        HeaderName::Referer => Some(b"Referer"),
        HeaderName::UserAgent => Some(b"User-Agent"),
        _ => None,
    }
}

/// Passes a request through, or refuses it.
pub(super) fn pass(exchange: &mut Exchange) -> Result<(), Fault> {
    let Exchange { head, input, forwarded, .. } = exchange;
    if head.framing != Framing::None && head.method.of(input) == b"GET" {
        return Err(Fault::FORBIDDEN);
    }
    forwarded.leave();
    if head.fields.iter().any(|field| is_of_the_edge(field, input)) {
        head.fields.retain(|field| !is_of_the_edge(field, input));
    }
    for field in &head.fields {
        if let Some(name) = usual_name(field.id) {
            input[field.name.start as usize..field.name.end as usize].copy_from_slice(name);
        }
    }
    if head.may_have(HeaderName::Cookie) {
        for field in head.fields.iter().filter(|field| field.id == HeaderName::Cookie) {
            sort_cookies(&mut input[field.value.start as usize..field.value.end as usize]);
        }
    }
    Ok(())
}

/// Whether only the edge says this of a client.
fn is_of_the_edge(field: &Field, input: &[u8]) -> bool {
    const PREFIX: &[u8] = b"CloudFront-";
    let name = field.name.of(input);
    field.id == HeaderName::Other
        && (name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
            || name.eq_ignore_ascii_case(b"X-Amz-Cf-Id"))
}

/// Sorts the pairs of a `Cookie` header by their names; those of one name keep their order, separators their places.
fn sort_cookies(value: &mut [u8]) {
    fn name(pair: &[u8]) -> &[u8] {
        let pair = pair.trim_ascii();
        &pair[..memchr::memchr(b'=', pair).unwrap_or(pair.len())]
    }
    if value.split(|byte| *byte == b';').map(name).is_sorted() {
        return;
    }
    let before = value.to_vec();
    let places: Vec<&[u8]> = before.split(|byte| *byte == b';').collect();
    let mut pairs: Vec<&[u8]> = places.iter().map(|place| place.trim_ascii()).collect();
    pairs.sort_by_key(|pair| name(pair));
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        value[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    for (number, (place, pair)) in places.iter().zip(pairs).enumerate() {
        if number > 0 {
            put(b";");
        }
        put(&place[..place.len() - place.trim_ascii_start().len()]);
        put(pair);
        put(&place[place.trim_ascii_end().len().max(place.len() - place.trim_ascii_start().len())..]);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Gateway, deployment, from, header, http_proxy, raw, stage};

    fn gateway(endpoint_type: &str) -> Gateway {
        let copied = http_proxy("http://b.test/", &[("header", "X-Copy", from("header", "Cookie"))]);
        let mut unit = deployment("dep001", &[("/p", &[("ANY", copied)])]);
        unit["endpoint_type"] = json!(endpoint_type);
        Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]))
    }

    const SENT: [&str; 6] =
        ["cookie: b=2; a=1", "user-agent: x", "referer: y", "x-cusTOM: z", "ACCEPT: w", "authorization: token"];

    #[test]
    fn s16_an_edge_writes_what_it_reads_and_sorts_cookies() {
        let (head, _) = gateway("EDGE").forwarded("GET /dev/p", &SENT).expect("forwarded");
        let same = ["x-cusTOM: z", "ACCEPT: w"];
        let written = ["Cookie: a=1; b=2", "X-Copy: a=1; b=2", "User-Agent: x", "Referer: y", "Authorization: token"];
        for line in same.into_iter().chain(written) {
            assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
        }
    }

    #[test]
    fn s16_an_edge_says_how_the_client_spoke_and_no_client_says_what_the_edge_does() {
        let gateway = gateway("EDGE");
        let evil = ["cloudfront-viewer-country: XX", "CLOUDFRONT-FORWARDED-PROTO: https", "x-amz-cf-id: y", "X-Amz: z"];
        let (head, _) = gateway.forwarded("GET /dev/p", &evil).expect("forwarded");
        assert_eq!(header(&head, "CloudFront-Forwarded-Proto"), Some("http"));
        assert_eq!((header(&head, "CloudFront-Viewer-Country"), header(&head, "X-Amz-Cf-Id")), (None, None));
        assert_eq!((header(&head, "X-Amz"), header(&head, "X-Forwarded-Proto")), (Some("z"), Some("http")));
        let mut exchange = gateway.call("GET /dev/p", &["X-Forwarded-For: 192.0.2.1"]).expect("routed");
        exchange.is_secure = true;
        let (head, _) = gateway.forwarded_of(&exchange).expect("forwarded");
        assert_eq!(header(&head, "CloudFront-Forwarded-Proto"), Some("https"));
        assert_eq!(header(&head, "X-Forwarded-For"), Some("192.0.2.1, 192.0.2.7"));
    }

    #[test]
    fn s16_a_mapping_reads_what_the_edge_says_and_may_replace_it() {
        let source = from("header", "CloudFront-Forwarded-Proto");
        let integration =
            http_proxy("http://b.test/", &[("header", "X-Scheme", source.clone()), ("querystring", "s", source)]);
        let replaced =
            http_proxy("http://b.test/", &[("header", "cloudfront-forwarded-proto", from("literal", "gopher"))]);
        for (endpoint_type, scheme) in [("EDGE", Some("http")), ("REGIONAL", None)] {
            let resources = [("/p", &[("ANY", integration.clone())][..]), ("/r", &[("ANY", replaced.clone())][..])];
            let mut unit = deployment("dep001", &resources);
            unit["endpoint_type"] = json!(endpoint_type);
            let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
            let (head, _) = gateway.forwarded("GET /dev/p", &[]).expect("forwarded");
            assert_eq!(header(&head, "X-Scheme"), scheme, "{endpoint_type}");
            assert_eq!(head.starts_with("GET /?s=http HTTP/1.1"), scheme.is_some(), "{endpoint_type}");
            let (head, _) = gateway.forwarded("GET /dev/r", &[]).expect("forwarded");
            assert_eq!(header(&head, "CloudFront-Forwarded-Proto"), Some("gopher"), "{endpoint_type}");
        }
    }

    #[test]
    fn s16_elsewhere_all_stays_as_sent() {
        for endpoint_type in ["REGIONAL", "PRIVATE"] {
            let (head, _) = gateway(endpoint_type).forwarded("GET /dev/p", &SENT).expect("forwarded");
            for line in SENT {
                assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
            }
            assert_eq!(header(&head, "X-Copy"), None, "names are case-sensitive");
            assert!(gateway(endpoint_type).request(&raw("GET /dev/p", &[], "body")).is_ok());
        }
    }

    #[test]
    fn s16_an_edge_sends_no_get_with_a_body_on() {
        let gateway = gateway("EDGE");
        assert_eq!(gateway.request(&raw("GET /dev/p", &[], "body")).expect_err("refused"), Fault::FORBIDDEN);
        assert!(gateway.request(&raw("GET /dev/p", &["Content-Length: 0"], "")).is_ok());
        assert!(gateway.request(&raw("POST /dev/p", &["X-HTTP-Method-Override: GET"], "body")).is_ok());
        let chunked = gateway.call("GET /dev/p", &["Transfer-Encoding: chunked"]);
        assert_eq!(chunked.expect_err("refused"), Fault::FORBIDDEN);
    }

    #[test]
    fn s16_cookies_of_any_shape_keep_their_bytes() {
        for (sent, expected) in [
            ("", ""),
            ("a", "a"),
            ("a=1", "a=1"),
            ("c=3;a=1;  b=2", "a=1;b=2;  c=3"),
            ("b=1; a=2; b=0; a=1", "a=2; a=1; b=1; b=0"),
            ("z; =x; a=;", "=x; ; a=;z"),
            (" b=1 ;a=2", " a=2 ;b=1"),
            (";;b;a", ";;a;b"),
            ("b= ; a=\"x y\"", "a=\"x y\" ; b="),
        ] {
            let mut value = sent.as_bytes().to_vec();
            sort_cookies(&mut value);
            assert_eq!(value.len(), sent.len());
            assert_eq!(String::from_utf8(value).expect("text"), expected, "{sent:?}");
        }
    }
}
