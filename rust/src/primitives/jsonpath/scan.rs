//! `..`: every map and list of a document, each before what it holds. The documents may be as deep as they like.

use super::{
    evaluate::Results,
    path::{Kind, Step, Test},
    read::{ReadError, Run},
};
use crate::primitives::java::Value;

impl Run<'_> {
    pub(super) fn scan(&mut self, steps: &[Step], value: &Value, results: &mut Results) -> Result<(), ReadError> {
        let Some((target, rest)) = steps.split_first() else {
            return Err(ReadError::Failed("a scan without what it looks for".into()));
        };
        let mut waiting = vec![value.clone()];
        while let Some(value) = waiting.pop() {
            self.spend(1)?;
            match &value {
                Value::Map(map) => {
                    if self.is_target(target, rest.is_empty(), &value)? {
                        self.evaluate(steps, &value, results)?;
                    }
                    let children = map.values();
                    self.spend(children.len() as u64)?;
                    waiting.extend(children.into_iter().rev());
                }
                Value::List(list) => {
                    if self.is_target(target, rest.is_empty(), &value)? {
                        self.scan_list(steps, rest, &value, results)?;
                    }
                    let children = list.items();
                    self.spend(children.len() as u64)?;
                    waiting.extend(children.iter().rev().cloned());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// AWS: none; where the step behind a scan is not the last one, json-path goes on from all items of a list, whatever places
    /// or tests that step names; what the last step then finds does not always count.
    fn scan_list(
        &mut self,
        steps: &[Step],
        rest: &[Step],
        value: &Value,
        results: &mut Results,
    ) -> Result<(), ReadError> {
        if rest.is_empty() {
            return self.evaluate(steps, value, results);
        }
        let items = value.as_list().map(|list| list.items().to_vec()).unwrap_or_default();
        for (place, item) in items.into_iter().enumerate() {
            if rest.len() == 1 {
                results.scanned = Some(place);
            }
            self.evaluate(rest, &item, results)?;
        }
        Ok(())
    }

    /// Whether the step behind the scan is to be tried on a value.
    fn is_target(&mut self, target: &Step, last: bool, value: &Value) -> Result<bool, ReadError> {
        Ok(match (&target.kind, value) {
            (Kind::Property(names), Value::Map(map)) => {
                names.len() > 1 && !last || names.iter().all(|name| map.get(name).is_some())
            }
            (Kind::Index(_) | Kind::Slice { .. }, Value::List(_)) | (Kind::Wildcard, _) => true,
            (Kind::Filter(test), _) => self.accepts(test, value)?,
            _ => false,
        })
    }

    /// Whether a filter lets an item pass; a path that does not fit the item is no error.
    pub(super) fn accepts(&mut self, test: &Test, item: &Value) -> Result<bool, ReadError> {
        match self.passes(test, item) {
            Err(ReadError::NotFound | ReadError::Unfit(_)) => Ok(false),
            other => other,
        }
    }
}
