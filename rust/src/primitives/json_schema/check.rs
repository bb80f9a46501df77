//! Whether a value is as a schema says: the quick answer, which stops at the first thing that is wrong.

use super::{
    document::{Document, Kind, NotJson, Value},
    equal::{all_differ, equal},
    number::{self, Decimal},
    pattern::Pattern,
    schema::{
        Additional, ArrayRules, Bound, Combined, Enumeration, NumberRules, ObjectRules, SchemaId, Schemas, TextRules,
        Types,
    },
    words,
};

/// What a text is found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As the schema says.
    Valid,
    /// Not so, and why: `[object has missing required properties (["a"])]`.
    Invalid(String),
    /// No JSON.
    NotJson(NotJson),
    /// Judging it takes too long: the schema asks the same of it over and over.
    TooMuch,
}

/// Steps that any text may take, and more for each of its values.
const STEPS: u64 = 4_000_000;
const STEPS_A_VALUE: u64 = 64;
/// And for each of its bytes: patterns look at them.
const STEPS_A_BYTE: u64 = 8;
/// How deep schemas may lead into each other and into the value.
const DEEPEST: u32 = 640;

/// What is left of the bounds.
#[derive(Debug)]
pub(super) struct Run {
    steps: u64,
    depth: u32,
}

/// The bounds are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

pub(super) type Checked = Result<bool, TooMuch>;

impl Run {
    pub(super) fn of(document: &Document) -> Self {
        let more = STEPS_A_VALUE * document.size() as u64 + STEPS_A_BYTE * document.bytes() as u64;
        Self { steps: STEPS + more, depth: DEEPEST }
    }

    /// Goes one schema deeper.
    #[inline]
    pub(super) fn enter(&mut self) -> Result<(), TooMuch> {
        self.steps = self.steps.checked_sub(1).ok_or(TooMuch)?;
        self.depth = self.depth.checked_sub(1).ok_or(TooMuch)?;
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    /// Whether a pattern is in a text.
    pub(super) fn matches(&mut self, pattern: &Pattern, text: &str) -> Checked {
        pattern.is_match(text, &mut self.steps).map_err(|_| TooMuch)
    }

    /// Takes steps for what goes through a list.
    #[inline]
    fn charge(&mut self, steps: u64) -> Result<(), TooMuch> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooMuch)?;
        Ok(())
    }
}

impl Schemas {
    /// Judges a text.
    pub fn judge(&self, id: SchemaId, text: &[u8]) -> Verdict {
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => return Verdict::NotJson(error),
        };
        let mut run = Run::of(&document);
        match self.is_valid(id, document.root(), &mut run) {
            Ok(true) => Verdict::Valid,
            Ok(false) => words::explain(self, id, &document).map_or(Verdict::TooMuch, Verdict::Invalid),
            Err(TooMuch) => Verdict::TooMuch,
        }
    }

    /// Whether the value is as the schema says, whatever is below it included.
    pub(super) fn is_valid(&self, id: SchemaId, value: Value, run: &mut Run) -> Checked {
        run.enter()?;
        let result = self.check(id, value, run);
        run.leave();
        result
    }

    fn check(&self, id: SchemaId, value: Value, run: &mut Run) -> Checked {
        let mut schema = self.get(id);
        // No chain of references is endless: `loops` looked.
        while let Some(target) = schema.reference {
            run.charge(1)?;
            schema = self.get(target);
        }
        let kind = value.kind();
        if !schema.types.has(Types::of(kind)) {
            return Ok(false);
        }
        if let Some(enumeration) = &schema.enumeration {
            run.charge(enumeration.others.as_ref().map_or(0, |all| all.size() as u64))?;
            if !is_in(enumeration, value) {
                return Ok(false);
            }
        }
        let own = match kind {
            Kind::Object => match &schema.object {
                Some(rules) => self.is_valid_object(rules, value, run)?,
                None => true,
            },
            Kind::Array => match &schema.array {
                Some(rules) => self.is_valid_array(rules, value, run)?,
                None => true,
            },
            Kind::Text | Kind::Unescaped => match &schema.text {
                Some(rules) => is_valid_text(rules, value.text(), run)?,
                None => true,
            },
            Kind::Integer | Kind::Decimal => schema.number.as_ref().is_none_or(|rules| is_valid_number(rules, value)),
            Kind::Null | Kind::False | Kind::True | Kind::Dead => true,
        };
        match &schema.combined {
            Some(combined) if own => self.is_valid_combined(combined, value, run),
            _ => Ok(own),
        }
    }

    fn is_valid_object(&self, rules: &ObjectRules, value: Value, run: &mut Run) -> Checked {
        let count = value.len() as u64;
        if rules.min_properties.is_some_and(|least| count < least)
            || rules.max_properties.is_some_and(|most| count > most)
        {
            return Ok(false);
        }
        let (mut required, mut hint) = (0, 0);
        for (name, member) in value.members() {
            run.charge(1)?;
            let mut is_named = false;
            if let Some(found) = rules.name(name, &mut hint) {
                required += u32::from(found.is_required);
                if let Some(schema) = found.schema {
                    is_named = true;
                    if !self.is_valid(schema, member, run)? {
                        return Ok(false);
                    }
                }
            }
            for (pattern, schema) in &rules.patterns {
                if run.matches(pattern, name)? {
                    is_named = true;
                    if !self.is_valid(*schema, member, run)? {
                        return Ok(false);
                    }
                }
            }
            match rules.additional {
                Additional::Refused if !is_named => return Ok(false),
                Additional::Schema(schema) if !is_named && !self.is_valid(schema, member, run)? => return Ok(false),
                _ => {}
            }
        }
        if required != rules.required {
            return Ok(false);
        }
        for (name, wanted) in &rules.property_dependencies {
            run.charge(count * (1 + wanted.len() as u64))?;
            if value.get(name).is_some() && !wanted.iter().all(|wanted| value.get(wanted).is_some()) {
                return Ok(false);
            }
        }
        for (name, schema) in &rules.schema_dependencies {
            run.charge(count)?;
            if value.get(name).is_some() && !self.is_valid(*schema, value, run)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_valid_array(&self, rules: &ArrayRules, value: Value, run: &mut Run) -> Checked {
        let count = value.len() as u64;
        if rules.min_items.is_some_and(|least| count < least)
            || rules.max_items.is_some_and(|most| count > most)
            || rules.additional == Additional::Refused && value.len() > rules.items.len()
        {
            return Ok(false);
        }
        if rules.each.is_some() || !rules.items.is_empty() {
            for (index, item) in value.items().enumerate() {
                if let Some(schema) = rules.item(index)
                    && !self.is_valid(schema, item, run)?
                {
                    return Ok(false);
                }
            }
        }
        if !rules.unique_items {
            return Ok(true);
        }
        run.charge(value.size())?;
        Ok(all_differ(value))
    }

    fn is_valid_combined(&self, combined: &Combined, value: Value, run: &mut Run) -> Checked {
        for schema in &combined.all_of {
            if !self.is_valid(*schema, value, run)? {
                return Ok(false);
            }
        }
        if let Some(schema) = combined.not
            && self.is_valid(schema, value, run)?
        {
            return Ok(false);
        }
        let mut any = combined.any_of.is_empty();
        for schema in &combined.any_of {
            if self.is_valid(*schema, value, run)? {
                any = true;
                break;
            }
        }
        if !any {
            return Ok(false);
        }
        let mut matched = 0;
        for schema in &combined.one_of {
            matched += u32::from(self.is_valid(*schema, value, run)?);
            if matched > 1 {
                return Ok(false);
            }
        }
        Ok(combined.one_of.is_empty() || matched == 1)
    }
}

impl ArrayRules {
    /// The schema of an item.
    #[inline]
    pub(super) fn item(&self, index: usize) -> Option<SchemaId> {
        self.each.or_else(|| self.items.get(index).copied()).or(match self.additional {
            Additional::Schema(schema) => Some(schema),
            Additional::Allowed | Additional::Refused => None,
        })
    }
}

/// `enum`.
pub(super) fn is_in(enumeration: &Enumeration, value: Value) -> bool {
    match (value.as_string(), &enumeration.others) {
        (Some(text), _) => enumeration.strings.binary_search_by(|one| (**one).cmp(text)).is_ok(),
        (None, Some(all)) => all.root().items().any(|one| equal(one, value)),
        (None, None) => false,
    }
}

fn is_valid_text(rules: &TextRules, text: &str, run: &mut Run) -> Checked {
    if rules.min_length.is_some() || rules.max_length.is_some() {
        // AWS: characters, not bytes and not UTF-16's units.
        let length = text.chars().count() as u64;
        if rules.min_length.is_some_and(|least| length < least) || rules.max_length.is_some_and(|most| length > most) {
            return Ok(false);
        }
    }
    if let Some(pattern) = &rules.pattern
        && !run.matches(pattern, text)?
    {
        return Ok(false);
    }
    Ok(rules.format.is_none_or(|format| format.holds(text)))
}

fn is_valid_number(rules: &NumberRules, value: Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let outside = |bound: &Option<Bound>, beyond| {
        bound.as_ref().is_some_and(|bound| match compare(value, bound) {
            Equal => bound.is_exclusive,
            order => order == beyond,
        })
    };
    !outside(&rules.minimum, Less)
        && !outside(&rules.maximum, Greater)
        && rules.multiple_of.as_ref().is_none_or(|bound| is_multiple(value, bound))
}

/// The value's order to a bound.
pub(super) fn compare(value: Value, bound: &Bound) -> std::cmp::Ordering {
    if let (Kind::Integer, Some(bound), Some(small)) = (value.kind(), bound.small, number::small(value.text())) {
        return small.cmp(&bound);
    }
    Decimal::parse(value.text()).compare(&bound.value)
}

/// Whether the value is a multiple of a bound.
pub(super) fn is_multiple(value: Value, bound: &Bound) -> bool {
    if let (Kind::Integer, Some(bound), Some(small)) = (value.kind(), bound.small, number::small(value.text())) {
        return bound != 0 && small % bound == 0;
    }
    Decimal::parse(value.text()).is_multiple_of(&bound.value)
}
