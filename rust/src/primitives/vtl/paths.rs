//! The seam to `JSONPath`.

use crate::primitives::java::Value;

/// A compiled `JSONPath`.
pub(super) struct Path(Vec<Part>);

enum Part {
    Name(String),
    Index(usize),
}

impl Path {
    pub(super) fn compile(path: &str) -> Result<Self, ()> {
        let mut rest = path.strip_prefix('$').ok_or(())?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                if end == 0
                    || !after[..end].chars().all(|character| character.is_alphanumeric() || "_-".contains(character))
                {
                    return Err(());
                }
                parts.push(Part::Name(after[..end].to_owned()));
                rest = &after[end..];
            } else {
                let (inside, after) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or(())?;
                parts.push(match inside.parse() {
                    Ok(index) => Part::Index(index),
                    Err(_) => Part::Name(inside.trim_matches(['\'', '"']).to_owned()),
                });
                rest = after;
            }
        }
        Ok(Self(parts))
    }

    /// What the path leads to.
    pub(super) fn read(&self, root: &Value) -> Option<Value> {
        let mut value = root.clone();
        for part in &self.0 {
            value = match (part, &value) {
                (Part::Name(name), Value::Map(map)) => map.get(name)?,
                (Part::Index(index), Value::List(list)) => list.get(*index)?,
                _ => return None,
            };
        }
        Some(value)
    }
}

/// Reads a path within what is left of the limits; nothing when it leads nowhere.
pub(super) fn read(
    meter: &mut super::meter::Meter,
    path: &Path,
    root: &Value,
) -> Result<Option<Value>, super::RenderError> {
    meter.step()?;
    Ok(path.read(root))
}
