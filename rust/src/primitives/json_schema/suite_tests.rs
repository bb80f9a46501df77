//! The public JSON-Schema-Test-Suite for draft-04, which `make vectors` unpacks; it is not part of the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;

/// What we answer otherwise on purpose, by file and name of the group (`*`: the whole file), and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("refRemote", "*", "AWS follows references to models of the same API only"),
    ("definitions", "*", "they need the meta-schema, which no model refers to"),
    ("ref", "remote ref, containing refs itself", "it needs the meta-schema"),
    ("ref", "Recursive references between schemas", "`id` gives no address: AWS names models by their URL"),
    ("ref", "Location-independent identifier", "`id` gives no address"),
    ("ref", "Location-independent identifier with base URI change in subschema", "`id` gives no address"),
    ("ref", "Reference an anchor with a non-relative URI", "`id` gives no address"),
    ("ref", "$ref prevents a sibling id from changing the base uri", "`id` gives no address"),
    ("ref", "id must be resolved against nearest parent, not just immediate parent", "`id` gives no address"),
    ("optional/bignum", "integer", "what reads the suite rounds them; `numbers_of_any_size_are_exact`"),
    ("optional/ecmascript-regex", "patterns always use unicode semantics with pattern", "`\\p` is refused"),
    ("optional/ecmascript-regex", "patterns always use unicode semantics with patternProperties", "`\\p` is refused"),
    ("optional/ecmascript-regex", "pattern with non-ASCII digits", "`\\p` is refused"),
    ("optional/ecmascript-regex", "patternProperties with non-ASCII digits", "`\\p` is refused"),
    ("optional/id", "*", "`id` gives no address"),
    ("optional/float-overflow", "*", "numbers are exact and never overflow"),
];

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/json-schema/draft4");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("APIGW_REQUIRE_OUTSIDE").is_none(), "no {}: run `make vectors`", folder.display());
    println!("skipped: no {} (make vectors)", folder.display());
    None
}

fn exception(file: &str, group: &str) -> bool {
    EXCEPTIONS.iter().any(|(one, name, _)| *one == file && (*name == "*" || *name == group))
}

#[test]
fn the_public_suite() {
    let Some(folder) = folder() else { return };
    let mut files = Vec::new();
    for below in ["", "optional", "optional/format"] {
        let found = std::fs::read_dir(folder.join(below)).expect("a folder");
        files.extend(found.map(|file| file.expect("a file").path()).filter(|path| path.extension().is_some()));
    }
    files.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in files {
        let name = path.strip_prefix(&folder).expect("below").with_extension("").display().to_string();
        // How strict formats are is Java's matter: `formats_as_the_java_libraries_read_them`.
        if name.starts_with("optional/format/") || name == "format" {
            continue;
        }
        let groups: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).expect("text")).expect("JSON");
        for group in groups {
            let description = group["description"].as_str().expect("a name");
            if exception(&name, description) {
                continue;
            }
            let text = group["schema"].to_string();
            let compiled = compile(&[Source { url: "", text: &text }]);
            for test in group["tests"].as_array().expect("tests") {
                count += 1;
                let body = test["data"].to_string();
                let verdict = compiled.as_ref().map(|(schemas, roots)| schemas.judge(roots[0], body.as_bytes()));
                let is_right = match &verdict {
                    Ok(Verdict::Valid) => test["valid"] == true,
                    Ok(Verdict::Invalid(words)) => test["valid"] == false && words.len() > 2,
                    _ => false,
                };
                if !is_right {
                    wrong.push(format!("{name}: {description}: {}: {verdict:?}", test["description"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 500, "only {count} tests");
}
