//! Request bodies against schemas: any bytes get a verdict, and the same one however the same JSON is written.

use std::sync::LazyLock;

use apigw_engine::primitives::json_schema::{SchemaId, Schemas, Source, Verdict, compile};
use serde_json::Value;

const SCHEMAS: &[&str] = &[
    r##"{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"$ref": "#"}}, "additionalProperties": {"type": ["string", "null"], "maxLength": 3}}"##,
    r##"{"anyOf": [{"type": "array", "items": {"$ref": "#"}, "uniqueItems": true, "maxItems": 4}, {"enum": [1, "x", null, {"a": [1.5]}]}, {"multipleOf": 0.5, "maximum": 100}]}"##,
    r#"{"patternProperties": {"^[a-c]+$": {"format": "date-time"}, "e": {"format": "email"}}, "dependencies": {"a": ["b"], "c": {"minProperties": 3}}, "not": {"required": ["z"]}, "items": [{"pattern": "^\\w+$"}, {}], "additionalItems": false}"#,
];

static COMPILED: LazyLock<(Schemas, Vec<SchemaId>)> = LazyLock::new(|| {
    let urls = ["u:0", "u:1", "u:2"];
    let sources: Vec<_> = SCHEMAS.iter().zip(urls).map(|(text, url)| Source { url, text }).collect();
    compile(&sources).unwrap_or_else(|problems| panic!("{problems:?}"))
});

/// See the module.
pub fn request_body(bytes: &[u8]) {
    let (schemas, roots) = &*COMPILED;
    let known: Result<Value, _> = serde_json::from_slice(bytes);
    for id in roots {
        let verdict = schemas.judge(*id, bytes);
        if let Verdict::Invalid(words) = &verdict {
            assert!(words.starts_with('[') && words.ends_with(']') && words.len() > 2, "{words}");
        }
        match &known {
            // It rounds numbers; where it cannot have, the text it writes is the same value.
            Ok(value) if is_exact(bytes) => {
                let again = schemas.judge(*id, value.to_string().as_bytes());
                let is_valid = |one: &Verdict| *one == Verdict::Valid;
                assert_eq!(is_valid(&verdict), is_valid(&again), "{} and {value}", bytes.escape_ascii());
                assert!(!matches!(verdict, Verdict::NotJson(_)), "{}", bytes.escape_ascii());
            }
            Ok(_) => assert!(!matches!(verdict, Verdict::NotJson(_)), "{}", bytes.escape_ascii()),
            // It takes neither deep nesting nor numbers beyond its own; everything else is not JSON for both.
            Err(error) => {
                let is_ours = error.to_string().contains("recursion") || error.to_string().contains("out of range");
                assert!(is_ours || matches!(verdict, Verdict::NotJson(_)), "{error} in {}", bytes.escape_ascii());
            }
        }
    }
}

/// Whether every number is a short one without an exponent.
fn is_exact(bytes: &[u8]) -> bool {
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let has_exponent = bytes.windows(2).any(|pair| pair[0].is_ascii_digit() && matches!(pair[1], b'e' | b'E'));
    !has_exponent
        && !bytes.windows(2).any(|pair| pair == b"-0")
        && bytes.split(|byte| !is_number(byte)).all(|run| run.len() < 14)
}
