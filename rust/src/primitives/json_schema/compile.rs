//! Schemas as JSON become compiled ones: references are followed, everything that a text cannot change is decided, and what
//! makes no sense is a problem with its place.

use std::collections::HashMap;

use super::{
    document::{Document, Kind, Value},
    format::Format,
    loops,
    number::{self, Decimal},
    pattern::Pattern,
    schema::{
        Additional, ArrayRules, Bound, Combined, Enumeration, FEW, NumberRules, ObjectRules, Property, Schema,
        SchemaId, Schemas, TextRules, Types,
    },
    words,
};

/// A schema's text and the address by which others refer to it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'s> {
    /// What stands before the `#` of a reference.
    pub url: &'s str,
    /// The schema.
    pub text: &'s str,
}

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which of the sources.
    pub source: usize,
    /// In one sentence, with the place: `#/properties/a/type: not a type`.
    pub message: String,
}

/// More schemas than anybody writes.
const MOST: usize = 100_000;

/// Compiles schemas that may refer to each other; gives the ids of their roots.
pub fn compile(sources: &[Source<'_>]) -> Result<(Schemas, Vec<SchemaId>), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut documents = Vec::with_capacity(sources.len());
    for (source, one) in sources.iter().enumerate() {
        match Document::parse(one.text.as_bytes()) {
            Ok(document) => documents.push(document),
            Err(error) => problems.push(Problem { source, message: error.to_string() }),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut compiler = Compiler {
        sources,
        documents: &documents,
        known: HashMap::new(),
        waiting: Vec::new(),
        schemas: Schemas::default(),
        places: Vec::new(),
        problems,
    };
    let roots = documents
        .iter()
        .enumerate()
        .map(|(source, document)| compiler.schema(&Place { source, path: "#".to_owned() }, document.root()));
    let roots: Vec<SchemaId> = roots.collect();
    // One after the other: neither nesting nor long chains of references take stack.
    while let Some((id, place, value)) = compiler.waiting.pop() {
        let schema = compiler.compile(&place, value);
        compiler.schemas.nodes[id.0 as usize] = schema;
    }
    if let Some(id) = loops::find(&compiler.schemas) {
        let place = compiler.places[id.0 as usize].clone();
        compiler.problem(&place, "", "this schema refers to itself without end");
    }
    let Compiler { schemas, problems, .. } = compiler;
    if problems.is_empty() { Ok((schemas, roots)) } else { Err(problems) }
}

/// Where a schema stands.
#[derive(Debug, Clone)]
struct Place {
    source: usize,
    path: String,
}

struct Compiler<'d> {
    sources: &'d [Source<'d>],
    documents: &'d [Document<'d>],
    /// By source and position there.
    known: HashMap<(usize, u32), SchemaId>,
    waiting: Vec<(SchemaId, Place, Value<'d>)>,
    schemas: Schemas,
    places: Vec<Place>,
    problems: Vec<Problem>,
}

impl<'d> Compiler<'d> {
    fn problem(&mut self, place: &Place, below: &str, what: &str) {
        self.problems.push(Problem { source: place.source, message: format!("{}{below}: {what}", place.path) });
    }

    /// The number of the schema at `value`; it is compiled later if it was not met before.
    fn schema(&mut self, place: &Place, value: Value<'d>) -> SchemaId {
        if let Some(id) = self.known.get(&(place.source, value.position())) {
            return *id;
        }
        let id = SchemaId(self.schemas.nodes.len() as u32);
        self.known.insert((place.source, value.position()), id);
        self.schemas.nodes.push(Schema::default());
        self.places.push(place.clone());
        if self.schemas.nodes.len() == MOST {
            self.problem(place, "", "there are too many schemas");
        } else if self.schemas.nodes.len() < MOST {
            self.waiting.push((id, place.clone(), value));
        }
        id
    }

    fn below(&mut self, place: &Place, keyword: &str, value: Value<'d>) -> SchemaId {
        self.schema(&Place { source: place.source, path: format!("{}/{keyword}", place.path) }, value)
    }

    fn compile(&mut self, place: &Place, value: Value<'d>) -> Schema {
        let mut schema = Schema::default();
        if value.kind() != Kind::Object {
            self.problem(place, "", "a schema is an object");
            return schema;
        }
        if let Some(reference) = value.get("$ref") {
            schema.reference = self.reference(place, reference);
            return schema;
        }
        schema.types = value.get("type").map_or(Types::ALL, |types| self.types(place, types));
        schema.enumeration = value.get("enum").and_then(|values| self.enumeration(place, values));
        schema.combined = self.combined(place, value);
        schema.number = self.number(place, value);
        schema.text = self.text(place, value);
        schema.array = self.array(place, value);
        schema.object = self.object(place, value);
        schema
    }

    fn reference(&mut self, place: &Place, reference: Value<'d>) -> Option<SchemaId> {
        let Some(text) = reference.as_string() else {
            self.problem(place, "/$ref", "a reference is a string");
            return None;
        };
        let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
        let source = match url {
            "" => Some(place.source),
            url => self.sources.iter().position(|source| source.url == url),
        };
        let found = source.and_then(|source| Some((source, target(self.documents[source].root(), fragment)?)));
        let Some((source, value)) = found else {
            self.problem(place, "/$ref", &format!("{text} leads nowhere"));
            return None;
        };
        Some(self.schema(&Place { source, path: format!("#{fragment}") }, value))
    }

    fn types(&mut self, place: &Place, value: Value<'d>) -> Types {
        let mut types = Types(0);
        let names: Vec<_> = if value.kind() == Kind::Array { value.items().collect() } else { vec![value] };
        for name in names {
            match name.as_string().and_then(Types::named) {
                Some(one) => types.0 |= one.0,
                None => self.problem(place, "/type", &format!("{} is no type", words::json(name))),
            }
        }
        types
    }

    fn enumeration(&mut self, place: &Place, values: Value<'d>) -> Option<Box<Enumeration>> {
        if values.kind() != Kind::Array || values.len() == 0 {
            self.problem(place, "/enum", "this is a list of values");
            return None;
        }
        let said = words::json(values);
        let mut strings: Vec<Box<str>> = values.items().filter_map(Value::as_string).map(Box::from).collect();
        strings.sort_unstable();
        let others = if strings.len() < values.len() { Document::parse(said.as_bytes()).ok() } else { None };
        let others = others.map(Document::into_owned);
        Some(Box::new(Enumeration { said: said.into(), strings: strings.into(), others }))
    }

    fn list(&mut self, place: &Place, value: Value<'d>, keyword: &str) -> Box<[SchemaId]> {
        let Some(list) = value.get(keyword) else { return [].into() };
        if list.kind() != Kind::Array || list.len() == 0 {
            self.problem(place, &format!("/{keyword}"), "this is a list of schemas");
        }
        let schemas = list.items().enumerate();
        schemas.map(|(index, schema)| self.below(place, &format!("{keyword}/{index}"), schema)).collect()
    }

    fn combined(&mut self, place: &Place, value: Value<'d>) -> Option<Box<Combined>> {
        let combined = Combined {
            all_of: self.list(place, value, "allOf"),
            any_of: self.list(place, value, "anyOf"),
            one_of: self.list(place, value, "oneOf"),
            not: value.get("not").map(|schema| self.below(place, "not", schema)),
        };
        let is_empty = combined.all_of.is_empty() && combined.any_of.is_empty() && combined.one_of.is_empty();
        (!is_empty || combined.not.is_some()).then(|| Box::new(combined))
    }

    fn bound(&mut self, place: &Place, value: Value<'d>, keyword: &str, exclusive: &str) -> Option<Bound> {
        let found = value.get(keyword)?;
        if !matches!(found.kind(), Kind::Integer | Kind::Decimal) {
            self.problem(place, &format!("/{keyword}"), "this is a number");
            return None;
        }
        let is_exclusive = match value.get(exclusive).map(Value::kind) {
            None | Some(Kind::False) => false,
            Some(Kind::True) => true,
            Some(_) => {
                self.problem(place, &format!("/{exclusive}"), "this is true or false");
                false
            }
        };
        let text = found.text();
        let small = if found.kind() == Kind::Integer { number::small(text) } else { None };
        Some(Bound { said: number::said(text).into(), small, value: Decimal::parse(text), is_exclusive })
    }

    fn number(&mut self, place: &Place, value: Value<'d>) -> Option<Box<NumberRules>> {
        let rules = NumberRules {
            minimum: self.bound(place, value, "minimum", "exclusiveMinimum"),
            maximum: self.bound(place, value, "maximum", "exclusiveMaximum"),
            multiple_of: self.bound(place, value, "multipleOf", ""),
        };
        if rules.multiple_of.as_ref().is_some_and(|bound| !bound.value.is_divisor()) {
            self.problem(place, "/multipleOf", "this is a number above zero of up to 18 digits");
        }
        let has_any = rules.minimum.is_some() || rules.maximum.is_some() || rules.multiple_of.is_some();
        has_any.then(|| Box::new(rules))
    }

    fn count(&mut self, place: &Place, value: Value<'d>, keyword: &str) -> Option<u64> {
        let found = value.get(keyword)?;
        let count = if found.kind() == Kind::Integer { found.text().parse().ok() } else { None };
        if count.is_none() {
            self.problem(place, &format!("/{keyword}"), "this is a whole number from zero on");
        }
        count
    }

    fn pattern(&mut self, place: &Place, below: &str, source: &str) -> Option<Pattern> {
        Pattern::compile(source).map_err(|why| self.problem(place, below, &why)).ok()
    }

    fn text(&mut self, place: &Place, value: Value<'d>) -> Option<Box<TextRules>> {
        let mut rules = TextRules {
            min_length: self.count(place, value, "minLength"),
            max_length: self.count(place, value, "maxLength"),
            pattern: None,
            format: value.get("format").and_then(Value::as_string).and_then(Format::named),
        };
        if let Some(found) = value.get("pattern") {
            match found.as_string() {
                Some(source) => rules.pattern = self.pattern(place, "/pattern", source),
                None => self.problem(place, "/pattern", "this is a string"),
            }
        }
        let has_any = rules.min_length.is_some()
            || rules.max_length.is_some()
            || rules.pattern.is_some()
            || rules.format.is_some();
        has_any.then(|| Box::new(rules))
    }

    fn additional(&mut self, place: &Place, value: Value<'d>, keyword: &str) -> Additional {
        match value.get(keyword) {
            None => Additional::Allowed,
            Some(found) => match found.kind() {
                Kind::True => Additional::Allowed,
                Kind::False => Additional::Refused,
                _ => Additional::Schema(self.below(place, keyword, found)),
            },
        }
    }

    fn array(&mut self, place: &Place, value: Value<'d>) -> Option<Box<ArrayRules>> {
        let mut rules = ArrayRules {
            min_items: self.count(place, value, "minItems"),
            max_items: self.count(place, value, "maxItems"),
            unique_items: value.get("uniqueItems").is_some_and(|unique| unique.kind() == Kind::True),
            ..ArrayRules::default()
        };
        if let Some(items) = value.get("items") {
            if items.kind() == Kind::Array {
                let schemas = items.items().enumerate();
                rules.items = schemas.map(|(index, one)| self.below(place, &format!("items/{index}"), one)).collect();
                rules.additional = self.additional(place, value, "additionalItems");
            } else {
                rules.each = Some(self.below(place, "items", items));
            }
        }
        let has_any = rules.min_items.is_some()
            || rules.max_items.is_some()
            || rules.unique_items
            || rules.each.is_some()
            || !rules.items.is_empty()
            || rules.additional != Additional::Allowed;
        has_any.then(|| Box::new(rules))
    }

    fn object(&mut self, place: &Place, value: Value<'d>) -> Option<Box<ObjectRules>> {
        let mut rules = ObjectRules {
            min_properties: self.count(place, value, "minProperties"),
            max_properties: self.count(place, value, "maxProperties"),
            additional: self.additional(place, value, "additionalProperties"),
            ..ObjectRules::default()
        };
        self.names(place, value, &mut rules);
        if let Some(patterns) = self.map(place, value, "patternProperties") {
            let mut found = Vec::with_capacity(patterns.len());
            for (source, schema) in patterns.members() {
                let below = format!("patternProperties/{source}");
                let id = self.below(place, &below, schema);
                found.extend(self.pattern(place, &format!("/{below}"), source).map(|pattern| (pattern, id)));
            }
            rules.patterns = found.into();
        }
        if let Some(dependencies) = self.map(place, value, "dependencies") {
            self.dependencies(place, dependencies, &mut rules);
        }
        let has_any = rules.min_properties.is_some()
            || rules.max_properties.is_some()
            || rules.additional != Additional::Allowed
            || !rules.names.is_empty()
            || !rules.patterns.is_empty()
            || !rules.property_dependencies.is_empty()
            || !rules.schema_dependencies.is_empty();
        has_any.then(|| Box::new(rules))
    }

    fn map(&mut self, place: &Place, value: Value<'d>, keyword: &str) -> Option<Value<'d>> {
        let found = value.get(keyword)?;
        if found.kind() != Kind::Object {
            self.problem(place, &format!("/{keyword}"), "this is an object");
            return None;
        }
        Some(found)
    }

    /// A list of names without the place to look them up.
    fn strings(&mut self, place: &Place, below: &str, value: Value<'d>) -> Vec<&'d str> {
        let found: Vec<&str> = value.items().filter_map(Value::as_string).collect();
        if value.kind() != Kind::Array || found.len() < value.len() {
            self.problem(place, below, "this is a list of names");
        }
        found
    }

    /// `properties` and `required` in one list.
    fn names(&mut self, place: &Place, value: Value<'d>, rules: &mut ObjectRules) {
        let mut names: Vec<Property> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        if let Some(properties) = self.map(place, value, "properties") {
            for (name, schema) in properties.members() {
                let schema = Some(self.below(place, &format!("properties/{name}"), schema));
                places.insert(name, names.len());
                names.push(Property { name: name.into(), schema, is_required: false });
            }
        }
        if let Some(required) = value.get("required") {
            for name in self.strings(place, "/required", required) {
                let at = *places.entry(name).or_insert(names.len());
                if at == names.len() {
                    names.push(Property { name: name.into(), schema: None, is_required: false });
                }
                rules.required += u32::from(!std::mem::replace(&mut names[at].is_required, true));
            }
        }
        if names.len() > FEW {
            rules.places = places.into_iter().map(|(name, at)| (name.into(), at as u32)).collect();
        }
        rules.names = names.into();
    }

    fn dependencies(&mut self, place: &Place, dependencies: Value<'d>, rules: &mut ObjectRules) {
        let (mut properties, mut schemas) = (Vec::new(), Vec::new());
        for (name, value) in dependencies.members() {
            let below = format!("dependencies/{name}");
            if value.kind() == Kind::Array {
                let mut wanted = self.strings(place, &format!("/{below}"), value);
                wanted.sort_unstable();
                wanted.dedup();
                properties.push((name.into(), wanted.into_iter().map(Into::into).collect()));
            } else {
                schemas.push((Box::<str>::from(name), self.below(place, &below, value)));
            }
        }
        schemas.sort_by(|one, other| one.0.cmp(&other.0));
        rules.property_dependencies = properties.into();
        rules.schema_dependencies = schemas.into();
    }
}

/// What a fragment leads to: a JSON pointer, percent-encoded.
fn target<'d>(root: Value<'d>, fragment: &str) -> Option<Value<'d>> {
    if fragment.is_empty() {
        return Some(root);
    }
    let decoded = decoded(fragment)?;
    let mut value = root;
    for token in decoded.strip_prefix('/')?.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        value = match value.kind() {
            Kind::Array => value.items().nth(token.parse().ok()?)?,
            _ => value.get(&token)?,
        };
    }
    Some(value)
}

fn decoded(fragment: &str) -> Option<String> {
    let mut parts = fragment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}
