//! Equality of JSON values as JSON Schema has it: numbers by value, members in any order.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::{BuildHasher, Hash, Hasher},
};

use super::{
    document::{Kind, Value},
    number::Decimal,
};

/// Whether two values are the same.
pub(super) fn equal(one: Value, other: Value) -> bool {
    match (one.kind(), other.kind()) {
        (Kind::Integer | Kind::Decimal, Kind::Integer | Kind::Decimal) => {
            one.text() == other.text() || Decimal::parse(one.text()) == Decimal::parse(other.text())
        }
        (Kind::Text | Kind::Unescaped, Kind::Text | Kind::Unescaped) => one.text() == other.text(),
        (Kind::Array, Kind::Array) => {
            one.len() == other.len() && one.items().zip(other.items()).all(|(one, other)| equal(one, other))
        }
        (Kind::Object, Kind::Object) => {
            if one.len() != other.len() {
                return false;
            }
            let members: HashMap<&str, Value> = other.members().collect();
            one.members().all(|(name, value)| members.get(name).is_some_and(|other| equal(value, *other)))
        }
        (one, other) => one == other,
    }
}

/// Whether no item of an array is there twice.
pub(super) fn all_differ(array: Value) -> bool {
    // Keyed by chance: nobody can choose values that collide.
    let state = RandomState::new();
    let mut seen: HashMap<u64, Vec<Value>> = HashMap::with_capacity(array.len());
    array.items().all(|item| {
        let known = seen.entry(hash(item, &state)).or_default();
        let is_new = known.iter().all(|one| !equal(*one, item));
        known.push(item);
        is_new
    })
}

/// The same for equal values.
fn hash(value: Value, state: &RandomState) -> u64 {
    let mut hasher = state.build_hasher();
    match value.kind() {
        Kind::Integer | Kind::Decimal => (1, Decimal::parse(value.text()).parts()).hash(&mut hasher),
        Kind::Text | Kind::Unescaped => (2, value.text()).hash(&mut hasher),
        Kind::Array => {
            3.hash(&mut hasher);
            value.items().for_each(|item| hash(item, state).hash(&mut hasher));
        }
        Kind::Object => {
            let sum = value
                .members()
                .fold(0u64, |sum, (name, value)| sum.wrapping_add(state.hash_one((name, hash(value, state)))));
            (4, sum).hash(&mut hasher);
        }
        Kind::Null => 5.hash(&mut hasher),
        Kind::False => 6.hash(&mut hasher),
        Kind::True | Kind::Dead => 7.hash(&mut hasher),
    }
    hasher.finish()
}
