//! What a filter makes of an item.

use super::{
    compare,
    operand::{Operand, Side},
    path::{Path, Test},
    read::{ReadError, Run},
};
use crate::primitives::java::Value;

impl Run<'_> {
    /// Whether an item passes.
    pub(super) fn passes(&mut self, test: &Test, item: &Value) -> Result<bool, ReadError> {
        self.spend(1)?;
        match test {
            Test::And(tests) => {
                for test in tests {
                    if !self.passes(test, item)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Or(tests) => {
                for test in tests {
                    if self.passes(test, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::Not(test) => Ok(!self.passes(test, item)?),
            Test::Exists(path, wanted) => Ok(self.exists(path, item)? == *wanted),
            Test::Compare(left, operator, right) => {
                let (left, right) = (self.side(left, item)?, self.side(right, item)?);
                self.spend(left.size() + right.size())?;
                let holds = compare::holds(&left, *operator, &right, self);
                self.looked()?;
                holds
            }
        }
    }

    /// Whether a path finds something; names that are not there count as nothing even where others would be found.
    fn exists(&mut self, path: &Path, item: &Value) -> Result<bool, ReadError> {
        // AWS: none; json-path asks the item even where the path begins at the document.
        match self.read_from(path, item, true) {
            Ok(_) => Ok(true),
            Err(ReadError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn side<'p>(&mut self, operand: &'p Operand, item: &Value) -> Result<Side<'p>, ReadError> {
        Ok(match operand {
            Operand::String(text) => Side::String((**text).into()),
            Operand::Number(number) => Side::Number(number.clone()),
            Operand::Boolean(truth) => Side::Boolean(*truth),
            Operand::Null => Side::Null,
            Operand::Json(text) => Side::Written(text),
            Operand::Regex(regex) => Side::Regex(regex),
            Operand::Path(path) => {
                let from = if path.from_item { item.clone() } else { self.document.clone() };
                match self.read_from(path, &from, false) {
                    Ok(value) => Side::found(&value).map_err(ReadError::Failed)?,
                    Err(ReadError::NotFound) => Side::Undefined,
                    Err(error) => return Err(error),
                }
            }
        })
    }
}
