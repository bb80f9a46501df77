//! Java's `equals` and `hashCode`: numbers of different classes differ, lists and maps compare what they hold.

use std::hash::{Hash, Hasher};

use super::{List, Map, Number, Value, decimal};

/// Nested deeper than this, two different objects count as different; Java's stack would have overflown.
const DEEPEST: u32 = 500;

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        equal(self, other, DEEPEST)
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            // As a `&str` hashes, so that maps find a key without making a value of it.
            Self::String(text) => text.as_str().hash(state),
            other => other.hash_code().hash(state),
        }
    }
}

fn equal(left: &Value, right: &Value, depth: u32) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Boolean(a), Value::Boolean(b)) => a == b,
        (Value::Character(a), Value::Character(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a.is_equal(b),
        (Value::String(a), Value::String(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.is_same(b) || (depth > 0 && equal_lists(a, b, depth - 1)),
        (Value::Map(a), Value::Map(b)) => a.is_same(b) || (depth > 0 && equal_maps(a, b, depth - 1)),
        (Value::Entry(a), Value::Entry(b)) => {
            depth > 0 && equal(a.key(), b.key(), depth - 1) && equal(&a.value(), &b.value(), depth - 1)
        }
        (Value::Object(a), Value::Object(b)) => std::rc::Rc::ptr_eq(a, b),
        _ => false,
    }
}

fn equal_lists(left: &List, right: &List, depth: u32) -> bool {
    use super::ListKind::{Array, Collection, Fixed, Json, Set};
    match (left.kind(), right.kind()) {
        (Json | Array, Json | Array) => {
            let (left, right) = (left.items(), right.items());
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(a, b)| equal(a, b, depth))
        }
        (Set, Set) => {
            let (left, right) = (left.items(), right.items());
            left.len() == right.len() && left.iter().all(|a| right.iter().any(|b| equal(a, b, depth)))
        }
        // Arrays and collections are equal to themselves only.
        (Fixed | Collection | Set, _) | (_, Fixed | Collection | Set) => false,
    }
}

fn equal_maps(left: &Map, right: &Map, depth: u32) -> bool {
    left.len() == right.len()
        && left
            .try_each(|key, value| match right.get_value(key) {
                Some(other) if equal(value, &other, depth) => Ok(()),
                _ => Err(()),
            })
            .is_ok()
}

impl Value {
    /// `hashCode()`; of what is nested too deep, 0.
    pub fn hash_code(&self) -> i32 {
        hash(self, 100)
    }
}

/// `String.hashCode()`.
fn hash_of_text(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

fn hash(value: &Value, depth: u32) -> i32 {
    if depth == 0 {
        return 0;
    }
    match value {
        Value::Null | Value::Object(_) => 0,
        Value::Boolean(truth) => {
            if *truth {
                1231
            } else {
                1237
            }
        }
        Value::Character(unit) => i32::from(*unit),
        Value::Number(number) => hash_of_number(number),
        Value::String(text) => hash_of_text(text),
        Value::List(list) => {
            let items = list.items();
            let hashes = items.iter().map(|item| hash(item, depth - 1));
            match list.kind() {
                super::ListKind::Set => hashes.fold(0, i32::wrapping_add),
                _ => hashes.fold(1, |sum: i32, item| sum.wrapping_mul(31).wrapping_add(item)),
            }
        }
        Value::Map(map) => {
            let mut sum = 0_i32;
            let _: Result<(), ()> = map.try_each(|key, value| {
                sum = sum.wrapping_add(hash(key, depth - 1) ^ hash(value, depth - 1));
                Ok(())
            });
            sum
        }
        Value::Entry(entry) => hash(entry.key(), depth - 1) ^ hash(&entry.value(), depth - 1),
    }
}

#[allow(clippy::cast_possible_wrap, reason = "Java folds the bits into a signed word")]
fn hash_of_number(number: &Number) -> i32 {
    let fold = |bits: u64| (bits ^ (bits >> 32)) as i32;
    match number {
        Number::Byte(_) | Number::Short(_) | Number::Integer(_) => number.to_i32(),
        Number::Long(number) => fold(number.cast_unsigned()),
        Number::Float(number) => (if number.is_nan() { 0x7fc0_0000 } else { number.to_bits() }) as i32,
        Number::Double(number) => fold(if number.is_nan() { 0x7ff8_0000_0000_0000 } else { number.to_bits() }),
        Number::BigInteger(number) => decimal::big_hash(number),
        Number::BigDecimal(number) => number.hash_code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::java::ListKind;

    #[test]
    fn classes_matter() {
        assert_ne!(Value::from(1), Value::from(1_i64));
        assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
        let (json, array) = (List::new(ListKind::Json, vec![1.into()]), List::new(ListKind::Array, vec![1.into()]));
        assert_eq!(Value::List(json), Value::List(array));
    }

    #[test]
    fn hash_codes_are_javas() {
        assert_eq!(Value::from("hello").hash_code(), 99_162_322);
        assert_eq!(Value::from(1.5).hash_code(), 1_073_217_536);
        assert_eq!(Value::list(vec![1.into(), 2.into()]).hash_code(), 994);
        assert_eq!(Value::Map(Map::of([("a".into(), 1.into())])).hash_code(), 96);
    }
}
