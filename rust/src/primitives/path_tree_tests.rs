//! Tests of `path_tree`.

use proptest::prelude::*;

use super::{PathProblem::*, *};

const GET: u8 = 1;
const POST: u8 = 2;
const OPTIONS: u8 = 4;
const ANY: u8 = 7;

fn tree(paths: &[(&str, u8)]) -> PathTree {
    PathTree::build(paths.iter().copied()).expect("a valid tree")
}

fn find<'a>(tree: &'a PathTree, path: &'a str, verb: u8) -> Option<(&'a str, Vec<&'a str>)> {
    let mut values = Vec::new();
    let found = tree.find(path.as_bytes(), verb, |start, end| values.push(&path[start as usize..end as usize]))?;
    Some((std::str::from_utf8(tree.path(found)).expect("paths are text"), values))
}

#[test]
fn s2_2_options_miss_on_a_static_node_falls_to_the_greedy_sibling() {
    let tree = tree(&[("/test", POST), ("/{proxy+}", OPTIONS)]);
    assert_eq!(find(&tree, "/test", OPTIONS), Some(("/{proxy+}", vec!["test"])));
    assert_eq!(find(&tree, "/test", POST), Some(("/test", vec![])));
    assert_eq!(find(&tree, "/test", GET), None);
}

#[test]
fn s2_2_a_deeper_static_node_with_any_wins() {
    let tree = tree(&[("/test", POST), ("/test/any", ANY), ("/{proxy+}", OPTIONS)]);
    assert_eq!(find(&tree, "/test/any", OPTIONS), Some(("/test/any", vec![])));
}

#[test]
fn s2_2_static_children_fall_back_to_a_greedy_ancestor() {
    let tree = tree(&[("/part1", GET), ("/part1/hardcoded-value", GET), ("/{param+}", GET)]);
    assert_eq!(find(&tree, "/part1/random-value", GET), Some(("/{param+}", vec!["part1/random-value"])));
    assert_eq!(find(&tree, "/part1", GET), Some(("/part1", vec![])));
}

#[test]
fn s2_2_greedy_never_matches_its_own_parent() {
    let tree = tree(&[("/{proxy+}", ANY), ("/api/{proxy+}", ANY)]);
    assert_eq!(find(&tree, "/", GET), None);
    assert_eq!(find(&tree, "/api", GET), Some(("/{proxy+}", vec!["api"])));
    assert_eq!(find(&tree, "/api/a//b", GET), Some(("/api/{proxy+}", vec!["a//b"])));
}

#[test]
fn s2_2_static_before_param_before_greedy_across_levels() {
    let tree = tree(&[("/a/{id}", GET), ("/a/{id}/x", GET), ("/a/b/{rest+}", GET), ("/a/b/c", POST), ("/{all+}", GET)]);
    assert_eq!(find(&tree, "/a/b/c", GET), Some(("/a/b/{rest+}", vec!["c"])));
    assert_eq!(find(&tree, "/a/b/x", GET), Some(("/a/b/{rest+}", vec!["x"])));
    assert_eq!(find(&tree, "/a/b", GET), Some(("/a/{id}", vec!["b"])));
    assert_eq!(find(&tree, "/a/q/x", GET), Some(("/a/{id}/x", vec!["q"])));
    assert_eq!(find(&tree, "/a/q/y", GET), Some(("/{all+}", vec!["a/q/y"])));
    assert_eq!(find(&tree, "/a/b/c", POST), Some(("/a/b/c", vec![])));
}

#[test]
fn s2_2_a_param_takes_exactly_one_segment_that_is_not_empty() {
    let tree = tree(&[("/a/{id}/b", GET)]);
    assert_eq!(find(&tree, "/a/1/b", GET), Some(("/a/{id}/b", vec!["1"])));
    assert_eq!(find(&tree, "/a//b", GET), None);
    assert_eq!(find(&tree, "/a/1/2/b", GET), None);
    assert_eq!(find(&tree, "/a/%2F/b", GET), Some(("/a/{id}/b", vec!["%2F"])));
}

#[test]
fn s1_3_matching_is_case_sensitive_and_braces_are_no_names() {
    let tree = tree(&[("/Pets", GET), ("/pets/{id}", GET), ("/", GET)]);
    assert_eq!(find(&tree, "/pets", GET), None);
    assert_eq!(find(&tree, "/", GET), Some(("/", vec![])));
    assert_eq!(find(&tree, "/pets/{id}", GET), Some(("/pets/{id}", vec!["{id}"])));
}

#[test]
fn all_problems_are_reported_by_number() {
    let problems = PathTree::build(
        ["/a", "b", "/a//b", "/a/", "/{}", "/x{y}", "/{p+}/x", "/a", "/{p}", "/{q}/z", "/{p}", "/{p+}", "/ok"]
            .map(|path| (path, GET)),
    )
    .expect_err("refused");
    assert_eq!(
        problems,
        [
            (1, Shape),
            (2, Shape),
            (3, Shape),
            (4, Variable),
            (5, Variable),
            (6, Greedy),
            (7, Duplicate),
            (9, Sibling),
            (10, Duplicate),
            (11, Sibling)
        ]
    );
}

#[test]
fn segments_of_every_length_are_told_apart() {
    for length in [1, 15, 16, 17, 40] {
        let (one, other) = ("a".repeat(length), "a".repeat(length - 1) + "b");
        let tree = tree(&[(&format!("/{one}/{{x}}"), GET), (&format!("/{other}/{{{one}}}"), GET)]);
        assert_eq!(tree.find(format!("/{one}/1").as_bytes(), GET, |_, _| ()), Some(0));
        assert_eq!(tree.find(format!("/{other}/1").as_bytes(), GET, |_, _| ()), Some(1));
        assert_eq!(tree.find(format!("/{}/1", "a".repeat(length - 1) + "c").as_bytes(), GET, |_, _| ()), None);
    }
    assert_eq!(size_of::<super::Node>(), 32);
}

#[test]
fn an_empty_tree_finds_nothing() {
    assert_eq!(PathTree::default().find(b"/a", ANY, |_, _| ()), None);
    assert_eq!(tree(&[]).find(b"/", ANY, |_, _| ()), None);
}

#[test]
fn a_hundred_thousand_paths_of_each_kind_are_all_found() {
    let paths: Vec<String> = (0..100_000)
        .map(|number| match number % 3 {
            0 => format!("/service{number}/items"),
            1 => format!("/service{number}/{{id}}"),
            _ => format!("/v{}/service{number}/{{proxy+}}", number % 7),
        })
        .collect();
    let tree = PathTree::build(paths.iter().map(|path| (path.as_str(), GET))).expect("valid");
    for (number, path) in paths.iter().enumerate() {
        let request = path.replace("{id}", "77").replace("{proxy+}", "a/b/c");
        assert_eq!(tree.find(request.as_bytes(), GET, |_, _| ()), Some(number as u32), "{request}");
        assert_eq!(tree.find(request.as_bytes(), POST, |_, _| ()), None);
        assert_eq!(tree.find(format!("/missing{request}").as_bytes(), GET, |_, _| ()), None);
    }
    assert!(tree.memory() < 100_000 * 110, "{}", tree.memory());
}

/// What the specification says, read literally: literal child, then variable child, back when it fails.
fn naive<'p>(paths: &[(&'p str, u8)], prefix: &str, segments: &[&str], verb: u8) -> Option<(&'p str, Vec<String>)> {
    let Some((first, rest)) = segments.split_first() else {
        let here = if prefix.is_empty() { "/" } else { prefix };
        let (path, verbs) = paths.iter().find(|(path, _)| *path == here)?;
        return (verbs & verb != 0).then(|| (*path, Vec::new()));
    };
    let is_node = |node: &str| paths.iter().any(|(path, _)| *path == node || path.starts_with(&format!("{node}/")));
    let literal = format!("{prefix}/{first}");
    if !first.is_empty()
        && !first.starts_with('{')
        && is_node(&literal)
        && let Some(found) = naive(paths, &literal, rest, verb)
    {
        return Some(found);
    }
    let variable = paths.iter().find_map(|(path, _)| {
        let rest = path.strip_prefix(prefix)?.strip_prefix('/')?;
        let segment = rest.split('/').next()?;
        segment.starts_with('{').then(|| segment.to_owned())
    })?;
    let node = format!("{prefix}/{variable}");
    if variable.ends_with("+}") {
        let (path, verbs) = paths.iter().find(|(path, _)| *path == node)?;
        return (verbs & verb != 0).then(|| (*path, vec![segments.join("/")]));
    }
    if first.is_empty() {
        return None;
    }
    let (path, mut values) = naive(paths, &node, rest, verb)?;
    values.insert(0, (*first).to_owned());
    Some((path, values))
}

fn segments() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "{x}", "{x}", "{x+}"]), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn it_finds_what_the_specification_says(
        trees in prop::collection::vec((segments(), 1u8..8), 0..12),
        requests in prop::collection::vec((prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", ""]), 0..6), 0u8..3), 1..12),
    ) {
        // Only trees that control would accept: problems are taken out until none is left.
        let mut paths: Vec<(String, u8)> = trees.into_iter().map(|(segments, verbs)| (format!("/{}", segments.join("/")), verbs)).collect();
        let tree = loop {
            match PathTree::build(paths.iter().map(|(path, verbs)| (path.as_str(), *verbs))) {
                Ok(tree) => break tree,
                Err(problems) => { paths.remove(problems[0].0); }
            }
        };
        let plain: Vec<(&str, u8)> = paths.iter().map(|(path, verbs)| (path.as_str(), *verbs)).collect();
        for (mut segments, verb) in requests {
            while segments.last() == Some(&"") { segments.pop(); }
            let path = format!("/{}", segments.join("/"));
            let wanted = naive(&plain, "", &segments, 1 << verb);
            let found = find(&tree, &path, 1 << verb).map(|(path, values)| (path, values.into_iter().map(str::to_owned).collect::<Vec<_>>()));
            prop_assert_eq!(found, wanted, "{} in {:?}", path, plain);
        }
    }
}
