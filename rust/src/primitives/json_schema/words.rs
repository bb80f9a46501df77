//! What is wrong with a value, in the order and the words of the validator that AWS uses: a schema's keywords by name, then, where
//! nothing was wrong so far, the parts of the value, members by name.

use std::{collections::HashSet, fmt::Write};

use super::{
    check::{Run, TooMuch, compare, is_in, is_multiple},
    document::{Document, Kind, Value},
    equal::all_differ,
    number,
    pattern::Pattern,
    schema::{
        Additional, ArrayRules, Combined, Enumeration, NumberRules, ObjectRules, Schema, SchemaId, Schemas, TextRules,
        Types,
    },
};

/// Bytes of complaints after which nothing more is looked for.
const MOST: usize = 16 * 1024;

/// `[…, …]` for a document that the schema does not allow.
pub(super) fn explain(schemas: &Schemas, id: SchemaId, document: &Document) -> Result<String, TooMuch> {
    let mut words = Words { schemas, run: Run::of(document), said: String::new() };
    words.schema(id, document.root())?;
    let mut end = words.said.len().min(MOST);
    while !words.said.is_char_boundary(end) {
        end -= 1;
    }
    Ok(format!("[{}]", &words.said[..end]))
}

struct Words<'s> {
    schemas: &'s Schemas,
    run: Run,
    said: String,
}

impl Words<'_> {
    fn say(&mut self, complaint: std::fmt::Arguments) {
        if !self.said.is_empty() {
            self.said.push_str(", ");
        }
        // Writing to a String cannot fail.
        let _ = self.said.write_fmt(complaint);
    }

    fn schema(&mut self, id: SchemaId, value: Value) -> Result<(), TooMuch> {
        self.run.enter()?;
        let schemas = self.schemas;
        let mut schema = schemas.get(id);
        while let Some(target) = schema.reference {
            schema = schemas.get(target);
        }
        self.keywords(schema, value)?;
        // AWS: what stands in a value is looked at only while nothing is wrong.
        if self.said.is_empty() {
            self.parts(schema, value)?;
        }
        self.run.leave();
        Ok(())
    }

    /// All keywords in alphabetical order, `format` last.
    fn keywords(&mut self, schema: &Schema, value: Value) -> Result<(), TooMuch> {
        let kind = value.kind();
        let array = schema.array.as_deref().filter(|_| kind == Kind::Array);
        let object = schema.object.as_deref().filter(|_| kind == Kind::Object);
        let text = schema.text.as_deref().filter(|_| matches!(kind, Kind::Text | Kind::Unescaped));
        let number = schema.number.as_deref().filter(|_| matches!(kind, Kind::Integer | Kind::Decimal));
        let combined = schema.combined.as_deref();
        if let Some(rules) = array {
            self.additional_items(rules, value);
        }
        if let Some(rules) = object {
            self.additional_properties(rules, value)?;
        }
        if let Some(combined) = combined {
            self.all_of_and_any_of(combined, value)?;
        }
        if let Some(rules) = object {
            self.dependencies(rules, value)?;
        }
        if let Some(enumeration) = &schema.enumeration {
            self.enumeration(enumeration, value);
        }
        if let Some(rules) = array {
            self.sizes_of_array(rules, value);
        }
        if let Some(rules) = text {
            self.lengths(rules, value);
        }
        if let Some(rules) = object {
            self.sizes_of_object(rules, value);
        }
        if let Some(rules) = number {
            self.number(rules, value);
        }
        if let Some(combined) = combined {
            self.not_and_one_of(combined, value)?;
        }
        if let Some(pattern) = text.and_then(|rules| rules.pattern.as_ref()) {
            self.pattern(pattern, value)?;
        }
        if let Some(rules) = object {
            self.required(rules, value);
        }
        self.types(schema.types, Types::of(kind));
        if array.is_some_and(|rules| rules.unique_items) && !all_differ(value) {
            self.say(format_args!("array must not contain duplicate elements"));
        }
        if let Some(format) = text.and_then(|rules| rules.format)
            && !format.holds(value.text())
        {
            self.say(format_args!("{}", format.complaint(value.text())));
        }
        Ok(())
    }

    fn enumeration(&mut self, enumeration: &Enumeration, value: Value) {
        if !is_in(enumeration, value) {
            let all = &enumeration.said;
            self.say(format_args!("instance value ({}) not found in enum (possible values: {all})", json(value)));
        }
    }

    fn pattern(&mut self, pattern: &Pattern, value: Value) -> Result<(), TooMuch> {
        let (regex, text) = (&pattern.source, value.text());
        if !self.run.matches(pattern, text)? {
            self.say(format_args!("ECMA 262 regex \"{regex}\" does not match input string \"{text}\""));
        }
        Ok(())
    }

    fn types(&mut self, types: Types, found: Types) {
        if !types.has(found) {
            let (found, allowed) = (found.names().next().unwrap_or_default(), names(types.names()));
            self.say(format_args!(
                "instance type ({found}) does not match any allowed primitive type (allowed: {allowed})"
            ));
        }
    }

    fn additional_items(&mut self, rules: &ArrayRules, value: Value) {
        let (allowed, found) = (rules.items.len(), value.len());
        if rules.additional == Additional::Refused && found > allowed {
            self.say(format_args!("schema only allows {allowed} elements in array but instance has {found} elements"));
        }
    }

    fn additional_properties(&mut self, rules: &ObjectRules, value: Value) -> Result<(), TooMuch> {
        if rules.additional != Additional::Refused {
            return Ok(());
        }
        let mut unwanted = Vec::new();
        for (name, _) in value.members() {
            if self.schemas_of(rules, name)?.is_empty() {
                unwanted.push(name);
            }
        }
        unwanted.sort_unstable();
        if !unwanted.is_empty() {
            let unwanted = names(unwanted);
            self.say(format_args!("object instance has properties which are not allowed by the schema: {unwanted}"));
        }
        Ok(())
    }

    /// The schemas that a member has to meet.
    fn schemas_of(&mut self, rules: &ObjectRules, name: &str) -> Result<Vec<SchemaId>, TooMuch> {
        let mut found: Vec<SchemaId> = rules.name(name, &mut 0).and_then(|found| found.schema).into_iter().collect();
        for (pattern, schema) in &rules.patterns {
            if self.run.matches(pattern, name)? {
                found.push(*schema);
            }
        }
        if let (true, Additional::Schema(schema)) = (found.is_empty(), rules.additional) {
            found.push(schema);
        }
        Ok(found)
    }

    fn matched(&mut self, schemas: &[SchemaId], value: Value) -> Result<usize, TooMuch> {
        let mut matched = 0;
        for schema in schemas {
            matched += usize::from(self.schemas.is_valid(*schema, value, &mut self.run)?);
        }
        Ok(matched)
    }

    fn all_of_and_any_of(&mut self, combined: &Combined, value: Value) -> Result<(), TooMuch> {
        let (matched, all) = (self.matched(&combined.all_of, value)?, combined.all_of.len());
        if matched < all {
            self.say(format_args!(
                "instance failed to match all required schemas (matched only {matched} out of {all})"
            ));
        }
        let all = combined.any_of.len();
        if all > 0 && self.matched(&combined.any_of, value)? == 0 {
            self.say(format_args!("instance failed to match at least one required schema among {all}"));
        }
        Ok(())
    }

    fn dependencies(&mut self, rules: &ObjectRules, value: Value) -> Result<(), TooMuch> {
        let there: HashSet<&str> = value.members().map(|(name, _)| name).collect();
        for (name, wanted) in &rules.property_dependencies {
            let missing: Vec<&str> = wanted.iter().map(|one| &**one).filter(|one| !there.contains(one)).collect();
            if there.contains(&**name) && !missing.is_empty() {
                let (wanted, missing) = (names(wanted.iter().map(|one| &**one)), names(missing));
                self.say(format_args!(
                    "property \"{name}\" of object has missing property dependencies (schema requires {wanted}; missing: {missing})"
                ));
            }
        }
        for (name, schema) in &rules.schema_dependencies {
            if there.contains(&**name) {
                self.schema(*schema, value)?;
            }
        }
        Ok(())
    }

    fn sizes_of_array(&mut self, rules: &ArrayRules, value: Value) {
        let found = value.len() as u64;
        if let Some(most) = rules.max_items.filter(|most| found > *most) {
            self.say(format_args!(
                "array is too long: must have at most {most} elements but instance has {found} elements"
            ));
        }
        if let Some(least) = rules.min_items.filter(|least| found < *least) {
            self.say(format_args!(
                "array is too short: must have at least {least} elements but instance has {found} elements"
            ));
        }
    }

    fn lengths(&mut self, rules: &TextRules, value: Value) {
        let text = value.text();
        let found = text.chars().count() as u64;
        if let Some(most) = rules.max_length.filter(|most| found > *most) {
            self.say(format_args!("string \"{text}\" is too long (length: {found}, maximum allowed: {most})"));
        }
        if let Some(least) = rules.min_length.filter(|least| found < *least) {
            self.say(format_args!("string \"{text}\" is too short (length: {found}, required minimum: {least})"));
        }
    }

    fn sizes_of_object(&mut self, rules: &ObjectRules, value: Value) {
        let found = value.len() as u64;
        if let Some(most) = rules.max_properties.filter(|most| found > *most) {
            self.say(format_args!("object has too many properties (found {found} but schema requires at most {most})"));
        }
        if let Some(least) = rules.min_properties.filter(|least| found < *least) {
            self.say(format_args!(
                "object has too few properties (found {found} but schema requires at least {least})"
            ));
        }
    }

    fn number(&mut self, rules: &NumberRules, value: Value) {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let found = number::said(value.text());
        if let Some(bound) = &rules.maximum {
            let most = &bound.said;
            match compare(value, bound) {
                Greater => self.say(format_args!(
                    "numeric instance is greater than the required maximum (maximum: {most}, found: {found})"
                )),
                Equal if bound.is_exclusive => {
                    self.say(format_args!("numeric instance is not strictly lower than the required maximum {most}"));
                }
                Equal | Less => {}
            }
        }
        if let Some(bound) = &rules.minimum {
            let least = &bound.said;
            match compare(value, bound) {
                Less => self.say(format_args!(
                    "numeric instance is lower than the required minimum (minimum: {least}, found: {found})"
                )),
                Equal if bound.is_exclusive => {
                    self.say(format_args!(
                        "numeric instance is not strictly greater than the required minimum {least}"
                    ));
                }
                Equal | Greater => {}
            }
        }
        if let Some(bound) = &rules.multiple_of
            && !is_multiple(value, bound)
        {
            self.say(format_args!("remainder of division is not zero ({found} / {})", bound.said));
        }
    }

    fn not_and_one_of(&mut self, combined: &Combined, value: Value) -> Result<(), TooMuch> {
        if let Some(schema) = combined.not
            && self.matched(&[schema], value)? == 1
        {
            self.say(format_args!("instance matched a schema which it should not have"));
        }
        let (matched, all) = (self.matched(&combined.one_of, value)?, combined.one_of.len());
        if all > 0 && matched != 1 {
            self.say(format_args!("instance failed to match exactly one schema (matched {matched} out of {all})"));
        }
        Ok(())
    }

    fn required(&mut self, rules: &ObjectRules, value: Value) {
        let there: HashSet<&str> = value.members().map(|(name, _)| name).collect();
        let required = rules.names.iter().filter(|name| name.is_required).map(|name| &*name.name);
        let mut missing: Vec<&str> = required.filter(|name| !there.contains(name)).collect();
        missing.sort_unstable();
        if !missing.is_empty() {
            let missing = names(missing);
            self.say(format_args!("object has missing required properties ({missing})"));
        }
    }

    fn parts(&mut self, schema: &Schema, value: Value) -> Result<(), TooMuch> {
        if let (Kind::Array, Some(rules)) = (value.kind(), &schema.array) {
            for (index, item) in value.items().enumerate() {
                if let Some(schema) = rules.item(index) {
                    self.schema(schema, item)?;
                }
                if self.said.len() > MOST {
                    break;
                }
            }
        }
        if let (Kind::Object, Some(rules)) = (value.kind(), &schema.object) {
            let mut members: Vec<(&str, Value)> = value.members().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in members {
                for schema in self.schemas_of(rules, name)? {
                    self.schema(schema, member)?;
                }
                if self.said.len() > MOST {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// `["a","b"]`.
fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut out = "[".to_owned();
    for name in names {
        if out.len() > 1 {
            out.push(',');
        }
        quote(name, &mut out);
    }
    out.push(']');
    out
}

/// A value as JSON without spaces.
pub(super) fn json(value: Value) -> String {
    let mut out = String::new();
    write_json(value, &mut out);
    out
}

fn write_json(value: Value, out: &mut String) {
    match value.kind() {
        Kind::Null => out.push_str("null"),
        Kind::False => out.push_str("false"),
        Kind::True => out.push_str("true"),
        Kind::Integer | Kind::Decimal => out.push_str(&number::said(value.text())),
        Kind::Text | Kind::Unescaped | Kind::Dead => quote(value.text(), out),
        Kind::Array => {
            out.push('[');
            for (index, item) in value.items().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            for (index, (name, member)) in value.members().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write_json(member, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
