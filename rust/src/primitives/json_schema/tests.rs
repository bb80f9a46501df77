//! Tests of `json_schema`: texts, numbers, words, and bounds. What schemas mean is the public suite's matter.

use super::{document::Document, number, *};

fn schema(text: &str) -> (Schemas, SchemaId) {
    let (schemas, roots) = compile(&[Source { url: "", text }]).unwrap_or_else(|problems| panic!("{problems:?}"));
    (schemas, roots[0])
}

fn judge(text: &str, body: &str) -> Verdict {
    let (schemas, id) = schema(text);
    schemas.judge(id, body.as_bytes())
}

/// The verdict in the form of the gateway's words.
fn said(text: &str, body: &str) -> String {
    match judge(text, body) {
        Verdict::Invalid(words) => words,
        other => format!("{other:?}"),
    }
}

#[test]
fn only_json_is_json() {
    for text in [
        "{}",
        "[]",
        " [ 1 , -0.5e+10 , 0 ] ",
        "\"\"",
        "null",
        "true",
        "false",
        "{\"a\":{\"b\":[{}]},\"c\":\"d\"}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 plain é\"",
        "-0",
        "1E5",
        "1e99999999999999999999",
    ] {
        assert!(Document::parse(text.as_bytes()).is_ok(), "{text}");
    }
    for text in [
        "",
        " ",
        "{",
        "[",
        "{}x",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{\"a\" 1}",
        "[1 2]",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "tru",
        "nul",
        "NaN",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\t\"",
        "\"a\nb\"",
        "[}",
        "{]",
        "1 2",
        "/**/1",
        "\u{feff}1",
        "0x1",
    ] {
        assert!(Document::parse(text.as_bytes()).is_err(), "{text}");
    }
    for bytes in [&b"\"\xff\""[..], b"\"\xc3\"", b"\"\xed\xa0\x80\"", b"\xff"] {
        assert!(Document::parse(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn nesting_is_bounded_and_takes_no_stack() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Document::parse(nested(512).as_bytes()).is_ok());
    assert!(Document::parse(nested(513).as_bytes()).is_err());
    assert!(Document::parse("[{\"a\":".repeat(5_000_000).as_bytes()).is_err());
}

#[test]
fn of_members_with_one_name_the_last_counts() {
    let strict = r#"{"properties": {"a": {"type": "string"}}, "maxProperties": 1}"#;
    assert_eq!(judge(strict, r#"{"a": 1, "\u0061": "x"}"#), Verdict::Valid);
    assert_eq!(
        said(strict, r#"{"a": "x", "a": 1}"#),
        "[instance type (integer) does not match any allowed primitive type (allowed: [\"string\"])]"
    );
    let many = (0..40).map(|number| format!("\"k{}\": {number},", number % 20)).collect::<Vec<_>>().concat();
    let body = format!("{{{many}\"a\": 1}}");
    assert_eq!(
        said(r#"{"maxProperties": 20}"#, &body),
        "[object has too many properties (found 21 but schema requires at most 20)]"
    );
    assert_eq!(judge(r#"{"properties": {"k0": {"minimum": 20}}}"#, &body), Verdict::Valid);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn the_words_of_every_keyword() {
    for (text, body, words) in [
        (r#"{"required": ["b", "a", "c"]}"#, r#"{"c": 1}"#, r#"object has missing required properties (["a","b"])"#),
        (
            r#"{"type": "number"}"#,
            r#""x""#,
            r#"instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])"#,
        ),
        (
            r#"{"type": ["string", "null"]}"#,
            "[]",
            r#"instance type (array) does not match any allowed primitive type (allowed: ["null","string"])"#,
        ),
        (
            r#"{"type": "integer"}"#,
            "1.0",
            r#"instance type (number) does not match any allowed primitive type (allowed: ["integer"])"#,
        ),
        (
            r#"{"enum": ["a", 1, null, {"x": [1.50]}]}"#,
            r#"{"b": "é\n"}"#,
            r#"instance value ({"b":"é\n"}) not found in enum (possible values: ["a",1,null,{"x":[1.50]}])"#,
        ),
        (r#"{"minimum": 5}"#, "4", "numeric instance is lower than the required minimum (minimum: 5, found: 4)"),
        (
            r#"{"minimum": 5, "exclusiveMinimum": true}"#,
            "5.0",
            "numeric instance is not strictly greater than the required minimum 5",
        ),
        (
            r#"{"maximum": 5.5}"#,
            "1e2",
            "numeric instance is greater than the required maximum (maximum: 5.5, found: 1E+2)",
        ),
        (
            r#"{"maximum": 5, "exclusiveMaximum": true}"#,
            "5",
            "numeric instance is not strictly lower than the required maximum 5",
        ),
        (r#"{"multipleOf": 0.1}"#, "0.25", "remainder of division is not zero (0.25 / 0.1)"),
        (r#"{"minLength": 2}"#, r#""😀""#, "string \"😀\" is too short (length: 1, required minimum: 2)"),
        (r#"{"maxLength": 1}"#, r#""ab""#, "string \"ab\" is too long (length: 2, maximum allowed: 1)"),
        (r#"{"pattern": "^\\d+$"}"#, r#""٣""#, "ECMA 262 regex \"^\\d+$\" does not match input string \"٣\""),
        (r#"{"minItems": 1}"#, "[]", "array is too short: must have at least 1 elements but instance has 0 elements"),
        (r#"{"maxItems": 1}"#, "[1,2]", "array is too long: must have at most 1 elements but instance has 2 elements"),
        (r#"{"uniqueItems": true}"#, r#"[{"a":1,"b":2},{"b":2.0,"a":1}]"#, "array must not contain duplicate elements"),
        (
            r#"{"items": [{}], "additionalItems": false}"#,
            "[1,2]",
            "schema only allows 1 elements in array but instance has 2 elements",
        ),
        (r#"{"minProperties": 1}"#, "{}", "object has too few properties (found 0 but schema requires at least 1)"),
        (
            r#"{"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": false}"#,
            r#"{"c":1,"a":1,"x1":1,"b":1}"#,
            r#"object instance has properties which are not allowed by the schema: ["b","c"]"#,
        ),
        (
            r#"{"dependencies": {"a": ["c", "b"]}}"#,
            r#"{"a":1,"b":1}"#,
            r#"property "a" of object has missing property dependencies (schema requires ["b","c"]; missing: ["c"])"#,
        ),
        (
            r#"{"dependencies": {"a": {"required": ["z"]}}}"#,
            r#"{"a":1}"#,
            r#"object has missing required properties (["z"])"#,
        ),
        (
            r#"{"allOf": [{"type": "string"}, {}]}"#,
            "1",
            "instance failed to match all required schemas (matched only 1 out of 2)",
        ),
        (
            r#"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#,
            "1",
            "instance failed to match at least one required schema among 2",
        ),
        (
            r#"{"oneOf": [{}, {}, {"type": "null"}]}"#,
            "1",
            "instance failed to match exactly one schema (matched 2 out of 3)",
        ),
        (r#"{"not": {}}"#, "1", "instance matched a schema which it should not have"),
        (
            r#"{"format": "date-time"}"#,
            r#""yesterday""#,
            "string \"yesterday\" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.SSSZ]",
        ),
        (r#"{"format": "email"}"#, r#""a""#, "string \"a\" is not a valid email address"),
        // All of one value in the order of the keywords; what is in it is not looked at any more.
        (
            r#"{"type": "object", "required": ["a"], "maxProperties": 0, "properties": {"b": {"type": "null"}}}"#,
            r#"{"b":1}"#,
            r#"object has too many properties (found 1 but schema requires at most 0), object has missing required properties (["a"])"#,
        ),
        // Members by name, items in order; what is in them once nothing was wrong before.
        (
            r#"{"properties": {"b": {"type": "null"}, "a": {"items": {"type": "null"}}, "c": {"items": {"type": "null"}}}}"#,
            r#"{"b":1,"a":[null,"x",1],"c":[1]}"#,
            r#"instance type (string) does not match any allowed primitive type (allowed: ["null"]), instance type (integer) does not match any allowed primitive type (allowed: ["null"]), instance type (integer) does not match any allowed primitive type (allowed: ["null"])"#,
        ),
    ] {
        assert_eq!(said(text, body), format!("[{words}]"), "{text} {body}");
    }
}

#[test]
fn references_lead_to_other_schemas_circular_ones_too() {
    let sources = [
        Source {
            url: "https://a/Pet",
            text: r##"{"properties": {"owner": {"$ref": "https://a/Owner"}, "toy": {"$ref": "#/definitions/a%20b~1c"}}, "definitions": {"a b/c": {"type": "string"}}}"##,
        },
        Source {
            url: "https://a/Owner",
            text: r#"{"oneOf": [{"type": "null"}, {"type": "object", "required": ["pets"], "properties": {"pets": {"items": {"$ref": "https://a/Pet#"}}}}]}"#,
        },
    ];
    let (schemas, roots) = compile(&sources).expect("compiled");
    let valid = |body: &str| schemas.judge(roots[0], body.as_bytes()) == Verdict::Valid;
    assert!(valid(r#"{"owner": {"pets": [{"owner": null, "toy": "ball"}]}}"#));
    assert!(!valid(r#"{"owner": {"pets": [{"owner": {}}]}}"#));
    assert!(!valid(r#"{"owner": {"pets": [{"toy": 1}]}}"#));
}

#[test]
fn what_makes_no_sense_is_a_problem_with_its_place() {
    for (text, message) in [
        ("{", "not JSON at byte 1"),
        ("[]", "#: a schema is an object"),
        (r#"{"type": "file"}"#, "#/type: \"file\" is no type"),
        (
            r#"{"properties": {"a": {"minLength": -1}}}"#,
            "#/properties/a/minLength: this is a whole number from zero on",
        ),
        (r#"{"items": 5}"#, "#/items: a schema is an object"),
        (r#"{"required": true}"#, "#/required: this is a list of names"),
        (r#"{"enum": []}"#, "#/enum: this is a list of values"),
        (r#"{"allOf": {}}"#, "#/allOf: this is a list of schemas"),
        (r#"{"multipleOf": 0}"#, "#/multipleOf: this is a number above zero of up to 18 digits"),
        (r#"{"minimum": "1"}"#, "#/minimum: this is a number"),
        (r#"{"exclusiveMinimum": 1, "minimum": 1}"#, "#/exclusiveMinimum: this is true or false"),
        (r##"{"$ref": "#/definitions/none"}"##, "#/$ref: #/definitions/none leads nowhere"),
        (r#"{"$ref": "https://other/x"}"#, "#/$ref: https://other/x leads nowhere"),
        (r##"{"$ref": "#"}"##, "#: this schema refers to itself without end"),
        (
            r##"{"definitions": {"a": {"anyOf": [{"$ref": "#/definitions/b"}]}, "b": {"not": {"$ref": "#/definitions/a"}}}, "$ref": "#/definitions/a"}"##,
            "#/definitions/a: this schema refers to itself without end",
        ),
    ] {
        let problems = compile(&[Source { url: "", text }]).expect_err(text);
        assert_eq!(problems, [Problem { source: 0, message: message.to_owned() }], "{text}");
    }
    for pattern in [r"(", r"\p{L}"] {
        let text = format!("{{\"pattern\": {}}}", serde_json::json!(pattern));
        let why = compile(&[Source { url: "", text: &text }]).expect_err(pattern);
        assert!(why[0].message.starts_with("#/pattern: the pattern cannot be used"), "{why:?}");
    }
}

#[test]
fn patterns_are_those_of_ecma_262() {
    for (pattern, matches, others) in [
        (r"^\w+$", &["a_1"][..], &["é", ""][..]),
        (r"^[\w.-]+@[\d/]$", &["a.b-c@1", "x@/"], &["é@1"]),
        (r"^\S\s\S$", &["a\u{feff}b", "a\u{a0}b"], &["a b "]),
        (r"a.c", &["abc", "a\u{85}c"], &["a\nc", "a\u{2028}c"]),
        (r"^[^]$", &["\n"], &[""]),
        (r"[]", &[], &["", "a"]),
        (r"^\u00e9\/\-\x41$", &["é/-A"], &["e/-A"]),
        (r"^\ud83d\ude00$", &["😀"], &[]),
        (r"^[[a&&b]+$", &["[a&b"], &["c"]),
        (r"^\cA\0$", &["\u{1}\0"], &[]),
        (r"^(?=.*\d)(?!.*x)(.)\1\d$", &["aa1"], &["xx1", "ab1", "aab"]),
        (r"a$", &["a"], &["a\n"]),
        (r"^a{2}$|^(b|c)?$", &["aa", "b", ""], &["a"]),
    ] {
        let (schemas, id) = schema(&format!("{{\"pattern\": {}}}", serde_json::json!(pattern)));
        for (texts, wanted) in [(matches, true), (others, false)] {
            for text in texts {
                let body = serde_json::json!(text).to_string();
                assert_eq!(schemas.judge(id, body.as_bytes()) == Verdict::Valid, wanted, "{pattern} {text:?}");
            }
        }
    }
}

#[test]
fn formats_as_the_java_libraries_read_them() {
    for (format, good, bad) in [
        (
            "date-time",
            &["2026-11-21T09:00:00Z", "2024-02-29T23:59:59.123456789012+01:00", "2026-01-01T00:00:00-0530"][..],
            &[
                "2026-11-21",
                "2026-02-29T00:00:00Z",
                "2026-11-21T24:00:00Z",
                "2026-11-21T09:00:00",
                "2026-11-21T09:00:00.Z",
                "2026-11-21T09:00:00+01",
                "26-11-21T09:00:00Z",
            ][..],
        ),
        (
            "email",
            &["a@b", "a.b+c@example.com", "\"a b\"@x.org", "Anna <a@b.c>"],
            &["", "a", "@b", "a@", "a b@c", "a..b@c", "a@b..c", "a@b c", "a@b@c"],
        ),
        ("hostname", &["a", "a.example.com.", "x_y.org"], &["", "-a.b", "a..b", "a.1", "a b"]),
        ("ipv4", &["127.0.0.1"], &["127.0.0", "256.0.0.1", "01.0.0.1", "::1"]),
        ("ipv6", &["::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"], &["1", "1::2::3", "127.0.0.1"]),
        (
            "uri",
            &["http://a/b?c#d", "relative/path", "", "mailto:a@b", "//h/x", "a%20b"],
            &["a b", "http://", "a%2", "http:", "1a:b", "a#b#c", "{x}", "<x>"],
        ),
        ("regex", &["^a+$"], &["(", "[a"]),
        ("uuid", &["123e4567-e89b-12d3-a456-426614174000"], &["123e4567", "123e4567-e89b-12d3-a456-42661417400g"]),
        ("md5", &["d41d8cd98f00b204e9800998ecf8427e"], &["d41d", "x41d8cd98f00b204e9800998ecf8427e"]),
        ("base64", &["", "YQ==", "YWJj"], &["YQ", "Y*==", "===="]),
        ("mac", &["00:1a:2B:3c:4d:5e"], &["00:1a", "00-1a-2b-3c-4d-5e"]),
        ("json-pointer", &["", "/a~0b/~1"], &["a", "/~2", "/~"]),
        ("int32", &["anything"], &[]),
    ] {
        let (schemas, id) = schema(&format!("{{\"format\": \"{format}\"}}"));
        for (texts, wanted) in [(good, true), (bad, false)] {
            for text in texts {
                let body = serde_json::json!(text).to_string();
                let verdict = schemas.judge(id, body.as_bytes());
                assert_eq!(verdict == Verdict::Valid, wanted, "{format} {text:?} {verdict:?}");
            }
        }
        assert_eq!(schemas.judge(id, b"5"), Verdict::Valid, "{format} speaks of strings");
    }
}

#[test]
fn numbers_of_any_size_are_exact() {
    let big = "1".repeat(400);
    assert_eq!(judge(&format!("{{\"minimum\": {big}}}"), &big), Verdict::Valid);
    assert!(said(&format!("{{\"minimum\": {big}1}}"), &big).starts_with("[numeric instance is lower"));
    for (least, value, wanted) in [
        ("0", "-0.0", true),
        ("-1e400", "-1e401", false),
        ("1e-400", "1e-401", false),
        ("9007199254740993", "9007199254740992", false),
        ("0.1", "0.10", true),
        ("1e99999999999999999999", "1e3", false),
    ] {
        assert_eq!(judge(&format!("{{\"minimum\": {least}}}"), value) == Verdict::Valid, wanted, "{least} {value}");
    }
    for (divisor, value, wanted) in [
        ("0.01", "4.35", true),
        ("3", "1e30", false),
        ("3", "3e30", true),
        ("7", "1e1000000", false),
        ("2", "1e1000000", true),
        ("10", "5", false),
        ("1.5", "4.5", true),
        ("0.0001", "0.00751", false),
        ("123456789", "1e308", false),
        ("5", "0", true),
        ("5", "-10", true),
    ] {
        assert_eq!(
            judge(&format!("{{\"multipleOf\": {divisor}}}"), value) == Verdict::Valid,
            wanted,
            "{divisor} {value}"
        );
    }
    for (text, wanted) in [
        ("-0", "0"),
        ("1.50", "1.50"),
        ("1e2", "1E+2"),
        ("12e-1", "1.2"),
        ("1e-7", "1E-7"),
        ("1e-6", "0.000001"),
        ("1.5E3", "1.5E+3"),
        ("0e0", "0"),
        ("-1.25e-9", "-1.25E-9"),
    ] {
        assert_eq!(number::said(text), wanted);
    }
    assert_eq!(judge(r#"{"enum": [1.0, "a"]}"#, "1"), Verdict::Valid);
    assert_eq!(judge(r#"{"enum": [100]}"#, "1e2"), Verdict::Valid);
}

#[test]
fn schemas_that_ask_without_end_are_stopped() {
    // Each level asks twice of the next one.
    let twice = r##"{"definitions": {"a": {"anyOf": [{"items": {"$ref": "#/definitions/a"}, "minItems": 5}, {"items": {"$ref": "#/definitions/a"}, "minItems": 6}]}}, "$ref": "#/definitions/a"}"##;
    let body = "[1,2,3,4,5,".repeat(40) + "[]" + &"]".repeat(40);
    assert_eq!(judge(twice, &body), Verdict::TooMuch);
    let slow = format!("\"{}b\"", "a".repeat(60));
    assert_ne!(judge(r#"{"pattern": "^(a|aa)+$"}"#, &slow), Verdict::Valid);
    let long = format!("\"{}\"", "ab".repeat(30_000));
    assert_eq!(judge(r#"{"pattern": "(.*)c\\1"}"#, &long), Verdict::TooMuch);
    assert_eq!(judge(r#"{"pattern": "^[a-z]+$"}"#, &format!("\"{}\"", "a".repeat(1_000_000))), Verdict::Valid);
    // Levels that all look at the whole.
    let unique = r##"{"uniqueItems": true, "items": {"$ref": "#"}}"##;
    let deep = "[".repeat(500)
        + &vec!["1.0"; 20_000].iter().enumerate().map(|(number, _)| number.to_string()).collect::<Vec<_>>().join(",")
        + &"]".repeat(500);
    assert_eq!(judge(unique, &deep), Verdict::TooMuch);
    let nested = "[".repeat(512) + &"]".repeat(512);
    assert_eq!(judge(r##"{"items": {"$ref": "#"}}"##, &nested), Verdict::Valid);
}

#[test]
fn complaints_end_somewhere() {
    let body = format!("[{}]", vec!["1"; 100_000].join(","));
    let words = said(r#"{"items": {"type": "string"}}"#, &body);
    assert!((16_000..=16_400).contains(&words.len()), "{}", words.len());
    let words = said(r#"{"maxLength": 1}"#, &format!("\"{}\"", "é".repeat(100_000)));
    assert!(words.len() <= 16_400 && words.ends_with("é]"));
}
