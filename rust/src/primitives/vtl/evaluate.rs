//! Expressions: their values, and whether they count as true.

use std::rc::Rc;

use super::{
    RenderError, arithmetic,
    render::{Renderer, Run},
    scopes::{Block, Loop},
    tree::{Comparison, Constant, Expression, Operands, Operator, Reference, Root, Step},
};
use crate::primitives::java::{List, ListKind, Map, Number, Text, Thrown, Value};

type Pair = (Expression, Expression);

impl<'t> Renderer<'t, '_> {
    pub(super) fn value(&mut self, expression: &'t Expression) -> Run<Value> {
        self.meter.step()?;
        match expression {
            Expression::Constant(constant) => Ok(constant_value(constant)),
            Expression::Reference(reference) => self.resolve(reference),
            Expression::Group(inner) => self.deeper(|this| this.value(inner)),
            Expression::Calculate(operator, operands) => self.deeper(|this| this.calculate(*operator, operands)),
            Expression::Interpolated(block, cut) => {
                let mut text = String::new();
                self.deeper(|this| this.block(*block, &mut text))?;
                if *cut {
                    text.pop();
                }
                self.meter.make(text.len())?;
                Ok(Value::String(Text::from(text)))
            }
            Expression::List(items) => self.deeper(|this| {
                this.meter.items(items.len())?;
                let items = items.iter().map(|item| this.value(item)).collect::<Run<Vec<_>>>()?;
                Ok(Value::List(List::new(ListKind::Array, items)))
            }),
            Expression::Map(entries) => self.deeper(|this| {
                this.meter.items(entries.len())?;
                let map = Map::new();
                for (key, value) in entries {
                    let key = this.value(key)?;
                    map.put(key, this.value(value)?);
                }
                Ok(Value::Map(map))
            }),
            Expression::Range(range) => self.range(range),
            _ => self.truth(expression).map(Value::Boolean),
        }
    }

    /// Whether an expression is true: a reference that has a value other than `false`, a comparison that holds. Literals
    /// of numbers, texts, lists and maps are not.
    pub(super) fn truth(&mut self, expression: &'t Expression) -> Run<bool> {
        self.meter.step()?;
        match expression {
            Expression::Constant(Constant::Boolean(truth)) => Ok(*truth),
            Expression::Reference(reference) => {
                if let Some(has_next) = self.has_next(reference) {
                    self.meter.step()?;
                    return Ok(has_next);
                }
                let value = self.resolve(reference)?;
                match &value {
                    Value::Null => Ok(false),
                    Value::Boolean(truth) => Ok(*truth),
                    Value::Object(_) => match Block::of(&value) {
                        Some(block) => Ok(self.block_text(&block)?.is_some()),
                        None => Ok(true),
                    },
                    _ => Ok(true),
                }
            }
            Expression::Group(inner) => self.deeper(|this| this.truth(inner)),
            Expression::Not(inner) => self.deeper(|this| Ok(!this.truth(inner)?)),
            Expression::And(pair) => self.deeper(|this| Ok(this.truth(&pair.0)? && this.truth(&pair.1)?)),
            Expression::Or(pair) => self.deeper(|this| Ok(this.truth(&pair.0)? || this.truth(&pair.1)?)),
            Expression::Compare(comparison, pair) => self.deeper(|this| this.compare(*comparison, pair)),
            _ => Ok(false),
        }
    }

    /// `$foreach.hasNext`, the condition of most loops.
    #[inline]
    fn has_next(&self, reference: &Reference) -> Option<bool> {
        let (true, [Step::Property(name)]) = (self.tree.known.foreach == Some(reference.slot), &*reference.steps)
        else {
            return None;
        };
        if reference.root != Root::Variable || name != "hasNext" || self.frame.is_some() || !self.held.is_empty() {
            return None;
        }
        Loop::of(&self.slots[reference.slot as usize]).map(|running| running.has_next.get())
    }

    fn compare(&mut self, comparison: Comparison, pair: &'t Pair) -> Run<bool> {
        if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            let equal = match (&pair.0, &pair.1) {
                (other, Expression::Constant(Constant::Text(text)))
                | (Expression::Constant(Constant::Text(text)), other) => {
                    let value = self.value(other)?;
                    self.equals_text(&value, text)?
                }
                _ => {
                    let left = self.value(&pair.0)?;
                    let right = self.value(&pair.1)?;
                    self.equals(&left, &right)?
                }
            };
            return Ok(equal == (comparison == Comparison::Equal));
        }
        let left = self.value(&pair.0)?;
        let right = self.value(&pair.1)?;
        let (Value::Number(left), Value::Number(right)) = (&left, &right) else { return Ok(false) };
        let order = arithmetic::compare(left, right)?;
        Ok(match comparison {
            Comparison::Less => order.is_lt(),
            Comparison::LessEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            _ => order.is_ge(),
        })
    }

    fn equals_text(&mut self, value: &Value, text: &str) -> Run<bool> {
        match value {
            Value::String(other) => Ok(other == text),
            // AWS: null is equal to the empty text.
            Value::Null => Ok(text.is_empty()),
            other => Ok(self.text_or_null(other)?.map_or(text.is_empty(), |other| other == text)),
        }
    }

    /// `==`: numbers by value, objects of one class by `equals`, anything else by its text.
    fn equals(&mut self, left: &Value, right: &Value) -> Run<bool> {
        match (left, right) {
            (Value::Null, Value::Null) => Ok(true),
            (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => Ok(text.is_empty()),
            (Value::Null, other) | (other, Value::Null) => match Block::of(other) {
                Some(_) => Ok(self.text_or_null(other)?.is_none_or(|text| text.is_empty())),
                None => Ok(false),
            },
            (Value::Number(left), Value::Number(right)) => Ok(arithmetic::compare(left, right)?.is_eq()),
            (Value::List(a), Value::List(b)) => {
                self.meter.look(a.len().min(b.len()))?;
                Ok(left == right)
            }
            (Value::String(_), Value::String(_))
            | (Value::Boolean(_), Value::Boolean(_))
            | (Value::Character(_), Value::Character(_))
            | (Value::Map(_), Value::Map(_))
            | (Value::Entry(_), Value::Entry(_)) => Ok(left == right),
            (Value::Object(a), Value::Object(b)) if is_one_class(left, right) => Ok(Rc::ptr_eq(a, b)),
            _ => {
                let (left, right) = (self.text_or_null(left)?, self.text_or_null(right)?);
                Ok(left.unwrap_or_default() == right.unwrap_or_default())
            }
        }
    }

    fn calculate(&mut self, operator: Operator, operands: &'t Operands) -> Run<Value> {
        let left = self.value(&operands.left)?;
        let right = self.value(&operands.right)?;
        if let Some([left_source, right_source]) = &operands.literals
            && (left.as_str().is_some() || right.as_str().is_some())
        {
            let mut text = String::new();
            for (value, source) in [(&left, left_source), (&right, right_source)] {
                match value {
                    Value::Null => text.push_str(source),
                    value => match self.text_or_null(value)? {
                        Some(shown) => self.write(&shown, &mut text)?,
                        None => return Err(Thrown::new("NullPointerException", "").into()),
                    },
                }
            }
            self.meter.make(text.len())?;
            return Ok(Value::String(Text::from(text)));
        }
        let (Value::Number(left), Value::Number(right)) = (&left, &right) else { return Ok(Value::Null) };
        if !matches!((left, right), (Number::Integer(_), Number::Integer(_))) {
            self.meter.make(16)?;
        }
        if matches!(left, Number::BigInteger(_) | Number::BigDecimal(_))
            || matches!(right, Number::BigInteger(_) | Number::BigDecimal(_))
        {
            // At most 20,000 digits are calculated with: never more than this many words looked at.
            self.meter.make(4096)?;
        }
        Ok(arithmetic::calculate(operator, left, right)?.map_or(Value::Null, Value::Number))
    }

    fn range(&mut self, range: &'t Pair) -> Run<Value> {
        let Some((from, to)) = self.bounds(range)? else { return Ok(Value::Null) };
        let count = usize::try_from(i64::from(from).abs_diff(i64::from(to)) + 1).map_err(|_| RenderError::Memory)?;
        self.meter.items(count)?;
        let item = |number| Value::Number(Number::Integer(number));
        let items = if from >= to { (to..=from).rev().map(item).collect() } else { (from..=to).map(item).collect() };
        Ok(Value::List(List::new(ListKind::Array, items)))
    }

    /// The ends of a range, when both are numbers.
    pub(super) fn bounds(&mut self, range: &'t Pair) -> Run<Option<(i32, i32)>> {
        let left = self.value(&range.0)?;
        let right = self.value(&range.1)?;
        match (left, right) {
            (Value::Number(from), Value::Number(to)) => Ok(Some((from.to_i32(), to.to_i32()))),
            _ => Ok(None),
        }
    }

    /// Appends what `toString()` of a value gives.
    pub(super) fn append(&mut self, value: &Value, out: &mut String) -> Run<()> {
        if let Value::String(text) = value {
            return self.write(text, out);
        }
        if let Some(block) = Block::of(value) {
            let text = self.block_text(&block)?;
            return self.write(&text.unwrap_or_default(), out);
        }
        let before = out.len();
        if self.tree.has_blocks && value.is_container() {
            self.without_blocks(value, false)?.write_text(out, self.meter.output)?;
        } else {
            value.write_text(out, self.meter.output)?;
        }
        self.meter.look(out.len() - before)?;
        Ok(())
    }

    /// A copy of a list or map in which blocks are texts; in JSON they are empty objects, as json-smart sees them.
    fn without_blocks(&mut self, value: &Value, in_json: bool) -> Run<Value> {
        self.meter.items(1)?;
        self.deeper(|this| {
            Ok(match value {
                Value::Object(object) => match Block::of(value) {
                    Some(_) if in_json => Value::Map(Map::new()),
                    Some(block) => this.block_text(&block)?.map_or(Value::Null, Value::from),
                    None => Value::Object(object.clone()),
                },
                Value::List(list) => {
                    let json = !matches!(list.kind(), ListKind::Set | ListKind::Collection);
                    let items = list.items().to_vec();
                    let copied = items.iter().map(|item| this.without_blocks(item, json || in_json));
                    Value::List(List::new(list.kind(), copied.collect::<Run<Vec<_>>>()?))
                }
                Value::Map(map) => {
                    let copy = Map::new();
                    let mut index = 0;
                    while let Some((key, value)) = map.entry_at(index) {
                        // A block that is too often in itself is an object whose text is none.
                        let key = match Block::of(&key) {
                            Some(block) => this.block_text(&block)?.map_or_else(|| "null".into(), Value::from),
                            None => this.without_blocks(&key, false)?,
                        };
                        let value = this.without_blocks(&value, in_json)?;
                        copy.put(key, value);
                        index += 1;
                    }
                    Value::Map(copy)
                }
                other => other.clone(),
            })
        })
    }

    pub(super) fn text_of(&mut self, value: &Value) -> Run<Text> {
        Ok(self.text_or_null(value)?.unwrap_or_default())
    }

    /// The text of a value; nothing for a block that is too often in itself.
    pub(super) fn text_or_null(&mut self, value: &Value) -> Run<Option<Text>> {
        if let Value::String(text) = value {
            return Ok(Some(text.clone()));
        }
        if let Some(block) = Block::of(value) {
            let text = self.block_text(&block)?;
            self.meter.make(text.as_ref().map_or(0, String::len))?;
            return Ok(text.map(Text::from));
        }
        let mut text = String::new();
        self.append(value, &mut text)?;
        self.meter.make(text.len())?;
        Ok(Some(Text::from(text)))
    }
}

/// Whether both are blocks or both are loops: such are equal to themselves only.
fn is_one_class(left: &Value, right: &Value) -> bool {
    Block::of(left).is_some() && Block::of(right).is_some() || Loop::of(left).is_some() && Loop::of(right).is_some()
}

fn constant_value(constant: &Constant) -> Value {
    match constant {
        Constant::Null => Value::Null,
        Constant::Boolean(truth) => Value::Boolean(*truth),
        Constant::Integer(number) => Value::Number(Number::Integer(*number)),
        Constant::Long(number) => Value::Number(Number::Long(*number)),
        Constant::Big(digits) => {
            digits.parse().map_or(Value::Null, |number| Value::Number(Number::BigInteger(std::rc::Rc::new(number))))
        }
        Constant::Double(number) => Value::Number(Number::Double(*number)),
        Constant::Text(text) => Value::String(text.clone()),
    }
}
