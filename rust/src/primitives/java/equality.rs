//! Java's `equals` and `hashCode`: numbers of different classes differ, lists and maps compare what they hold.

use std::{
    cell::Cell,
    hash::{Hash, Hasher},
};

use super::{List, Map, Number, Value, decimal};

/// Nested deeper than this, two different objects count as different; Java's stack would have overflown.
const DEEPEST: u32 = 500;

/// One comparison or hash looks at so many values at the most: a list may hold another one twice, and that one another one.
/// What is not looked at counts as different; who asked finds that out by [`take_looked`].
const MOST: u64 = 2_000_000;

thread_local! {
    static LOOKED: Cell<u64> = const { Cell::new(0) };
}

/// What comparisons and hashes of this thread have looked at since this was last asked: values, and 64 bytes of text each.
pub fn take_looked() -> u64 {
    LOOKED.take()
}

/// Counts a text that is compared or hashed.
#[inline]
pub(super) fn look_at_text(length: usize) {
    if length >= 64 {
        LOOKED.set(LOOKED.get().saturating_add(length as u64 / 64));
    }
}

/// Runs what looks at values of values, within the bound.
fn bounded<T>(look: impl FnOnce(&mut u64) -> T) -> T {
    let mut left = MOST;
    let result = look(&mut left);
    LOOKED.set(LOOKED.get().saturating_add(MOST - left));
    result
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        if self.is_container() {
            bounded(|left| equal(self, other, DEEPEST, left))
        } else {
            equal(self, other, 0, &mut 1)
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            // As a `&str` hashes, so that maps find a key without making a value of it.
            Self::String(text) => {
                look_at_text(text.len());
                text.as_str().hash(state);
            }
            other => other.hash_code().hash(state),
        }
    }
}

fn equal(left: &Value, right: &Value, depth: u32, looks: &mut u64) -> bool {
    let Some(rest) = looks.checked_sub(1) else { return false };
    *looks = rest;
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Boolean(a), Value::Boolean(b)) => a == b,
        (Value::Character(a), Value::Character(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => {
            look_at_text(a.weight());
            a.is_equal(b)
        }
        (Value::String(a), Value::String(b)) => {
            look_at_text(if a.len() == b.len() { a.len() } else { 0 });
            a == b
        }
        (Value::List(a), Value::List(b)) => a.is_same(b) || (depth > 0 && equal_lists(a, b, depth - 1, looks)),
        (Value::Map(a), Value::Map(b)) => a.is_same(b) || (depth > 0 && equal_maps(a, b, depth - 1, looks)),
        (Value::Entry(a), Value::Entry(b)) => {
            depth > 0 && equal(a.key(), b.key(), depth - 1, looks) && equal(&a.value(), &b.value(), depth - 1, looks)
        }
        (Value::Object(a), Value::Object(b)) => std::rc::Rc::ptr_eq(a, b),
        _ => false,
    }
}

fn equal_lists(left: &List, right: &List, depth: u32, looks: &mut u64) -> bool {
    use super::ListKind::{Array, Collection, Fixed, Json, Set};
    match (left.kind(), right.kind()) {
        (Json | Array, Json | Array) => {
            let (left, right) = (left.items(), right.items());
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(a, b)| equal(a, b, depth, looks))
        }
        (Set, Set) => {
            let (left, right) = (left.items(), right.items());
            left.len() == right.len() && left.iter().all(|a| right.iter().any(|b| equal(a, b, depth, looks)))
        }
        // Arrays and collections are equal to themselves only.
        (Fixed | Collection | Set, _) | (_, Fixed | Collection | Set) => false,
    }
}

fn equal_maps(left: &Map, right: &Map, depth: u32, looks: &mut u64) -> bool {
    left.len() == right.len()
        && left
            .try_each(|key, value| match right.get_value(key) {
                Some(other) if equal(value, &other, depth, looks) => Ok(()),
                _ => Err(()),
            })
            .is_ok()
}

impl Value {
    /// `hashCode()`; of what is nested too deep, 0.
    pub fn hash_code(&self) -> i32 {
        bounded(|left| hash(self, 100, left))
    }
}

/// `String.hashCode()`.
fn hash_of_text(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

fn hash(value: &Value, depth: u32, looks: &mut u64) -> i32 {
    if depth == 0 || *looks == 0 {
        return 0;
    }
    *looks -= 1;
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
        Value::Number(number) => {
            look_at_text(number.weight());
            hash_of_number(number)
        }
        Value::String(text) => {
            look_at_text(text.len());
            hash_of_text(text)
        }
        Value::List(list) => {
            let items = list.items();
            let hashes = items.iter().map(|item| hash(item, depth - 1, looks));
            match list.kind() {
                super::ListKind::Set => hashes.fold(0, i32::wrapping_add),
                _ => hashes.fold(1, |sum: i32, item| sum.wrapping_mul(31).wrapping_add(item)),
            }
        }
        Value::Map(map) => {
            let mut sum = 0_i32;
            let _: Result<(), ()> = map.try_each(|key, value| {
                sum = sum.wrapping_add(hash(key, depth - 1, looks) ^ hash(value, depth - 1, looks));
                Ok(())
            });
            sum
        }
        Value::Entry(entry) => hash(entry.key(), depth - 1, looks) ^ hash(&entry.value(), depth - 1, looks),
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
