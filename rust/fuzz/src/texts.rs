//! Documents and signatures: YAML gives JSON or an error, and JSON itself; what is signed is verified, and nothing else.

use apigw_engine::primitives::{
    sigv4::{Credentials, Request, Rules, claim, sign, signing_key, verify},
    yaml::yaml_to_json,
};
use serde_json::Value;

use super::choices::Choices;

/// What comes out is JSON, and JSON that goes in comes out as it was.
pub fn yaml(text: &[u8]) {
    let Ok(json) = yaml_to_json(text) else { return };
    let value: Value = serde_json::from_slice(&json)
        .unwrap_or_else(|error| panic!("{error} in {} of {}", json.escape_ascii(), text.escape_ascii()));
    // JSON is YAML, but for keys that come twice: those are refused above.
    let again = yaml_to_json(&json).unwrap_or_else(|error| panic!("{error} in {}", json.escape_ascii()));
    let again: Value = serde_json::from_slice(&again).expect("JSON again");
    assert!(alike(&value, &again), "{value} became {again}");
}

/// Equal, numbers by their value.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| alike(one, other)))
        }
        _ => one == other,
    }
}

const NOW: i64 = 1_795_251_600;
const SECRET: &str = "not a secret";
const NAMES: &[&[u8]] = &[b"X-A", b"x-a", b"Content-Type", b"X-B", b"Accept", b"X-Http-Method-Override"];
/// What a claim may be made of.
const WORDS: &[&str] = &[
    "AWS4-HMAC-SHA256 ",
    "Credential=AKIDEXAMPLE/20261121/us-east-1/execute-api/aws4_request",
    ", ",
    "SignedHeaders=host;x-amz-date",
    "Signature=0123456789abcdef",
    "=",
    "/",
    ";",
    "Credential=",
    "Bearer x",
];

/// See the module.
pub fn sigv4(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let rules = Rules { service: "execute-api", regions: &[], any_credentials: false };
    let path = [b"/", choices.run(20)].concat();
    let (query, method) = (choices.run(30), choices.one(&[&b"GET"[..], b"POST", b"m"]));
    let mut headers: Vec<(&[u8], &[u8])> = vec![(b"Host", b"h")];
    for _ in 0..choices.below(4) {
        headers.push((choices.one(NAMES), choices.run(16)));
    }
    let mut claimed: Vec<u8> = (0..choices.below(8)).flat_map(|_| choices.one(WORDS).bytes()).collect();
    claimed.extend_from_slice(choices.run(12));
    let payload = choices.0;

    let forged = [(&b"Authorization"[..], &claimed[..]), (b"X-Amz-Date", b"20261121T090000Z")];
    let with_claim = [&headers[..], &forged[..]].concat();
    let request = Request { method, path: &path, query, headers: &with_claim };
    let key = |day: &str| signing_key(SECRET, day, "us-east-1", "execute-api");
    assert!(verify(&request, payload, &rules, NOW, |claim| Ok(key(&claim.day))).is_err(), "nobody signed this");
    let _ = claim(&Request { headers: &headers, ..request }, &rules, NOW);

    let request = Request { method, path: &path, query, headers: &headers };
    let credentials = Credentials {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: SECRET,
        region: "us-east-1",
        service: "execute-api",
    };
    let added = sign(&request, payload, &credentials, NOW);
    let added: Vec<(&[u8], &[u8])> = added.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    let signed = [&headers[..], &added[..]].concat();
    let request = Request { method, path: &path, query, headers: &signed };
    let verified = verify(&request, payload, &rules, NOW, |claim| Ok(key(&claim.day)));
    assert!(verified.is_ok(), "{verified:?} for {request:?}");
    let other = [payload, b"x"].concat();
    assert!(verify(&request, &other, &rules, NOW, |claim| Ok(key(&claim.day))).is_err(), "another payload");
    let request = Request { method: b"OTHER", ..request };
    assert!(verify(&request, payload, &rules, NOW, |claim| Ok(key(&claim.day))).is_err(), "another method");
}
