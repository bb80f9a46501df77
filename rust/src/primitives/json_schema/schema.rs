//! Compiled schemas: what each keyword came to, by the kind of value it speaks of.

use rustc_hash::FxHashMap;

use super::{
    document::{Document, Kind},
    format::Format,
    number::Decimal,
    pattern::Pattern,
};

/// A schema of a set, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SchemaId(pub(super) u32);

/// Schemas that refer to each other, compiled.
#[derive(Debug, Default)]
pub struct Schemas {
    pub(super) nodes: Vec<Schema>,
}

impl Schemas {
    pub(super) fn get(&self, id: SchemaId) -> &Schema {
        &self.nodes[id.0 as usize]
    }
}

/// Kinds of values, one bit each, in the order in which they are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(pub(super) u8);

impl Types {
    pub(super) const ALL: Self = Self(127);
    const NAMES: [&'static str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

    /// The type of this name; every integer is a number.
    pub(super) fn named(name: &str) -> Option<Self> {
        let at = Self::NAMES.iter().position(|one| *one == name)?;
        Some(Self(1 << at | if name == "number" { 4 } else { 0 }))
    }

    #[inline]
    pub(super) fn of(kind: Kind) -> Self {
        Self(match kind {
            Kind::Array => 1,
            Kind::False | Kind::True => 2,
            Kind::Integer => 4,
            Kind::Null => 8,
            Kind::Decimal => 16,
            Kind::Object => 32,
            Kind::Text | Kind::Unescaped | Kind::Dead => 64,
        })
    }

    #[inline]
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().enumerate().filter(move |(at, _)| self.0 & 1 << at != 0).map(|(_, name)| name)
    }
}

/// One schema.
#[derive(Debug)]
pub(super) struct Schema {
    /// `$ref`: all other keywords are ignored beside it.
    pub(super) reference: Option<SchemaId>,
    pub(super) types: Types,
    pub(super) enumeration: Option<Box<Enumeration>>,
    pub(super) combined: Option<Box<Combined>>,
    pub(super) number: Option<Box<NumberRules>>,
    pub(super) text: Option<Box<TextRules>>,
    pub(super) array: Option<Box<ArrayRules>>,
    pub(super) object: Option<Box<ObjectRules>>,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            reference: None,
            types: Types::ALL,
            enumeration: None,
            combined: None,
            number: None,
            text: None,
            array: None,
            object: None,
        }
    }
}

/// `enum`.
#[derive(Debug)]
pub(super) struct Enumeration {
    /// The array as it is said.
    pub(super) said: Box<str>,
    /// The strings in it, sorted: what most values are compared with.
    pub(super) strings: Box<[Box<str>]>,
    /// The whole array, if anything else is in it.
    pub(super) others: Option<Document<'static>>,
}

/// Schemas for the same value.
#[derive(Debug, Default)]
pub(super) struct Combined {
    pub(super) all_of: Box<[SchemaId]>,
    pub(super) any_of: Box<[SchemaId]>,
    pub(super) one_of: Box<[SchemaId]>,
    pub(super) not: Option<SchemaId>,
}

/// A bound of a number.
#[derive(Debug)]
pub(super) struct Bound {
    /// As it is said.
    pub(super) said: Box<str>,
    pub(super) small: Option<i64>,
    pub(super) value: Decimal,
    pub(super) is_exclusive: bool,
}

/// Keywords that speak of numbers.
#[derive(Debug, Default)]
pub(super) struct NumberRules {
    pub(super) minimum: Option<Bound>,
    pub(super) maximum: Option<Bound>,
    pub(super) multiple_of: Option<Bound>,
}

/// Keywords that speak of strings.
#[derive(Debug, Default)]
pub(super) struct TextRules {
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) pattern: Option<Pattern>,
    pub(super) format: Option<Format>,
}

/// Schemas of what is not named: allowed, refused, or to be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Additional {
    #[default]
    Allowed,
    Refused,
    Schema(SchemaId),
}

/// Keywords that speak of arrays.
#[derive(Debug, Default)]
pub(super) struct ArrayRules {
    pub(super) min_items: Option<u64>,
    pub(super) max_items: Option<u64>,
    pub(super) unique_items: bool,
    /// `items` as one schema.
    pub(super) each: Option<SchemaId>,
    /// `items` as a list.
    pub(super) items: Box<[SchemaId]>,
    /// What follows that list.
    pub(super) additional: Additional,
}

/// What an object's schema says of one name.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: Box<str>,
    pub(super) schema: Option<SchemaId>,
    pub(super) is_required: bool,
}

/// Names of members.
pub(super) type Names = Box<[Box<str>]>;

/// Keywords that speak of objects.
#[derive(Debug, Default)]
pub(super) struct ObjectRules {
    pub(super) min_properties: Option<u64>,
    pub(super) max_properties: Option<u64>,
    /// `properties` and `required` in one, in the order written.
    pub(super) names: Box<[Property]>,
    /// Where names are, when there are many.
    pub(super) places: FxHashMap<Box<str>, u32>,
    pub(super) required: u32,
    pub(super) patterns: Box<[(Pattern, SchemaId)]>,
    pub(super) additional: Additional,
    /// By property, in the order written.
    pub(super) property_dependencies: Box<[(Box<str>, Names)]>,
    /// By property, in alphabetical order.
    pub(super) schema_dependencies: Box<[(Box<str>, SchemaId)]>,
}

/// More names than this are looked up, fewer compared.
pub(super) const FEW: usize = 8;

impl ObjectRules {
    /// What is said of a name; members mostly come in the order of the schema: the one after `hint` is tried first.
    #[inline]
    pub(super) fn name(&self, wanted: &str, hint: &mut usize) -> Option<&Property> {
        if let Some(next) = self.names.get(*hint)
            && &*next.name == wanted
        {
            *hint += 1;
            return Some(next);
        }
        let at = if self.names.len() <= FEW {
            self.names.iter().position(|one| &*one.name == wanted)?
        } else {
            *self.places.get(wanted)? as usize
        };
        *hint = at + 1;
        self.names.get(at)
    }
}
