//! Evaluates a path's steps one by one. It calls itself once a step, never once a level of the document.

use super::{
    path::{Kind, Path, Step},
    read::{ReadError, Run, at},
};
use crate::primitives::java::{List, Map, Value};

/// What was found.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) found: Vec<Value>,
    /// json-path's option `REQUIRE_PROPERTIES`.
    pub(super) required: bool,
    /// The place of the list from which a scan last went on to the last step; see [`Results::counts`].
    pub(super) scanned: Option<usize>,
    /// The only place that the step before the last one names.
    pub(super) only_place: Option<i32>,
}

impl Results {
    /// Nothing yet.
    pub(super) fn new(path: &Path, required: bool) -> Self {
        Self { found: Vec::new(), required, scanned: None, only_place: path.only_place }
    }

    /// AWS: none; once a scan has gone on from a list's items to the last step, json-path takes names there only from the
    /// item whose place the step before names, from then on.
    fn counts(&self) -> bool {
        self.scanned.is_none_or(|place| self.only_place.is_some_and(|only| usize::try_from(only) == Ok(place)))
    }
}

impl Run<'_> {
    /// Adds what the steps find from a value.
    pub(super) fn evaluate(&mut self, steps: &[Step], value: &Value, results: &mut Results) -> Result<(), ReadError> {
        self.spend(1)?;
        let Some((step, rest)) = steps.split_first() else {
            results.found.push(value.clone());
            return Ok(());
        };
        match &step.kind {
            Kind::Property(names) => self.properties(step, names, rest, value, results),
            Kind::Index(_) | Kind::Slice { .. } => match value {
                Value::List(list) => self.places(&step.kind, rest, list, results),
                _ if step.definite_before => Err(ReadError::NotFound),
                _ => Ok(()),
            },
            Kind::Wildcard => self.wildcard(rest, value, results),
            Kind::Scan => self.scan(rest, value, results),
            Kind::Filter(test) => match value {
                Value::Map(_) => {
                    if self.accepts(test, value)? {
                        self.evaluate(rest, value, results)?;
                    }
                    Ok(())
                }
                Value::List(list) => {
                    for place in 0..list.len() {
                        let Some(item) = list.get(place) else { break };
                        if self.accepts(test, &item)? {
                            self.evaluate(rest, &item, results)?;
                        }
                    }
                    Ok(())
                }
                _ if step.definite_before => Err(ReadError::Unfit("a filter cannot be applied to a primitive")),
                _ => Ok(()),
            },
            Kind::Function(function) => {
                let value = self.function(function, value)?;
                results.found.push(value.clone());
                if rest.is_empty() { Ok(()) } else { self.evaluate(rest, &value, results) }
            }
        }
    }

    fn properties(
        &mut self,
        step: &Step,
        names: &[Box<str>],
        rest: &[Step],
        value: &Value,
        results: &mut Results,
    ) -> Result<(), ReadError> {
        let Value::Map(map) = value else {
            return if step.definite_before { Err(ReadError::NotFound) } else { Ok(()) };
        };
        if let [name] = names {
            return self.property(map, name, step.definite_before, rest, results);
        }
        if !rest.is_empty() {
            // Several names in the middle are several paths.
            for name in names {
                self.property(map, name, false, rest, results)?;
            }
            return Ok(());
        }
        let merged = Map::new();
        for name in names {
            match map.get(name) {
                Some(value) => {
                    merged.put(Value::text(&**name), value);
                }
                None if results.required => return Err(ReadError::NotFound),
                None => {}
            }
        }
        results.found.push(Value::Map(merged));
        Ok(())
    }

    fn property(
        &mut self,
        map: &Map,
        name: &str,
        definite: bool,
        rest: &[Step],
        results: &mut Results,
    ) -> Result<(), ReadError> {
        match map.get(name) {
            Some(_) if rest.is_empty() && !results.counts() => Ok(()),
            Some(value) => self.evaluate(rest, &value, results),
            // The last name of a definite path is missed when nothing was found at all.
            None if results.required || definite && !rest.is_empty() => Err(ReadError::NotFound),
            None => Ok(()),
        }
    }

    /// Places of a list.
    pub(super) fn places(
        &mut self,
        kind: &Kind,
        rest: &[Step],
        list: &List,
        results: &mut Results,
    ) -> Result<(), ReadError> {
        let length = i32::try_from(list.len()).unwrap_or(i32::MAX);
        let (from, to) = match kind {
            Kind::Index(places) => {
                for place in places {
                    self.place(rest, list, *place, results)?;
                }
                return Ok(());
            }
            Kind::Slice { from: Some(from), to: None } => {
                (if *from < 0 { length.saturating_add(*from).max(0) } else { *from }, length)
            }
            // AWS: none; json-path takes a negative beginning as it stands, so the slice runs through the end of the list.
            Kind::Slice { from: Some(from), to: Some(to) } => (*from, (*to).min(length)),
            Kind::Slice { from: None, to: Some(to) } => {
                (0, if *to < 0 { length.saturating_add(*to) } else { (*to).min(length) })
            }
            _ => return Ok(()),
        };
        if length == 0 {
            return Ok(());
        }
        for place in from.max(-length)..to {
            self.place(rest, list, place, results)?;
        }
        Ok(())
    }

    fn place(&mut self, rest: &[Step], list: &List, index: i32, results: &mut Results) -> Result<(), ReadError> {
        match at(list.len(), index).and_then(|place| list.get(place)) {
            Some(item) => self.evaluate(rest, &item, results),
            None => Ok(()),
        }
    }

    fn wildcard(&mut self, rest: &[Step], value: &Value, results: &mut Results) -> Result<(), ReadError> {
        let children = match value {
            Value::Map(_) if rest.is_empty() && !results.counts() => return Ok(()),
            Value::Map(map) => map.values(),
            Value::List(list) => list.items().to_vec(),
            _ => return Ok(()),
        };
        self.spend(children.len() as u64)?;
        for child in children {
            match self.evaluate(rest, &child, results) {
                // AWS: none; of a map's values json-path lets none be missing.
                Err(ReadError::NotFound) if !results.required && value.as_list().is_some() => {}
                other => other?,
            }
        }
        Ok(())
    }
}
