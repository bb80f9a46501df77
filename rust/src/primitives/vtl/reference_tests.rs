//! What Apache Velocity 1.7 itself made of thousands of templates (`make velocity` writes the files anew).

use super::{
    RenderError,
    testing::{Outcome, World},
};

/// Compares every case of a file; the explained ones have what we give beside what Velocity gives.
fn compare(path: &std::path::Path) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut bodies: Vec<String> = Vec::new();
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(list) = case["bodies"].as_array() {
            bodies = list.iter().map(|body| body.as_str().unwrap().to_owned()).collect();
            continue;
        }
        count += 1;
        let body = &bodies[case["b"].as_u64().unwrap() as usize];
        let template = case["t"].as_str().unwrap();
        let ours = match World::new(body).outcome(template) {
            Outcome::Text(text) => text,
            // Java builds a list that holds itself, and fails only when it is shown.
            Outcome::Failed(RenderError::Cycle) => continue,
            // What Velocity only finds when rendering may be refused before, and the other way round.
            Outcome::Refused | Outcome::Failed(_) => "!".to_owned(),
        };
        let expected = case.get("ours").unwrap_or(&case["r"]).as_str().unwrap();
        if ours != expected {
            wrong.push(format!("{template:?}\n  expected {expected:?}\n  ours     {ours:?}"));
        }
    }
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {count} differ in {}:\n{shown}", wrong.len(), path.display());
    count
}

#[test]
fn templates_render_as_velocity_renders_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/velocity");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            count += compare(&path);
        }
    }
    assert!(count > 2_000, "only {count} cases");
}
