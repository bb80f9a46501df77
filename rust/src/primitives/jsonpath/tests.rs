//! What json-path 2.9 answered (`tests/golden/jsonpath`, written by `tools/jsonpath`), and what it cannot be asked: refusals with
//! their positions, budgets, documents that are deeper than any stack.

use super::{JsonPath, ReadError};
use crate::primitives::java::{
    self, Value,
    json_write::{self, Style},
};

const ENOUGH: u64 = 1_000_000;

fn read(document: &Value, path: &str) -> Result<Value, ReadError> {
    JsonPath::compile(path).unwrap_or_else(|refused| panic!("{path}: {refused}")).read(document, &mut { ENOUGH })
}

fn json(value: &Value) -> serde_json::Value {
    let mut out = String::new();
    json_write::write(value, Style::Json, &mut out, 1 << 20).expect("small");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error} in {out}"))
}

/// What we answer, in the words of the files.
fn answer(document: &str, path: &str) -> serde_json::Value {
    let Ok(path) = JsonPath::compile(path) else { return "!path".into() };
    let document = java::read(document).expect("a document");
    match path.read(&document, &mut { ENOUGH }) {
        Ok(value) => json(&value),
        Err(ReadError::NotFound) => "!missing".into(),
        Err(_) => "!other".into(),
    }
}

/// How many lines of a file were compared, and how many of them differ.
fn answers(file: &str) -> (usize, usize) {
    let mut documents = Vec::new();
    let (mut compared, mut differ) = (0, 0);
    for line in std::fs::read_to_string(file).expect("answers of json-path").lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        if let Some(document) = line.as_str() {
            documents.push(document.to_owned());
            continue;
        }
        let (number, path) = (line[0].as_u64().expect("a number"), line[1].as_str().expect("a path"));
        let document = &documents[usize::try_from(number).expect("a small one")];
        let ours = answer(document, path);
        if ours != line[2] {
            println!("{path} of {document}: {ours}, and json-path {}", line[2]);
            differ += 1;
        }
        compared += 1;
    }
    (compared, differ)
}

#[test]
fn json_path_answers_the_same_to_written_paths() {
    let (compared, differ) = answers(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/jsonpath/cases.jsonl"));
    assert!(compared > 700 && differ == 0, "{differ} of {compared} differ");
}

#[test]
fn json_path_answers_the_same_to_random_paths() {
    let (compared, differ) = answers(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/jsonpath/random.jsonl"));
    assert!(compared > 3000 && differ == 0, "{differ} of {compared} differ");
}

/// For longer runs, see `tools/answers.py`. A few differ: json-path changes a path with a function while it reads by it.
#[test]
#[ignore = "it needs a file of answers: JSONPATH_ANSWERS"]
fn json_path_answers_the_same_to_a_file() {
    let (compared, differ) = answers(&std::env::var("JSONPATH_ANSWERS").expect("JSONPATH_ANSWERS"));
    println!("{differ} of {compared} answers differ");
    assert!(differ * 1000 < compared);
}

#[test]
fn refusals_say_where() {
    for (path, offset) in [
        ("$a", 1),
        ("$.", 1),
        ("$..", 2),
        ("$...a", 3),
        ("$.a b", 3),
        ("a b", 1),
        ("$[", 1),
        ("$.a[x]", 3),
        ("$['a", 2),
        ("$['a'x]", 5),
        ("$[1", 2),
        ("$[1.5]", 2),
        ("$[:]", 2),
        ("$.*a", 3),
        ("$.a[?(@.b ~ 1)]", 10),
        ("$.a[?(@.b =~ /(/)]", 15),
        ("$.a.unknown()", 4),
        ("$.a.length(", 10),
        ("$.concat(x)", 9),
        ("$[?(@.a[?(@.b.]", 3),
    ] {
        let refused = JsonPath::compile(path).expect_err(path);
        assert_eq!(refused.offset, offset, "{path}: {refused}");
    }
    let nested = format!("$.a{}{}", "[?(@.a".repeat(40), ")]".repeat(40));
    assert!(JsonPath::compile(&nested).is_err_and(|refused| refused.message.contains("nested")));
    let negated = format!("$[?({}@.a{})]", "!(".repeat(100), ")".repeat(100));
    assert!(JsonPath::compile(&negated).is_err_and(|refused| refused.message.contains("nested")));
    assert!(JsonPath::compile(&"[0]".repeat(300)).is_err());
    assert!(JsonPath::compile(&"a".repeat(20_000)).is_err());
}

#[test]
fn a_path_without_its_dollar_is_the_same() {
    let document = java::read(r#"{"a": {"b": [1, 2]}}"#).expect("a document");
    for path in ["$.a.b[1]", "a.b[1]", "$['a'].b[-1]", "a['b'][1]"] {
        assert_eq!(read(&document, path), Ok(Value::from(2)), "{path}");
    }
    assert!(JsonPath::compile("a.b[1]").expect("valid").is_definite());
    assert!(!JsonPath::compile("a..b").expect("valid").is_definite());
}

#[test]
fn a_path_may_be_shared_by_threads() {
    fn check<T: Send + Sync>() {}
    check::<JsonPath>();
}

#[test]
fn what_is_found_is_shared_with_the_document() {
    let document = java::read(r#"{"a": {"b": [1, 2]}}"#).expect("a document");
    let found = read(&document, "$.a.b").expect("a list");
    found.as_list().expect("a list").push(Value::from(3));
    assert_eq!(read(&document, "$.a.b[2]"), Ok(Value::from(3)));
}

/// Java's list would then have no text; ours would never be freed.
#[test]
fn a_list_that_would_hold_itself_is_refused() {
    for path in ["$.a.append($)", "$.a.append($.a)", "$.a.append(1, $.a)"] {
        let document = java::read(r#"{"a": [[2]], "b": [3]}"#).expect("a document");
        let read = JsonPath::compile(path).expect("a path").read(&document, &mut 1_000_000);
        assert!(matches!(read, Err(ReadError::Failed(_))), "{path}: {read:?}");
    }
    let document = java::read(r#"{"a": [[2]], "b": [3]}"#).expect("a document");
    let read = JsonPath::compile("$.a.append($.b)").expect("a path").read(&document, &mut 1_000_000);
    assert_eq!(read.map(|value| value.to_text().unwrap_or_default()), Ok("[[2],[3]]".to_owned()));
}

#[test]
fn what_a_list_is_given_does_not_keep_its_document() {
    struct Probe;
    impl java::Object for Probe {
        fn text(&self) -> java::Text {
            java::Text::default()
        }
        fn as_any(&self) -> &dyn std::any::Any {
            self
        }
    }
    for path in ["$.a.append($.b)", "$.a.append($.c)", "$.a.append($..d)", "$.b.append($.c, $.a)"] {
        let document = java::read(r#"{"a": [], "b": [3], "c": {"d": [1]}}"#).expect("a document");
        let probe: std::rc::Rc<dyn java::Object> = std::rc::Rc::new(Probe);
        let kept = std::rc::Rc::downgrade(&probe);
        // Before anything else is changed: what was read becomes objects then.
        read(&document, path).expect(path);
        let list = read(&document, "$.a").expect("a list");
        list.as_list().expect("a list").push(Value::Object(probe));
        drop((list, document));
        assert!(kept.upgrade().is_none(), "{path}");
    }
}

#[test]
fn what_a_filter_looks_at_is_counted() {
    let long = "x".repeat(100_000);
    let items = vec!["1"; 2_000].join(",");
    let body = format!(
        r#"{{"s": "{long}", "t": "{long}", "l": [{items}], "m": [[{items}]], "n": [[{items}]], "i": [{items}]}}"#
    );
    let document = java::read(&body).expect("a document");
    for path in [
        "$.i[?($.s == $.t)]",
        "$.i[?($.s contains 'yy')]",
        "$.i[?($.s size 3)]",
        "$.i[?($.l subsetof [])]",
        "$.i[?(2 in $.l)]",
        "$.i[?($.m == $.n)]",
        "$.i[?(@ > $.l.sum())]",
        "$.i[?($.s > $.t)]",
    ] {
        let found = JsonPath::compile(path).expect(path).read(&document, &mut 500_000);
        assert_eq!(found, Err(ReadError::OutOfSteps), "{path}");
    }
}

#[test]
fn what_costs_too_much_ends() {
    let wide = format!("[{}]", vec![r#"{"a": [1, 2, 3]}"#; 500].join(","));
    let document = java::read(&wide).expect("a document");
    for path in ["$..*..*..*", "$[?($..a == 1)]", "$..[?(@..[?(@..a)])]", "$[*]..[?('a' in $..a[*])]"] {
        let mut steps = 20_000;
        let path = JsonPath::compile(path).expect("valid");
        assert_eq!(path.read(&document, &mut steps), Err(ReadError::OutOfSteps), "{path:?}");
        assert_eq!(steps, 0);
    }
    let hostile = java::read(&format!("[\"{}\"]", "a".repeat(40))).expect("a document");
    let path = JsonPath::compile(r"$[?(@ =~ /(a*)*\1b/)]").expect("valid");
    assert_eq!(path.read(&hostile, &mut 50_000), Err(ReadError::OutOfSteps));
}

#[test]
fn documents_may_be_deeper_than_the_stack() {
    let mut value = Value::from(1);
    for _ in 0..200_000 {
        value = Value::list(vec![value]);
    }
    let found = JsonPath::compile("$..[5]").expect("valid").read(&value, &mut { 10 * ENOUGH });
    assert_eq!(found, Ok(Value::list(Vec::new())));
}
