//! The key of a cached answer: two requests have the same one exactly when everything that is to tell them apart is the same.
//! One answer for two different requests would be somebody else's.

use apigw_engine::{
    accept::address::address,
    exchange::Exchange,
    inbound::{
        cache_lookup::{Lookup, look},
        query,
        route::route,
    },
    primitives::percent,
    snapshot::{registry::Registry, served::Served},
};
use serde_json::json;

use super::mappings::{API, exchange};

/// What tells two requests apart: the verb, the greedy path, the values of parameters, and what is accepted.
type Told = (Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<u8>);

fn serve() -> Served {
    let named = |from: &str, name: &str| json!({"from": from, "name": name});
    let parameters = json!([
        named("path", "proxy"),
        named("querystring", "a"),
        named("multi_value_querystring", "x"),
        named("header", "X-In"),
    ]);
    let integration = json!({"type": "HTTP_PROXY", "request_parameters": [], "response_transfer_mode": "BUFFERED",
        "backend": {"uri": "http://backend.test/", "http_method": null, "timeout_in_millis": 29000, "insecure_skip_verification": false}});
    let deployment = json!({"kind": "deployment", "api_id": API, "api_name": "fuzzed", "deployment_id": "dep001",
        "account_id": "123456789012", "region": "eu-west-1", "endpoint_type": "REGIONAL", "disable_execute_api_endpoint": false,
        "binary_media_types": ["image/png"], "gateway_responses": [], "models": [], "minimum_compression_size": null,
        "resources": [{"resource_id": "res001", "path": "/{proxy+}", "methods": [{"http_method": "ANY", "validation": null, "method_responses": [],
            "integration": integration, "cache_key": {"namespace": "n", "parameters": parameters}}]}]});
    let cache = json!({"ttl_in_seconds": 300, "encrypted": false, "require_authorization": true,
        "unauthorized_strategy": "SUCCEED_WITHOUT_RESPONSE_HEADER"});
    let stage = json!({"kind": "stage", "api_id": API, "stage_name": "dev", "deployment_id": "dep001", "variables": [],
        "canary": null, "access_log": null, "cache_bytes": 500_000_000, "client_certificate": null,
        "method_settings": [{"method": {"path": "/{proxy+}", "http_method": "ANY"}, "metrics_enabled": false,
            "logging_level": "OFF", "data_trace_enabled": false, "throttle": null, "cache": cache}]});
    let mut registry = Registry::new();
    let patch = json!({"put": [deployment, stage], "remove": []}).to_string();
    let ticket = registry.prepare(patch.as_bytes()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut served = Served::new();
    served.apply(&registry.commit(vec![ticket]));
    served
}

thread_local! {
    static SERVED: Served = serve();
}

/// See the module. The bytes are two requests with two zeros between them.
pub fn cache_key(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == [0, 0]).unwrap_or(bytes.len());
    let (one, other) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
    let (Some((one, one_key)), Some((other, other_key))) = (keyed(one), keyed(other)) else { return };
    assert_eq!(one_key == other_key, one == other, "{one:?} {other:?}");
}

fn keyed(text: &[u8]) -> Option<(Told, Vec<u8>)> {
    let mut exchange = exchange(text.to_vec())?;
    if SERVED.with(|served| address(served, &mut exchange).is_err()) || route(&mut exchange).is_err() {
        return None;
    }
    match look(&mut exchange, &mut Vec::new(), 0).ok()? {
        Lookup::Miss(caching) => Some((told(&exchange), caching.key.to_vec())),
        Lookup::Off => None,
        Lookup::Hit(..) => panic!("nothing was kept"),
    }
}

fn told(exchange: &Exchange) -> Told {
    let input = &exchange.input;
    let of_query = |name: &[u8]| {
        let pairs = query::pairs(exchange.query.of(input));
        let found = pairs.filter(|(key, _)| *percent::decode(key) == *name);
        found.map(|(_, value)| percent::decode(value).into_owned()).collect()
    };
    let of_header = |name: &[u8]| -> Vec<Vec<u8>> {
        let fields = exchange.head.fields.iter().filter(|field| field.name.of(input).eq_ignore_ascii_case(name));
        fields.map(|field| field.value.of(input).to_vec()).collect()
    };
    let accept = of_header(b"accept").pop().unwrap_or_default();
    let first = accept.split(|byte| matches!(byte, b',' | b';')).next().unwrap_or_default();
    let path = exchange.path_parameters.first().map_or(&[][..], |span| span.of(input));
    (
        exchange.verb.of(input).to_vec(),
        path.to_vec(),
        of_query(b"a"),
        of_query(b"x"),
        of_header(b"x-in"),
        first.trim_ascii().to_vec(),
    )
}
