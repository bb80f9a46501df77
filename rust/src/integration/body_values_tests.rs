//! Tests of `body_values`.

use super::*;
use crate::primitives::jsonpath::JsonPath;

fn part(path: &str) -> BodySource {
    BodySource::Part(JsonPath::compile(path).expect("a path"))
}

fn value(path: &str, body: &[u8]) -> Result<String, Unreadable> {
    evaluate(&[part(path)], body).map(|values| values[0].to_string())
}

#[test]
fn s7_3_parts_of_a_body() {
    let body =
        br#" {"pets": [{"name": "Rex", "tags": ["a", "b/c"], "age": 3, "gone": null, "good": true}], "n": 1.50} "#;
    for (path, text) in [
        ("pets[0].name", "Rex"),
        ("$.pets[0].name", "Rex"),
        ("pets[0]['name']", "Rex"),
        ("pets[0].age", "3"),
        ("pets[0].good", "true"),
        ("n", "1.5"),
        ("pets[0].tags", r#"["a","b/c"]"#),
        ("pets[*].name", r#"["Rex"]"#),
        ("pets[0].gone", ""),
        ("pets[1].name", ""),
        ("nothing.at.all", ""),
        ("pets.length()", "1"),
    ] {
        assert_eq!(value(path, body).as_deref(), Ok(text), "{path}");
    }
    assert_eq!(value("a", br#"{"a": {"b": ["c"]}}"#).as_deref(), Ok(r#"{"b":["c"]}"#));
}

#[test]
fn s7_3_the_whole_body() {
    for (body, text) in
        [(&b""[..], "{}"), (b"any text", "any text"), (b" {\"a\": 1}", " {\"a\": 1}"), (b"a\xffb", "a\u{fffd}b")]
    {
        assert_eq!(*evaluate(&[BodySource::Whole], body).expect("read")[0], *text);
    }
    for body in [&b"{broken"[..], b"\n[1", b"\"a", b"'a"] {
        assert_eq!(evaluate(&[BodySource::Whole], body), Err(Unreadable::NotJson), "{body:?}");
    }
}

#[test]
fn s7_3_only_what_begins_like_json_is_read_as_json() {
    for body in [&b""[..], b"a=b", b"<a/>", b"12", b"true", b"\xff\xfe{", b"\xef\xbb\xbf{\"a\":1}", b" \t\r\n"] {
        assert_eq!(value("a", body).as_deref(), Ok(""), "{body:?}");
    }
    for body in [&b"{\"a\": "[..], b"[1, 2", b"\"a", b"'a", b"  {", b"{\"a\":\"\\ud8"] {
        assert_eq!(value("a", body), Err(Unreadable::NotJson), "{body:?}");
    }
    // Read as leniently as `$input` reads it.
    assert_eq!(value("a", b"{a: 'b',}").as_deref(), Ok("b"));
}

#[test]
fn deep_and_long_bodies_end() {
    let deep = "[".repeat(10_000);
    assert_eq!(value("a", deep.as_bytes()), Err(Unreadable::NotJson));
    let nested = format!("{}1{}", "{\"a\":".repeat(300), "}".repeat(300));
    assert_eq!(value("a", nested.as_bytes()).map(|text| text.len()), Ok(nested.len() - 6));
    let long = "x".repeat(MOST);
    let json = |text: &str| format!("{{\"a\": \"{text}\"}}").into_bytes();
    assert_eq!(value("a", &json(&long)), Ok(long.clone()));
    assert_eq!(value("a", &json(&format!("{long}x"))), Err(Unreadable::Failed));
    let whole = |text: &str| evaluate(&[BodySource::Whole], text.as_bytes()).map(|values| values[0].len());
    assert_eq!((whole(&long), whole(&format!("{long}x"))), (Ok(MOST), Err(Unreadable::Failed)));
    // Many items, of which a list is made.
    let many = format!("[{}1]", "1,".repeat(100_000));
    assert_eq!(value("[*]", many.as_bytes()), Err(Unreadable::Failed));
}

#[test]
fn several_sources_read_the_body_once_and_share_their_steps() {
    let body = format!("[{}1]", "1,".repeat(50_000));
    let last = |count: usize| {
        let sources: Vec<_> = (0..count).map(|_| part("$..[?(@ > 5)]")).collect();
        evaluate(&sources, body.as_bytes()).map(|values| values.len())
    };
    assert_eq!(last(1), Ok(1));
    assert_eq!(last(100), Err(Unreadable::Failed));
}
