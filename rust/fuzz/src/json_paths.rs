//! `JSONPath`: whatever the path and the document, reading ends within its steps; a refusal names a place of the path; what a
//! path of names and places finds is what walking the document finds.

use apigw_engine::primitives::{
    java::{self, Value},
    jsonpath::JsonPath,
};

use super::choices::Choices;

/// What reading may spend.
const STEPS: u64 = 20_000;
const WORDS: &[&str] = &[
    "$",
    "@",
    ".",
    "..",
    "a",
    "b",
    "*",
    "[",
    "]",
    "[*]",
    "[0]",
    "[-1]",
    "[1:]",
    "[:2]",
    "[0,1]",
    "['a']",
    "['a','b']",
    "[?(",
    ")]",
    "(",
    ")",
    "@.a",
    "$.b",
    " ",
    "==",
    " != ",
    "<",
    ">=",
    " =~ ",
    "/a+/i",
    "!",
    "&&",
    " || ",
    " in ",
    " nin ",
    " size ",
    " empty ",
    " contains ",
    " subsetof ",
    " anyof ",
    "[1,'a']",
    "{\"a\":1}",
    "'a'",
    "1",
    "-2.5",
    "true",
    "null",
    ".length()",
    ".sum()",
    ".keys()",
    ".concat($.a, \"x\")",
    ".append(1)",
    ".index(0)",
    "\\",
    "'",
    "é",
];
const DOCUMENTS: &[&str] = &[
    r#"{"a":{"a":[1,2,{"b":"a"}],"b":null},"b":[[1,"2"],{"a":true}]}"#,
    r#"[{"a":1,"b":[1,2,3]},{"a":"x"},[],[{"a":{"b":{}}}],-2.5]"#,
    r#""text""#,
    "",
];

/// See the module.
pub fn jsonpath(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let document = java::read(choices.one(DOCUMENTS)).expect("a document");
    if choices.below(4) == 0 {
        return walked(&mut choices, &document);
    }
    let mut path: String = (0..choices.below(12)).map(|_| choices.one(WORDS)).collect();
    path.push_str(&String::from_utf8_lossy(choices.run(30)));
    match JsonPath::compile(&path) {
        Ok(compiled) => {
            let mut steps = STEPS;
            let found = compiled.read(&document, &mut steps);
            assert!(steps <= STEPS);
            if let Ok(found) = found {
                assert!(compiled.is_definite() || found.as_list().is_some(), "{path:?}");
            }
        }
        Err(refused) => {
            assert!(refused.offset <= path.chars().count() && !refused.message.is_empty(), "{path:?}: {refused}");
        }
    }
}

/// Names and places.
fn walked(choices: &mut Choices<'_>, document: &Value) {
    let (mut path, mut expected) = (String::from("$"), Some(document.clone()));
    for _ in 0..choices.below(5) {
        if choices.below(2) == 0 {
            let name = choices.one(&["a", "b"]);
            path = format!("{path}.{name}");
            expected = expected.and_then(|value| value.as_map()?.get(name));
        } else {
            let place = choices.below(4);
            path = format!("{path}[{place}]");
            expected = expected.and_then(|value| value.as_list()?.get(place));
        }
    }
    let found = JsonPath::compile(&path).expect("a path").read(document, &mut { STEPS });
    assert_eq!(found.ok(), expected, "{path}");
}
