//! What Java 17 answered (`tests/golden/java_regex`, written by `tools/java_regex`), and what it cannot be asked: budgets,
//! refusals with their positions, replacements that fail, texts beyond UTF-16's plane.

use serde_json::Value;

use super::{Flags, Match, OutOfSteps, Regex, ReplaceError};

const ENOUGH: u64 = 5_000_000;
/// What we refuse though Java takes it.
const NOT_EXACT: &[&str] = &["a look-behind without an obvious maximum length"];

fn regex(pattern: &str) -> Regex {
    Regex::compile(pattern).unwrap_or_else(|refused| panic!("{pattern}: {refused}"))
}

/// The places of all matches and their groups, in characters.
fn matches(regex: &Regex, input: &str) -> Vec<Vec<i64>> {
    let place = |at: usize| i64::try_from(input[..at].chars().count()).expect("short");
    let mut found = Vec::new();
    let mut matches = regex.find_iter(input);
    let mut steps = ENOUGH;
    while matches.next_match(&mut steps).expect("enough steps").is_some() {
        let groups = (0..=regex.group_count()).map(|group| matches.group_at(group));
        found.push(groups.flat_map(|at| at.map_or([-1, -1], |at| [place(at.start), place(at.end)])).collect());
    }
    found
}

/// Compares one line of answers; false when we refuse the pattern for a reason of ours.
fn compare(line: &str) -> bool {
    let answer: Vec<Value> = serde_json::from_str(line).expect("a line of JSON");
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let pattern = text(&answer[0]);
    let compiled = Regex::compile(&pattern);
    if answer.len() == 2 {
        assert!(compiled.is_err(), "Java refuses {pattern:?}");
        return true;
    }
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(refused) => {
            assert!(NOT_EXACT.contains(&refused.message.as_str()), "{pattern:?}: {refused}");
            return false;
        }
    };
    let input = text(&answer[1]);
    let whole = compiled.matches(&input, &mut { ENOUGH }).expect("enough steps");
    assert_eq!((whole, matches(&compiled, &input)), (answer[2] == 1, places(&answer[3])), "{pattern:?} in {input:?}");
    if answer.len() > 4 {
        let replacement = if compiled.group_count() > 0 { "<$0:$1>" } else { "<$0>" };
        let replaced = compiled.replace_all(&input, replacement, &mut { ENOUGH }).expect("a replacement");
        assert_eq!(replaced, text(&answer[4]), "{pattern:?} replaced in {input:?}");
        for (limit, wanted) in [0, -1, 2].into_iter().zip(&answer[5..]) {
            let split = compiled.split(&input, limit, &mut { ENOUGH }).expect("enough steps");
            assert_eq!(serde_json::json!(split), *wanted, "{pattern:?} splits {input:?} with {limit}");
        }
    }
    true
}

fn places(value: &Value) -> Vec<Vec<i64>> {
    serde_json::from_value(value.clone()).expect("lists of numbers")
}

/// Compares a file of answers: how many lines, and how many of them we refuse to match.
fn answers(file: &str) -> (usize, usize) {
    let text = std::fs::read_to_string(file).expect("answers of Java");
    let compared = text.lines().filter(|line| compare(line)).count();
    (text.lines().count(), text.lines().count() - compared)
}

#[test]
fn java_answers_the_same_to_written_cases() {
    let (all, refused) = answers(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/java_regex/cases.jsonl"));
    assert!(all > 200 && refused == 1, "{refused} of {all} refused");
}

#[test]
fn java_answers_the_same_to_random_patterns() {
    let (all, refused) = answers(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/java_regex/random.jsonl"));
    assert!(all > 3000 && refused * 25 < all, "{refused} of {all} refused");
}

/// For longer runs: `java tools/java_regex/Answers.java random SEED COUNT > FILE`.
#[test]
#[ignore = "it needs a file of answers: JAVA_REGEX_ANSWERS"]
fn java_answers_the_same_to_a_file() {
    let file = std::env::var("JAVA_REGEX_ANSWERS").expect("JAVA_REGEX_ANSWERS");
    let text = std::fs::read_to_string(file).expect("answers of Java");
    // Each that differs is printed by its panic.
    let differ = text.lines().filter(|line| std::panic::catch_unwind(|| compare(line)).is_err()).count();
    let all = text.lines().count();
    println!("{differ} of {all} answers differ");
    assert!(differ * 5000 < all);
}

#[test]
fn refusals_say_where() {
    for (pattern, offset) in [
        ("(", 1),
        ("a(b", 3),
        ("a)", 1),
        ("ab[c", 2),
        ("a**", 2),
        ("x{2,1}", 5),
        ("x{", 1),
        (r"é\y", 2),
        (r"ab\p{Nothing}", 4),
        (r"\b{g}", 0),
        (r"\X", 1),
        (r"\N{DIGIT ONE}", 1),
        ("[a&&]", 4),
        ("[a&&[b]&c]", 7),
        ("(?<=a+b)c", 7),
        (r"\Qab\E(", 7),
        ("(?<n>a)(?<n>b)", 7),
        (r"\k<n>", 0),
        ("[z-a]", 4),
    ] {
        let refused = Regex::compile(pattern).expect_err(pattern);
        assert_eq!(refused.offset, offset, "{pattern}: {refused}");
    }
    let nested = "(".repeat(300) + &")".repeat(300);
    assert!(Regex::compile(&nested).is_err_and(|refused| refused.message.contains("nested")));
    assert!(Regex::compile(&"[".repeat(300)).is_err());
    assert!(Regex::compile(&"a".repeat(40_000)).is_err());
}

#[test]
fn what_would_take_forever_ends() {
    let text = "a".repeat(40);
    for pattern in [r"(a*)*\1b", r"(?=(a+))(a|aa)+\1c", r"(?:(?=a)(a|a|a)){10,50}b"] {
        let mut steps = 100_000;
        assert_eq!(regex(pattern).matches(&text, &mut steps), Err(OutOfSteps), "{pattern}");
        assert_eq!(steps, 0);
    }
    // A stack that grows too high ends it too, whatever steps are left.
    let long = "ab".repeat(400_000);
    assert_eq!(regex("(?:(a)|(b))*c").matches(&long, &mut { u64::MAX }), Err(OutOfSteps));
}

#[test]
fn what_is_remembered_keeps_hostile_patterns_short() {
    let text = "a".repeat(500);
    for pattern in
        ["(a+)+b", "(a|a)*b", "(?:a|aa)+?b", "(a?){1}(a*)*b", "(?:(?:a|b|)*){2,}c", "(x+x+)+y", "(?:a|a|a)*+b"]
    {
        let mut steps = 10_000_000;
        let found = regex(pattern).matches(&text, &mut steps);
        assert_eq!(found, Ok(false), "{pattern}");
    }
}

#[test]
fn steps_are_spent_in_proportion() {
    let spent = |pattern: &str, text: &str| {
        let mut steps = ENOUGH;
        let mut matches = Regex::compile(pattern).map(Box::new).expect("valid");
        let matches = std::mem::replace(&mut matches, Box::new(regex("")));
        let mut found = matches.find_iter(text);
        while found.next_match(&mut steps).expect("enough").is_some() {}
        ENOUGH - steps
    };
    let (short, long) = ("key=value; ".repeat(10), "key=value; ".repeat(1000));
    for pattern in [r"(\w+)=(\w+)", "value", "[;=]", ".*=", "(?i)KEY"] {
        let (one, hundred) = (spent(pattern, &short), spent(pattern, &long));
        assert!(hundred < one * 110, "{pattern}: {one} and {hundred}");
    }
}

#[test]
fn replacements_are_javas() {
    let words = regex(r"(?<first>\w+) (\w+)");
    let replace = |replacement: &str| words.replace_all("ab cd, ef gh", replacement, &mut { ENOUGH });
    for (replacement, wanted) in [
        ("$2 $1", "cd ab, gh ef"),
        ("${first}!", "ab!, ef!"),
        (r"\$1", "$1, $1"),
        (r"\\", r"\, \"),
        (r"\é", "é, é"),
        ("$10", "ab0, ef0"),
        ("$0", "ab cd, ef gh"),
        ("", ", "),
    ] {
        assert_eq!(replace(replacement).expect("valid"), wanted, "{replacement}");
    }
    for replacement in ["$", "$x", r"a\", "$3", "${", "${}", "${first", "${nobody}", "${1}"] {
        assert!(matches!(replace(replacement), Err(ReplaceError::Illegal { .. })), "{replacement}");
        // Nothing is looked at where nothing matches.
        assert_eq!(words.replace_all("-", replacement, &mut { ENOUGH }).expect("no match"), "-");
    }
    let first = regex("a").replace_first("banana", "o", &mut { ENOUGH });
    assert_eq!(first.expect("valid"), "bonana");
    assert!(matches!(regex("(a)|b").replace_all("ba", "<$1>", &mut { ENOUGH }), Ok(out) if out == "<><a>"));
    let out = regex("").replace_all("aaaa", &"x".repeat(1000), &mut 200);
    assert_eq!(out, Err(ReplaceError::OutOfSteps(OutOfSteps)), "what is written counts");
}

#[test]
fn split_has_limits() {
    let comma = regex(",");
    let split = |text: &'static str, limit| comma.split(text, limit, &mut { ENOUGH }).expect("enough steps");
    assert_eq!(split("a,b,,", 0), ["a", "b"]);
    assert_eq!(split("a,b,,", -1), ["a", "b", "", ""]);
    assert_eq!(split("a,b,,", 1), ["a,b,,"]);
    assert_eq!(split("a,b,,", 3), ["a", "b", ","]);
    assert_eq!(split("", 0), [""]);
    assert!(split(",", 0).is_empty());
    assert_eq!(regex("").split("abc", 0, &mut { ENOUGH }).expect("enough"), ["a", "b", "c"]);
    assert_eq!(regex("").split("abc", 2, &mut { ENOUGH }).expect("enough"), ["a", "bc"]);
}

/// Java counts UTF-16 units, so an empty match also stands between the halves of a surrogate pair, and a look-behind may count
/// them; UTF-8 has no such place.
#[test]
fn a_character_beyond_the_first_plane_is_one() {
    assert_eq!(regex("").split("a😀", 0, &mut { ENOUGH }).expect("enough"), ["a", "😀"]);
    assert_eq!(matches(&regex("."), "😀"), [[0, 1]]);
    assert_eq!(matches(&regex("(?<=b.)a"), "b😀a"), [[2, 3]]);
    // Halves match nothing: there are none.
    assert_eq!(matches(&regex(r"[\uD800-\uDFFF]|\uD83D"), "😀"), [[0i64; 2]; 0]);
}

#[test]
fn flags_may_be_given_beside_the_pattern() {
    let flags = Flags { any_case: true, ..Flags::default() };
    let name = Regex::with_flags("^abc$", flags).expect("valid");
    assert_eq!(name.matches("ABC", &mut { ENOUGH }), Ok(true));
    let mut found = name.find_iter("aBc");
    assert_eq!(found.next_match(&mut { ENOUGH }), Ok(Some(Match { start: 0, end: 3 })));
    assert_eq!((found.group(0), found.group(1)), (Some("aBc"), None));
}
