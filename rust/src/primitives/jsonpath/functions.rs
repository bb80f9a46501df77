//! json-path's functions: `length()`, `min()`, `concat()` and the rest.

use super::{
    path::{Function, Name, Parameter},
    read::{ReadError, Run},
};
use crate::primitives::java::{List, ListKind, Map, Number, Value};

fn failed<T>(message: &str) -> Result<T, ReadError> {
    Err(ReadError::Failed(message.into()))
}

impl Run<'_> {
    /// What a function makes of a value.
    pub(super) fn function(&mut self, function: &Function, value: &Value) -> Result<Value, ReadError> {
        self.spend(match value {
            Value::List(list) => list.len() as u64 / 4,
            Value::Map(map) => map.len() as u64 / 4,
            _ => 0,
        })?;
        match function.name {
            Name::Avg | Name::StdDev | Name::Sum | Name::Min | Name::Max => self.aggregate(function, value),
            Name::Length => self.length(function, value),
            Name::Concat => self.concat(function, value),
            Name::Keys => Ok(match value {
                Value::Map(map) => Value::List(List::new(ListKind::Set, map.keys())),
                _ => Value::Null,
            }),
            Name::Append => self.append(function, value),
            Name::First => self.item(value, 0),
            Name::Last => self.item(value, -1),
            Name::Index => {
                let mut numbers = Vec::new();
                self.numbers(function, &mut numbers)?;
                match numbers.first() {
                    // AWS: none; json-path cuts a fraction off.
                    Some(place) => self.item(value, *place as i64),
                    None => failed("an index needs a number"),
                }
            }
        }
    }

    /// A parameter's value.
    fn parameter(&mut self, parameter: &Parameter) -> Result<Value, ReadError> {
        match parameter {
            Parameter::Json(text) => match super::path::json(text) {
                Some(value) => Ok(value),
                None => failed("a parameter is no JSON"),
            },
            Parameter::Path(path) => {
                let document = self.document.clone();
                self.read_from(path, &document, false)
            }
        }
    }

    /// The numbers among the parameters.
    fn numbers(&mut self, function: &Function, numbers: &mut Vec<f64>) -> Result<(), ReadError> {
        for parameter in &function.parameters {
            let value = self.parameter(parameter)?;
            match &value {
                Value::List(list) => numbers_of(list, numbers),
                Value::Number(number) => numbers.push(number.to_f64()),
                _ => {}
            }
        }
        self.spend(numbers.len() as u64)
    }

    fn aggregate(&mut self, function: &Function, value: &Value) -> Result<Value, ReadError> {
        let mut numbers = Vec::new();
        if let Value::List(list) = value {
            numbers_of(list, &mut numbers);
        }
        self.numbers(function, &mut numbers)?;
        if numbers.is_empty() {
            return failed("Aggregation function attempted to calculate value using empty array");
        }
        let (mut count, mut sum) = (0.0, 0.0);
        for number in &numbers {
            count += 1.0;
            sum += number;
        }
        let number = match function.name {
            Name::Sum => sum,
            Name::Avg => sum / count,
            Name::Min => numbers.iter().fold(f64::MAX, |least, number| if least > *number { *number } else { least }),
            // AWS: none; it begins at the least positive number, so that negative ones have that for their maximum.
            Name::Max => numbers.iter().fold(5e-324, |most, number| if most < *number { *number } else { most }),
            _ => {
                let squares = numbers.iter().fold(0.0, |sum, number| sum + number * number);
                (squares / count - sum * sum / count / count).sqrt()
            }
        };
        Ok(Value::Number(Number::Double(number)))
    }

    fn length(&mut self, function: &Function, value: &Value) -> Result<Value, ReadError> {
        let count = |length: usize| Ok(Value::from(i32::try_from(length).unwrap_or(i32::MAX)));
        if let Some(Parameter::Path(path)) = function.parameters.first() {
            if value.is_null() {
                return failed("root can not be null");
            }
            let mut run = Run { document: value, steps: self.steps };
            let found = match function.counts {
                // AWS: none; json-path counts the last of what a definite path's value holds.
                Some(true) => run.found(path, value, false)?.pop().ok_or(ReadError::NotFound)?,
                Some(false) => Value::list(run.found(path, value, false)?),
                None => run.read_from(path, value, false)?,
            };
            if let Value::List(list) = &found {
                return count(list.len());
            }
        }
        match value {
            Value::List(list) => count(list.len()),
            Value::Map(map) => count(map.len()),
            _ => Ok(Value::Null),
        }
    }

    fn concat(&mut self, function: &Function, value: &Value) -> Result<Value, ReadError> {
        let mut out = String::new();
        if let Value::List(list) = value {
            for item in list.items().iter() {
                out.push_str(item.as_str().unwrap_or_default());
            }
        }
        for parameter in &function.parameters {
            match self.parameter(parameter)? {
                Value::List(list) => {
                    for item in list.items().iter().filter(|item| !item.is_null()) {
                        let text = item.to_text().map_err(|_| ReadError::OutOfSteps)?;
                        out.push_str(&text);
                    }
                }
                other => out.push_str(other.as_str().unwrap_or_default()),
            }
            self.spend(out.len() as u64 / 16)?;
        }
        Ok(Value::text(out))
    }

    /// AWS: none; the list of the document itself grows.
    fn append(&mut self, function: &Function, value: &Value) -> Result<Value, ReadError> {
        for parameter in &function.parameters {
            if let Value::List(list) = value {
                let more = self.parameter(parameter)?;
                if self.holds(&more, list)? {
                    return failed("a list would hold itself");
                }
                self.spend(list.weight_of_change() as u64 / 64)?;
                // A copy: a document that holds a part of itself would be kept forever.
                let copy = self.copy(&more)?;
                list.push(copy);
            }
        }
        Ok(value.clone())
    }

    /// Whether a value is a list or has it somewhere inside.
    fn holds(&mut self, value: &Value, list: &List) -> Result<bool, ReadError> {
        let mut open = vec![value.clone()];
        while let Some(value) = open.pop() {
            self.spend(1)?;
            match &value {
                Value::List(other) if other.is_same(list) => return Ok(true),
                Value::List(other) => open.extend(other.items().iter().filter(|item| item.is_container()).cloned()),
                Value::Map(map) => open.extend(map.values().into_iter().filter(Value::is_container)),
                _ => {}
            }
        }
        Ok(false)
    }

    /// A copy that shares nothing with a value.
    fn copy(&mut self, value: &Value) -> Result<Value, ReadError> {
        self.spend(1)?;
        Ok(match value {
            Value::List(list) => {
                let items: Result<_, _> = list.items().iter().map(|item| self.copy(item)).collect();
                Value::List(List::new(list.kind(), items?))
            }
            Value::Map(map) => {
                let copy = Map::new();
                for (key, value) in map.keys().into_iter().zip(map.values()) {
                    copy.put(key, self.copy(&value)?);
                }
                Value::Map(copy)
            }
            plain => plain.clone(),
        })
    }

    #[expect(clippy::unused_self, reason = "as the other functions")]
    fn item(&mut self, value: &Value, place: i64) -> Result<Value, ReadError> {
        let Value::List(list) = value else {
            return failed("Aggregation function attempted to calculate value using empty array");
        };
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        // AWS: none; counted from the end, json-path does not reach the first item.
        let found = if place >= 0 { place } else { Some(length + place).filter(|place| *place > 0).unwrap_or(length) };
        match usize::try_from(found).ok().and_then(|found| list.get(found)) {
            Some(item) => Ok(item),
            None => failed("Target index is larger than object count"),
        }
    }
}

fn numbers_of(list: &List, numbers: &mut Vec<f64>) {
    numbers.extend(list.items().iter().filter_map(|item| match item {
        Value::Number(number) => Some(number.to_f64()),
        _ => None,
    }));
}
