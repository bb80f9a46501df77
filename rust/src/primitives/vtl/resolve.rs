//! References: from a variable or an object of the gateway along properties, methods and indexes.

use std::rc::Rc;

use super::{
    Place, RenderError, methods, paths,
    render::{Renderer, Run},
    scopes::{Block, Gateway, Loop},
    tree::{Expression, Reference, Root, Shown, Slot, Step},
    util,
};
use crate::primitives::java::{
    self, Entry, Map, Number, Text, Unread, Value,
    json_write::{self, Style},
};

impl<'t> Renderer<'t, '_> {
    /// Writes what a reference shows; null shows nothing.
    pub(super) fn show(&mut self, shown: &'t Shown, out: &mut String) -> Run<()> {
        let reference = &shown.reference;
        // The usual ones need no value of their own.
        if !self.tree.shadowed {
            match (reference.root, &*reference.steps) {
                (Root::Input, [Step::Json(path)]) => {
                    self.before(shown, out)?;
                    return self.write_json(path, out);
                }
                (Root::Input, [Step::Property(name)]) if name == "body" => {
                    self.before(shown, out)?;
                    return self.write_body(out);
                }
                (Root::Util, [Step::Method(name, arguments)]) if name == "escapeJavaScript" && arguments.len() == 1 => {
                    let value = self.value(&arguments[0])?;
                    self.before(shown, out)?;
                    return self.write_escaped(&value, out);
                }
                (Root::Variable, steps) if self.show_plain(reference.slot, steps, shown, out)? => return Ok(()),
                _ => {}
            }
        }
        let value = self.resolve(reference)?;
        if let Some(block) = Block::of(&value) {
            // Velocity shows a block without what stands before it; one that is too often in itself by its source.
            if self.kept_block(&block, out)? {
                return Ok(());
            }
            self.write(&shown.backslashes, out)?;
            self.before(shown, out)?;
            return self.literal(shown, out);
        }
        self.before(shown, out)?;
        match &value {
            Value::Null => Ok(()),
            _ => self.append(&value, out),
        }
    }

    /// Shows what names lead to in the body, as it was read: nothing is made for it. Whether that could be done.
    #[inline]
    fn show_plain(&mut self, slot: Slot, steps: &'t [Step], shown: &'t Shown, out: &mut String) -> Run<bool> {
        let is_usual = self.frame.is_none() && self.held.is_empty() && shown.before.is_empty();
        let (true, Value::Map(map)) = (is_usual && shown.backslashes.is_empty(), &self.slots[slot as usize]) else {
            return Ok(false);
        };
        if steps.is_empty() || !steps.iter().all(|step| matches!(step, Step::Property(_))) {
            return Ok(false);
        }
        let names = steps.iter().filter_map(|step| match step {
            Step::Property(name) => Some(name.as_str()),
            _ => None,
        });
        let before = out.len();
        if !map.write_plain(names, out) {
            return Ok(false);
        }
        self.meter.step()?;
        self.wrote(before, out)?;
        Ok(true)
    }

    fn write_body(&mut self, out: &mut String) -> Run<()> {
        let body = self.scope.body();
        if out.len() + body.len() > self.meter.output {
            return Err(RenderError::Memory.into());
        }
        self.meter.look(body.len())?;
        out.push_str(body);
        Ok(())
    }

    fn write_escaped(&mut self, value: &Value, out: &mut String) -> Run<()> {
        if value.is_null() {
            return Ok(());
        }
        let text = self.text_of(value)?;
        self.meter.look(text.len())?;
        util::escape_java_script(&text, out);
        self.write("", out)
    }

    pub(super) fn resolve(&mut self, reference: &'t Reference) -> Run<Value> {
        if reference.root == Root::Variable {
            let value = self.get(reference.slot)?;
            return self.steps(value, &reference.steps);
        }
        if self.tree.shadowed {
            let own = self.get(reference.slot)?;
            if !own.is_null() {
                return self.steps(own, &reference.steps);
            }
        }
        let steps = &reference.steps;
        match (reference.root, &**steps) {
            (Root::Context, _) => {
                let (value, used) = self.scope.context(&reference.path);
                self.steps(value, &steps[used.min(steps.len())..])
            }
            (Root::StageVariables, _) => {
                if let Some(name) = reference.path.first() {
                    let value = self.scope.stage_variable(name).map_or(Value::Null, Value::String);
                    return self.steps(value, &steps[1..]);
                }
                let map = self.stage_variables();
                self.steps(Value::Map(map), steps)
            }
            (root, []) => Ok(Value::Object(Rc::new(Gateway(root)))),
            (root, [first, rest @ ..]) => {
                let value = self.gateway(root, first)?;
                self.steps(value, rest)
            }
        }
    }

    fn steps(&mut self, mut value: Value, steps: &'t [Step]) -> Run<Value> {
        for step in steps {
            if value.is_null() {
                break;
            }
            self.meter.step()?;
            value = match step {
                Step::Property(name) => self.property(&value, name)?,
                Step::Index(index) => {
                    let index = self.value(index)?;
                    self.index(&value, index)?
                }
                Step::Method(name, arguments) => {
                    if let Some(gateway) = gateway_of(&value) {
                        self.gateway(gateway, step)?
                    } else {
                        let arguments = self.arguments(arguments)?;
                        self.invoke(&value, name, &arguments)?
                    }
                }
                Step::Json(_) | Step::Path(_) => Value::Null,
            };
        }
        Ok(value)
    }

    fn arguments(&mut self, arguments: &'t [Expression]) -> Run<Vec<Value>> {
        if arguments.is_empty() {
            return Ok(Vec::new());
        }
        self.deeper(|this| arguments.iter().map(|argument| this.value(argument)).collect())
    }

    /// Calls a method; null when there is none that takes such arguments.
    fn invoke(&mut self, target: &Value, name: &str, arguments: &[Value]) -> Run<Value> {
        if Block::of(target).is_some() {
            return Ok(match (name, arguments) {
                ("toString", []) => self.text_or_null(target)?.map_or(Value::Null, Value::String),
                ("equals", [other]) => Value::Boolean(target == other),
                ("hashCode", []) => Value::Number(Number::Integer(0)),
                ("toString" | "hashCode", _) => {
                    return Err(java::Thrown::new("IllegalArgumentException", "wrong number of arguments").into());
                }
                _ => Value::Null,
            });
        }
        Ok(methods::call(&mut self.meter, target, name, arguments)?.unwrap_or_default())
    }

    fn property(&mut self, target: &Value, name: &Text) -> Run<Value> {
        Ok(match target {
            Value::Map(map) => map.get(name).unwrap_or_default(),
            Value::Object(object) => match gateway_of(target) {
                Some(Root::Input) if name == "body" => Value::text(self.scope.body()),
                Some(Root::Context) => self.context_map().get(name).unwrap_or_default(),
                Some(Root::StageVariables) => self.stage_variables().get(name).unwrap_or_default(),
                Some(_) => Value::Null,
                None => object.property(name).unwrap_or_default(),
            },
            other => methods::property(&mut self.meter, other, name)?.unwrap_or_default(),
        })
    }

    /// `$target[index]`: `get(index)`, from the end for a negative integer.
    fn index(&mut self, target: &Value, index: Value) -> Run<Value> {
        let index = counted_from_end(target, index)?;
        match target {
            Value::List(_) | Value::Map(_) => {
                Ok(methods::call(&mut self.meter, target, "get", &[index])?.unwrap_or_default())
            }
            Value::Object(_) => match (gateway_of(target), index) {
                (Some(_), Value::String(name)) => self.property(target, &name),
                (Some(_), _) => Ok(Value::Null),
                (None, index) => self.invoke(target, "get", &[index]),
            },
            _ => Ok(Value::Null),
        }
    }

    fn gateway(&mut self, root: Root, step: &'t Step) -> Run<Value> {
        match (root, step) {
            (Root::Input, Step::Json(path)) => self.json_text(path),
            (Root::Input, Step::Path(path)) => Ok(self.read(path)?.unwrap_or_default()),
            (Root::Input, Step::Property(name)) if name == "body" => Ok(Value::text(self.scope.body())),
            (Root::Context | Root::StageVariables, Step::Method(name, arguments)) => {
                let map = if root == Root::Context { self.context_map() } else { self.stage_variables() };
                let arguments = self.arguments(arguments)?;
                self.invoke(&Value::Map(map), name, &arguments)
            }
            (Root::Input, Step::Method(name, arguments)) => {
                let arguments = self.arguments(arguments)?;
                self.input(name, &arguments)
            }
            (Root::Util, Step::Method(name, arguments)) => {
                let arguments = self.arguments(arguments)?;
                match &arguments[..] {
                    [argument] => {
                        let argument = match argument {
                            Value::Null => None,
                            other => Some(self.text_of(other)?),
                        };
                        util::call(&mut self.meter, name, argument)
                    }
                    _ => Ok(Value::Null),
                }
            }
            _ => Ok(Value::Null),
        }
    }

    fn input(&mut self, name: &str, arguments: &[Value]) -> Run<Value> {
        match (name, arguments) {
            ("json" | "path", [Value::String(text)]) => {
                self.meter.look(text.len() * 64)?;
                if text.contains("=~") {
                    self.meter.compile(text)?;
                }
                let Ok(path) = paths::Path::compile(text) else {
                    return Err(java::Thrown::new("InvalidPathException", text.to_string()).into());
                };
                if name == "json" { self.json_text(&path) } else { Ok(self.read(&path)?.unwrap_or_default()) }
            }
            ("params", []) => Ok(Value::Map(self.parameters()?)),
            ("params", [Value::String(name)]) => {
                if let Some(text) = self.scope.parameter(name) {
                    return Ok(Value::String(text));
                }
                Ok(match name.as_str() {
                    "path" | "querystring" | "header" => self.parameters()?.get(name).unwrap_or_default(),
                    _ => Value::String(Text::default()),
                })
            }
            _ => Ok(Value::Null),
        }
    }

    /// `$input.params()`: maps of their own whenever they are asked for, so that a change of one is not seen in another.
    fn parameters(&mut self) -> Run<Map> {
        let all = Map::new();
        for (name, place) in [("path", Place::Path), ("querystring", Place::Query), ("header", Place::Header)] {
            let map = self.scope.parameters(place);
            self.meter.items(map.len())?;
            all.put(Value::String(Text::new_static(name)), Value::Map(map));
        }
        Ok(all)
    }

    fn stage_variables(&mut self) -> Map {
        let scope = &mut *self.scope;
        self.stage_variables.get_or_insert_with(|| scope.stage_variables()).clone()
    }

    fn context_map(&mut self) -> Map {
        match self.scope.context(&[]).0 {
            Value::Map(map) => map,
            _ => Map::new(),
        }
    }

    /// The body as JSON; null when it is none.
    fn body(&mut self) -> Run<Value> {
        if self.json.is_none() {
            let read = java::read_within(self.scope.body(), self.meter.room_for_values());
            self.json = Some(match read {
                Ok((value, taken)) => {
                    self.meter.make(taken)?;
                    value
                }
                Err(Unread::TooLarge) => return Err(RenderError::Memory.into()),
                Err(Unread::NotJson(_)) => Value::Null,
            });
        }
        Ok(self.json.clone().unwrap_or_default())
    }

    /// What a path leads to in the body.
    fn read(&mut self, path: &paths::Path) -> Run<Option<Value>> {
        let body = self.body()?;
        if !body.is_container() {
            return Ok(None);
        }
        paths::read(&mut self.meter, path, &body).map_err(Into::into)
    }

    /// What `$input.json` gives: the JSON of what the path leads to, or `""`.
    fn write_json(&mut self, path: &paths::Path, out: &mut String) -> Run<()> {
        match self.read(path)? {
            None => self.write("\"\"", out),
            Some(value) => {
                let before = out.len();
                json_write::write(&value, Style::Json, out, self.meter.output)?;
                self.meter.look(out.len() - before)?;
                Ok(())
            }
        }
    }

    fn json_text(&mut self, path: &paths::Path) -> Run<Value> {
        let mut text = String::new();
        self.write_json(path, &mut text)?;
        self.meter.make(text.len())?;
        Ok(Value::String(Text::from(text)))
    }

    /// Gives what a reference names a value; one that leads nowhere stays as it is.
    pub(super) fn assign(&mut self, target: &'t Reference, value: Value) -> Run<()> {
        let Some((last, before)) = target.steps.split_last() else {
            if value.is_null() {
                self.remove(target.slot);
            } else {
                self.put(target.slot, &value);
            }
            return Ok(());
        };
        let holder = match target.root {
            Root::Variable => {
                let base = self.get(target.slot)?;
                self.steps(base, before)?
            }
            Root::Context => {
                let names = &target.path[..target.path.len().min(before.len())];
                let (base, used) = self.scope.context(names);
                self.steps(base, &before[used.min(before.len())..])?
            }
            _ => Value::Null,
        };
        match (holder, last) {
            (Value::Map(map), Step::Property(name)) => {
                methods::put(&mut self.meter, &map, Value::String(name.clone()), value)?;
            }
            (Value::Entry(entry), Step::Property(name)) if name == "value" || name == "Value" => {
                self.set_entry(&entry, value)?;
            }
            (Value::Object(object), Step::Property(name)) => {
                if let Some(scope) = object.as_any().downcast_ref::<Loop>() {
                    self.meter.items(1)?;
                    self.meter.changed(Value::Object(object.clone()), &value);
                    scope.put(Value::String(name.clone()), value);
                }
            }
            (holder, Step::Index(index)) => {
                let index = self.value(index)?;
                let index = counted_from_end(&holder, index)?;
                let name = if matches!(holder, Value::List(_)) { "set" } else { "put" };
                if matches!(holder, Value::List(_) | Value::Map(_)) {
                    methods::call(&mut self.meter, &holder, name, &[index, value])?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn set_entry(&mut self, entry: &Entry, value: Value) -> Run<()> {
        methods::put(&mut self.meter, entry.map(), entry.key().clone(), value)?;
        Ok(())
    }
}

fn gateway_of(value: &Value) -> Option<Root> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref::<Gateway>().map(|gateway| gateway.0),
        _ => None,
    }
}

/// A negative integer counts from the end.
fn counted_from_end(target: &Value, index: Value) -> Run<Value> {
    let Value::Number(Number::Integer(negative @ ..0)) = index else { return Ok(index) };
    let size = match target {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return Err(java::Thrown::new("VelocityException", "a negative index needs a size").into()),
    };
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    Ok(Value::Number(Number::Integer(negative.saturating_add(size))))
}
