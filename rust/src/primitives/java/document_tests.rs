//! What was read is read again the same way, whatever is changed meanwhile.

use super::{List, Map, Unread, Value, json_write, read, read_within};

fn map(text: &str) -> Map {
    read(text).ok().and_then(|value| value.as_map().cloned()).expect("an object")
}

fn list_of(map: &Map, name: &str) -> List {
    map.get(name).and_then(|value| value.as_list().cloned()).expect("a list")
}

fn json(value: &Value) -> String {
    let mut out = String::new();
    json_write::write(value, json_write::Style::Json, &mut out, 1 << 20).expect("JSON");
    out
}

#[test]
fn a_change_is_seen_through_every_handle() {
    let root = map(r#"{"a": {"b": [1, {"c": "x"}]}, "z": 1}"#);
    let list = root.get("a").and_then(|a| a.as_map().cloned()).map(|a| list_of(&a, "b")).expect("a list");
    let inner = list.get(1).and_then(|item| item.as_map().cloned()).expect("an object");
    assert!(list.weight_of_change() > 0);
    inner.put("c".into(), "y".into());
    list.push(3.into());
    assert_eq!(list.weight_of_change(), 0, "all of it became objects");
    assert_eq!(json(&Value::Map(root.clone())), r#"{"a":{"b":[1,{"c":"y"},3]},"z":1}"#);
    assert_eq!((list.len(), list.changes(), inner.changes()), (3, 1, 0));
    assert_eq!(root.remove(&"z".into()), Some(1.into()));
    assert_eq!(root.keys(), ["a".into()]);
    root.clear();
    assert!(root.is_empty() && list.len() == 3);
}

#[test]
fn handles_of_one_place_are_the_same() {
    let root = map(r#"{"a": [[], []]}"#);
    let (one, other) = (list_of(&root, "a"), list_of(&root, "a"));
    let first = |list: &List| list.get(0).and_then(|item| item.as_list().cloned()).expect("a list");
    let second = one.get(1).and_then(|item| item.as_list().cloned()).expect("a list");
    assert!(one.is_same(&other) && one.address() == other.address());
    assert!(!first(&one).is_same(&second) && first(&one).address() != second.address());
    one.push(1.into());
    assert!(one.is_same(&other) && one.is_same(&list_of(&root, "a")) && one.address() == other.address());
    assert!(!first(&one).is_same(&second));
}

#[test]
fn read_and_made_are_equal() {
    let text =
        r#"{"a":[1,2.5,"x",null,true,12345678901234567890],"long":"longer than what lies in a text itself","e":"\n"}"#;
    let (read_only, changed) = (map(text), map(text));
    changed.put("new".into(), 1.into());
    changed.remove(&"new".into());
    assert_eq!(Value::Map(read_only.clone()), Value::Map(changed.clone()));
    assert_eq!(Value::Map(read_only.clone()).hash_code(), Value::Map(changed.clone()).hash_code());
    assert_eq!(Value::Map(read_only.clone()).to_text(), Value::Map(changed.clone()).to_text());
    assert_eq!(json(&Value::Map(read_only)), text);
    assert_eq!(json(&Value::Map(changed)), text);
}

#[test]
fn large_objects_are_found_by_name_and_keep_their_order() {
    let entries: Vec<_> = (0..40).map(|number| format!("\"k{number}\":{number}")).collect();
    for size in [12, 13, 40] {
        // The second entry comes again at the end, as in Java: it keeps its place and has the last value.
        let text = format!("{{{},\"k1\":[\"again\"]}}", entries[..size].join(","));
        let root = map(&text);
        assert_eq!(root.len(), size);
        assert_eq!(root.entry_at(1).map(|(key, value)| (key, json(&value))), Some(("k1".into(), "[\"again\"]".into())));
        assert_eq!(root.get(&format!("k{}", size - 1)), Some(i32::try_from(size - 1).unwrap_or(0).into()));
        assert_eq!(root.get("k40"), None);
        assert_eq!(root.get_value(&1.into()), None);
        root.put("k40".into(), 40.into());
        assert_eq!((root.len(), root.get("k1").map(|value| json(&value))), (size + 1, Some("[\"again\"]".into())));
    }
}

#[test]
fn plain_texts_are_written_from_the_document() {
    let root = map(r#"{"a": {"text": "x\ty", "n": -7, "yes": true, "none": null, "half": 0.5, "list": []}}"#);
    let write = |names: &[&str]| {
        let mut out = String::new();
        root.write_plain(names.iter().copied(), &mut out).then_some(out)
    };
    for (name, expected) in [
        ("text", Some("x\ty")),
        ("n", Some("-7")),
        ("yes", Some("true")),
        ("none", Some("")),
        ("missing", Some("")),
        ("half", None),
        ("list", None),
    ] {
        assert_eq!(write(&["a", name]).as_deref(), expected, "{name}");
    }
    assert_eq!(write(&["a"]), None);
    assert_eq!(write(&["a", "none", "deeper"]).as_deref(), Some(""));
    assert_eq!(write(&["a", "text", "empty"]), None, "a text has properties of its own");
    root.put("b".into(), 1.into());
    assert_eq!(write(&["a", "n"]), None, "it may have been changed");
}

#[test]
fn what_is_read_is_weighed() {
    let hostile = "[".to_owned() + &"[]".repeat(100_000) + "]";
    let taken = read_within(&hostile, usize::MAX).map(|(_, taken)| taken).unwrap_or_default();
    assert!((1_700_000..2_500_000).contains(&taken), "{taken}");
    assert!(read_within(&hostile, taken).is_ok());
    assert_eq!(read_within(&hostile, taken / 2).err(), Some(Unread::TooLarge));
    assert_eq!(read_within("[1", 100).err().map(|unread| unread == Unread::TooLarge), Some(false));
    let names: Vec<_> = (0..1000).map(|number| format!("k{number}:0")).collect();
    let taken = |text: String| read_within(&text, usize::MAX).map(|(_, taken)| taken).unwrap_or_default();
    assert!(taken(format!("{{{}}}", names.join(","))) > 1000 * 96, "names in tables count");
}
