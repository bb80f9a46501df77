//! Finds schemas that lead back to themselves without looking at a smaller part of the value: they would never end.

use super::schema::{Schema, SchemaId, Schemas};

/// A schema from which validation would never come back.
pub(super) fn find(schemas: &Schemas) -> Option<SchemaId> {
    // 0: not seen, 1: being looked at, 2: done.
    let mut seen = vec![0u8; schemas.nodes.len()];
    for start in 0..schemas.nodes.len() {
        let mut path = vec![(start, same_value(&schemas.nodes[start]))];
        if seen[start] != 0 {
            continue;
        }
        seen[start] = 1;
        while let Some((at, next)) = path.last_mut() {
            match next.pop().map(|id| id.0 as usize) {
                Some(to) if seen[to] == 1 => return Some(SchemaId(to as u32)),
                Some(to) if seen[to] == 0 => {
                    seen[to] = 1;
                    path.push((to, same_value(&schemas.nodes[to])));
                }
                Some(_) => {}
                None => {
                    seen[*at] = 2;
                    path.pop();
                }
            }
        }
    }
    None
}

/// The schemas that the very same value has to meet, or not.
fn same_value(schema: &Schema) -> Vec<SchemaId> {
    if let Some(target) = schema.reference {
        return vec![target];
    }
    let mut found = Vec::new();
    if let Some(combined) = &schema.combined {
        for list in [&combined.all_of, &combined.any_of, &combined.one_of] {
            found.extend_from_slice(list);
        }
        found.extend(combined.not);
    }
    if let Some(object) = &schema.object {
        found.extend(object.schema_dependencies.iter().map(|(_, schema)| *schema));
    }
    found
}
