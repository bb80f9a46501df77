//! Tests of `yaml`.

#![allow(clippy::format_collect, clippy::format_push_string, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn json(text: &str) -> Result<String, YamlError> {
    yaml_to_json(text.as_bytes()).map(|json| {
        let text = String::from_utf8(json).unwrap();
        // The other reader stops at 128 levels.
        if let Err(error) = serde_json::from_str::<serde_json::Value>(&text) {
            assert!(error.to_string().contains("recursion limit"), "{text}: {error}");
        }
        text
    })
}

fn refusal(text: &str) -> (String, usize, usize) {
    match json(text) {
        Err(YamlError { message, line, column }) => (message, line, column),
        Ok(json) => panic!("{text:?} gave {json}"),
    }
}

#[test]
fn collections() {
    for (text, expected) in [
        ("", "null"),
        ("# nothing\n", "null"),
        ("---\n", "null"),
        ("a", "\"a\""),
        ("[]", "[]"),
        ("{}", "{}"),
        ("- a\n- [b, c]\n- {d: e}\n-\n", "[\"a\",[\"b\",\"c\"],{\"d\":\"e\"},null]"),
        ("a: 1\nb:\n  c: x\n  d:\n  - y\n  - z: 2\n", "{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[\"y\",{\"z\":2}]}}"),
        ("%YAML 1.2\n---\na: b\n...\n", "{\"a\":\"b\"}"),
        ("\u{feff}a: b", "{\"a\":\"b\"}"),
        ("{\"a\": [1, {\"b\": null}], \"c\": \"d\\u00e9\\n\"}", "{\"a\":[1,{\"b\":null}],\"c\":\"d\u{e9}\\n\"}"),
    ] {
        assert_eq!(json(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn keys_are_strings_as_written() {
    assert_eq!(
        json("200: a\n4XX: b\ntrue: c\n~: d\n1.50: e\n'x y': f\nno: g\n").unwrap(),
        "{\"200\":\"a\",\"4XX\":\"b\",\"true\":\"c\",\"~\":\"d\",\"1.50\":\"e\",\"x y\":\"f\",\"no\":\"g\"}"
    );
    assert_eq!(json("/pets/{petId}:\n  get: {}\n").unwrap(), "{\"/pets/{petId}\":{\"get\":{}}}");
    assert_eq!(json("\"q\\\"\\\\\\u0001\": 1").unwrap(), "{\"q\\\"\\\\\\u0001\":1}");
}

#[test]
fn plain_scalars_follow_the_core_schema() {
    for (text, expected) in [
        ("null", "null"),
        ("Null", "null"),
        ("NULL", "null"),
        ("~", "null"),
        ("nULL", "\"nULL\""),
        ("true", "true"),
        ("True", "true"),
        ("TRUE", "true"),
        ("false", "false"),
        ("tRUE", "\"tRUE\""),
        ("yes", "\"yes\""),
        ("no", "\"no\""),
        ("on", "\"on\""),
        ("off", "\"off\""),
        ("y", "\"y\""),
        ("2020-01-01", "\"2020-01-01\""),
        ("12:30", "\"12:30\""),
        ("1_000", "\"1_000\""),
        ("0b11", "\"0b11\""),
        ("1.2.3", "\"1.2.3\""),
        ("-", "[null]"),
        ("--", "\"--\""),
        (".", "\".\""),
        ("+", "\"+\""),
        ("1e", "\"1e\""),
        ("e5", "\"e5\""),
        ("0x", "\"0x\""),
        ("0xg", "\"0xg\""),
        ("-0x1", "\"-0x1\""),
        (".e1", "\".e1\""),
        ("0", "0"),
        ("-0", "-0"),
        ("12", "12"),
        ("-12", "-12"),
        ("+12", "12"),
        ("007", "7"),
        ("000", "0"),
        ("0o17", "15"),
        ("0xFf", "255"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.0", "1.0"),
        ("1.50", "1.50"),
        ("1e3", "1e3"),
        ("1E+3", "1E+3"),
        ("-1.5e-3", "-1.5e-3"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("5.", "5.0"),
        ("5.e1", "5.0e1"),
        ("+1.5", "1.5"),
        ("01.5", "1.5"),
        ("'1'", "\"1\""),
        ("\"true\"", "\"true\""),
        ("''", "\"\""),
        ("|\n  1\n", "\"1\\n\""),
        (">-\n  a\n  b\n", "\"a b\""),
        ("!!str 1", "\"1\""),
        ("! 1", "\"1\""),
        ("!!int 1", "1"),
        ("!!int '1'", "1"),
        ("!!float 1", "1"),
        ("!!float 1.5", "1.5"),
        ("!!bool true", "true"),
        ("!!null ''", "null"),
        ("!!map {}", "{}"),
        ("!!seq []", "[]"),
        ("\u{1f600}\u{e9}", "\"\u{1f600}\u{e9}\""),
    ] {
        assert_eq!(json(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn aliases_and_merges() {
    for (text, expected) in [
        ("a: &x [1, {b: 2}]\nc: *x\n", "{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}]}"),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}"),
        ("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"q\":3,\"p\":1}}"),
        ("a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x\n", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"q\":3,\"p\":1}}"),
        (
            "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n  r: 3\n",
            "{\"a\":{\"p\":1},\"b\":{\"p\":2,\"q\":2},\"c\":{\"r\":3,\"p\":1,\"q\":2}}",
        ),
        ("<<: {a: 1, b: {c: 2}}\nd: 3\n", "{\"d\":3,\"a\":1,\"b\":{\"c\":2}}"),
        ("<<: &x {a: 1}\nb: *x\n", "{\"b\":{\"a\":1},\"a\":1}"),
        ("<<: [{a: 1}, {b: 2}]\n", "{\"a\":1,\"b\":2}"),
        ("<<: {}\n", "{}"),
        ("<<: []\n", "{}"),
        ("a: &x {<<: {p: 1}}\nb: {<<: *x}\n", "{\"a\":{\"p\":1},\"b\":{\"p\":1}}"),
        ("'<<': 1\n", "{\"<<\":1}"),
        ("- &x a\n- {<<: {k: *x}, l: *x}\n", "[\"a\",{\"l\":\"a\",\"k\":\"a\"}]"),
    ] {
        assert_eq!(json(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn refusals_say_where() {
    assert_eq!(refusal("a: 1\nb: 2\na: 3\n"), ("the key \"a\" is there twice".into(), 3, 1));
    assert_eq!(refusal("x:\n  {a: 1, 'a': 2}\n").1, 2);
    assert_eq!(refusal("200: a\n'200': b\n"), ("the key \"200\" is there twice".into(), 2, 1));
    let many: String = (0..100).map(|at| format!("k{at}: 1\n")).collect();
    assert_eq!(refusal(&format!("{many}k7: 2\n")), ("the key \"k7\" is there twice".into(), 101, 1));
    assert_eq!(refusal(&format!("{many}k99: 2\n")).1, 101);
    assert_eq!(refusal("a: .inf"), (".inf has no place in JSON".into(), 1, 4));
    assert_eq!(refusal("a: !Ref b"), ("the tag !Ref is not supported".into(), 1, 4));
    assert_eq!(refusal("a: !!binary aGk=").1, 1);
    assert_eq!(refusal("!!int x").0, "\"x\" is no int");
    assert_eq!(refusal("!!set {}").1, 1);
    assert_eq!(refusal("? [a]\n: b\n").0, "a key that is no scalar");
    assert_eq!(refusal("a: &x [*x]\n"), ("an alias inside of what it stands for".into(), 1, 8));
    assert_eq!(refusal("a: 1\n---\nb: 2\n").0, "more than one document");
    assert_eq!(refusal("<<: 1\n").0, "<< takes a mapping or a list of mappings");
    assert_eq!(refusal("<<: [1]\n").0, "<< takes a mapping or a list of mappings");
    assert_eq!(refusal("<<: [[]]\n").0, "<< takes a mapping or a list of mappings");
    assert_eq!(refusal("a: &x b\n*x : c\n").0, "an alias as a key");
    for broken in
        ["a: [", "a: b: c", "\"a", "a:\n\t- b", "{a: b", "*x", "a: 'b' c", "- a\nb: c", "@a", "0xffffffffffffffffff"]
    {
        let (_, line, column) = refusal(broken);
        assert!(line >= 1 && column >= 1, "{broken:?}");
    }
    let error = yaml_to_json(b"a: b\nc\xc3\xa9: \xff\n").unwrap_err();
    assert_eq!((error.message.as_str(), error.line, error.column), ("the text is not UTF-8", 2, 5));
}

#[test]
fn depth_is_bounded_with_aliases_too() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(json(&nested(200)).is_ok());
    assert!(refusal(&nested(201)).0.starts_with("nested deeper"));
    let block: String = (0..201).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert!(refusal(&block).0.starts_with("nested deeper"));
    let aliased = |levels: usize| format!("- &a {}\n- {}*a{}\n", nested(100), "[".repeat(levels), "]".repeat(levels));
    assert!(json(&aliased(99)).is_ok());
    assert!(refusal(&aliased(100)).0.starts_with("nested deeper"));
    let many = "- ".repeat(100_000);
    assert!(refusal(&many).0.starts_with("nested deeper"));
}

#[test]
fn aliases_cannot_multiply_without_end() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..20 {
        let item = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![item; 10].join(", "));
    }
    let (message, line, _) = refusal(&text);
    assert!(message.contains("too large") || message.contains("too much"), "{message}");
    assert!(line > 5);
    let merges: String = (1..24)
        .map(|level| format!("m{level}: &m{level} {{x{level}: *m{}, y{level}: *m{}}}\n", level - 1, level - 1))
        .collect();
    let (message, ..) = refusal(&format!("m0: &m0 {{text: {}}}\n{merges}", "x".repeat(1000)));
    assert!(message.contains("too large") || message.contains("too much"), "{message}");
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ": ",
        "&x ",
        "*x",
        "<<: ",
        "'",
        "\"",
        "\\",
        "|\n",
        ">-\n",
        "#",
        "!!str ",
        "!x ",
        "1",
        "-1.5e3",
        "0x1f",
        "~",
        "? ",
        "---\n",
        "...\n",
        "\t",
        "\u{e9}",
        "\u{0}",
        "\u{7f}",
        "%YAML 1.2\n",
        "null",
        "true",
    ]);
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever comes in: an error with a place, or JSON that another reader takes.
    #[test]
    fn any_text_gives_json_or_a_place(text in pieces()) {
        match json(&text) {
            Ok(_) => {}
            Err(error) => prop_assert!(error.line >= 1 && error.column >= 1),
        }
    }
}
