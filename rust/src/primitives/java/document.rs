//! JSON as it was read: a table of nodes over the text, and no object before somebody asks for one. Lists and maps of a
//! document are handles to its nodes; as soon as one of them is changed, the whole document becomes objects of their own,
//! and all handles mean those.

use std::{cell::OnceCell, collections::HashMap, ops::Range, rc::Rc};

use super::{List, ListKind, Map, NoText, Number, Text, Value, json_write};

/// Texts up to here lie in a [`Text`] itself; longer ones are made once.
const SHORT: u32 = 23;

/// What is at one place of a document.
#[derive(Clone, Copy)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    Integer(i32),
    Wide(i64),
    Double(f64),
    /// Another number.
    Rare(u32),
    /// A piece of the text.
    Text {
        start: u32,
        length: u32,
    },
    /// A longer piece, and its number among those.
    Long {
        start: u32,
        length: u32,
        number: u32,
    },
    /// A text that had escapes in it.
    Escaped(u32),
    /// So many nodes from `start` on.
    List {
        start: u32,
        count: u32,
    },
    /// So many pairs of nodes, a key and its value, from `start` on.
    Map {
        start: u32,
        count: u32,
    },
    /// A map with a table of its keys.
    Large {
        start: u32,
        count: u32,
        table: u32,
    },
}

const _: () = assert!(size_of::<Node>() == 16);

impl Node {
    /// Its text; empty for what is none.
    #[inline]
    pub(super) fn text<'t>(&self, text: &'t str, escaped: &'t [Text]) -> &'t str {
        match self {
            Self::Text { start, length } | Self::Long { start, length, .. } => {
                &text[*start as usize..(*start + *length) as usize]
            }
            Self::Escaped(number) => &escaped[*number as usize],
            _ => "",
        }
    }

    /// The bytes of its text.
    #[inline]
    pub(super) fn bytes<'t>(&self, text: &'t str, escaped: &'t [Text]) -> &'t [u8] {
        match self {
            Self::Text { start, length } | Self::Long { start, length, .. } => {
                &text.as_bytes()[*start as usize..(*start + *length) as usize]
            }
            other => other.text(text, escaped).as_bytes(),
        }
    }

    /// Whether it is this text.
    #[inline]
    pub(super) fn is(&self, wanted: &[u8], text: &str, escaped: &[Text]) -> bool {
        match self {
            Self::Text { start, length } | Self::Long { start, length, .. } => {
                *length as usize == wanted.len() && text.as_bytes()[*start as usize..].starts_with(wanted)
            }
            Self::Escaped(number) => escaped[*number as usize].as_bytes() == wanted,
            _ => false,
        }
    }

    /// A number's node; rare ones are put aside.
    #[inline]
    pub(super) fn number(number: Number, rare: &mut Vec<Number>) -> Self {
        match number {
            Number::Integer(number) => Self::Integer(number),
            Number::Long(number) => Self::Wide(number),
            Number::Double(number) => Self::Double(number),
            other => {
                rare.push(other);
                Self::Rare((rare.len() - 1) as u32)
            }
        }
    }
}

/// Where the values of keys are, as numbers of their pairs; hashes nobody can foresee.
pub(super) type Table = HashMap<Text, u32>;

/// A text and what was read in it.
pub(super) struct Document {
    pub(super) text: Box<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) escaped: Vec<Text>,
    pub(super) rare: Vec<Number>,
    pub(super) tables: Vec<Table>,
    /// How many long texts there are.
    pub(super) long: u32,
    pub(super) made: OnceCell<Box<[OnceCell<Text>]>>,
    /// Every list and map by its node, once one was changed.
    pub(super) objects: OnceCell<HashMap<u32, Value>>,
}

/// A list or map of a document.
#[derive(Clone)]
pub(super) struct Handle {
    document: Rc<Document>,
    node: u32,
}

impl Handle {
    pub(super) fn new(document: Rc<Document>, node: u32) -> Self {
        Self { document, node }
    }

    /// The object, once the document is made of such.
    #[inline]
    pub(super) fn object(&self) -> Option<&Value> {
        self.document.objects.get().and_then(|objects| objects.get(&self.node))
    }

    /// The object, made now with all others of the document if need be.
    pub(super) fn become_object(&self) -> Option<&Value> {
        let document = &*self.document;
        let make = || {
            let mut objects = HashMap::new();
            if let Some(root) = document.nodes.len().checked_sub(1) {
                document.make(root as u32, &mut objects);
            }
            objects
        };
        document.objects.get_or_init(make).get(&self.node)
    }

    /// How many bytes it takes to become an object.
    pub(super) fn weight_of_objects(&self) -> usize {
        if self.document.objects.get().is_some() {
            return 0;
        }
        let weight = |node: &Node| match node {
            // A list or map, its place in another, and its place in the table of objects.
            Node::List { .. } | Node::Map { .. } | Node::Large { .. } => 144,
            _ => 32,
        };
        self.document.nodes.iter().map(weight).sum()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.document, &other.document) && self.node == other.node
    }

    /// What tells it from others while it lives.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(&self.document.nodes[self.node as usize]).addr()
    }

    /// How many items or entries there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self.document.nodes[self.node as usize] {
            Node::List { count, .. } | Node::Map { count, .. } | Node::Large { count, .. } => count as usize,
            _ => 0,
        }
    }

    /// What is at a place: of a list an item, of a map a key or a value.
    fn child(&self, index: usize) -> Value {
        self.value(self.first() + index as u32)
    }

    fn first(&self) -> u32 {
        match self.document.nodes[self.node as usize] {
            Node::List { start, .. } | Node::Map { start, .. } | Node::Large { start, .. } => start,
            _ => 0,
        }
    }

    /// The item of a list.
    pub(super) fn item(&self, index: usize) -> Option<Value> {
        (index < self.len()).then(|| self.child(index))
    }

    /// Every item of a list.
    pub(super) fn items(&self) -> Vec<Value> {
        (0..self.len()).map(|index| self.child(index)).collect()
    }

    /// The entry of a map at a place in the order.
    pub(super) fn entry(&self, index: usize) -> Option<(Value, Value)> {
        (index < self.len()).then(|| (self.child(2 * index), self.child(2 * index + 1)))
    }

    /// What a map has for a name.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.document.find(self.node, name).map(|node| self.value(node))
    }

    /// Appends the text of what some names lead to, one after the other, as far as the last is no list or map; gives whether
    /// it was.
    pub(super) fn write_plain<'n>(&self, names: impl IntoIterator<Item = &'n str>, out: &mut String) -> bool {
        let document = &*self.document;
        let mut node = self.node;
        for name in names {
            match document.find(node, name) {
                Some(found) => node = found,
                // What a map does not have is null, which has no text; of others their own properties are asked.
                None => {
                    return matches!(document.nodes[node as usize], Node::Map { .. } | Node::Large { .. } | Node::Null);
                }
            }
        }
        match &document.nodes[node as usize] {
            Node::Null => true,
            text @ (Node::Text { .. } | Node::Long { .. } | Node::Escaped(_)) => {
                out.push_str(document.text_of(text));
                true
            }
            Node::Integer(number) => {
                out.push_str(itoa::Buffer::new().format(*number));
                true
            }
            Node::Boolean(truth) => {
                out.push_str(if *truth { "true" } else { "false" });
                true
            }
            _ => false,
        }
    }

    #[inline]
    fn value(&self, node: u32) -> Value {
        let document = &self.document;
        match &document.nodes[node as usize] {
            Node::List { .. } => Value::List(List::of_document(Self::new(document.clone(), node))),
            Node::Map { .. } | Node::Large { .. } => Value::Map(Map::of_document(Self::new(document.clone(), node))),
            plain => document.plain(plain),
        }
    }

    /// Appends it as JSON.
    pub(super) fn write(
        &self,
        style: json_write::Style,
        out: &mut String,
        most: usize,
        depth: u32,
    ) -> Result<(), NoText> {
        self.document.write(self.node, style, out, most, depth)
    }
}

fn pairs(start: u32, count: u32) -> Range<usize> {
    start as usize..(start + 2 * count) as usize
}

impl Document {
    /// The text at a node; empty for what is none.
    #[inline]
    fn text_of(&self, node: &Node) -> &str {
        node.text(&self.text, &self.escaped)
    }

    /// The node of what a map has for a name.
    #[inline]
    fn find(&self, node: u32, name: &str) -> Option<u32> {
        match self.nodes[node as usize] {
            Node::Map { start, count } => {
                let pairs = &self.nodes[pairs(start, count)];
                let is_wanted = |pair: &[Node]| pair[0].is(name.as_bytes(), &self.text, &self.escaped);
                pairs.chunks_exact(2).position(is_wanted).map(|place| start + 2 * place as u32 + 1)
            }
            Node::Large { start, table, .. } => {
                self.tables[table as usize].get(name).map(|place| start + 2 * place + 1)
            }
            _ => None,
        }
    }

    /// What is neither a list nor a map.
    fn plain(&self, node: &Node) -> Value {
        match node {
            Node::Boolean(truth) => Value::Boolean(*truth),
            Node::Integer(number) => Value::Number(Number::Integer(*number)),
            Node::Wide(number) => Value::Number(Number::Long(*number)),
            Node::Double(number) => Value::Number(Number::Double(*number)),
            Node::Rare(number) => Value::Number(self.rare[*number as usize].clone()),
            Node::Text { .. } => Value::String(Text::new(self.text_of(node))),
            Node::Long { number, .. } => {
                let made = self.made.get_or_init(|| (0..self.long).map(|_| OnceCell::new()).collect());
                let text = || Text::new(self.text_of(node));
                Value::String(made[*number as usize].get_or_init(text).clone())
            }
            Node::Escaped(number) => Value::String(self.escaped[*number as usize].clone()),
            Node::Null | Node::List { .. } | Node::Map { .. } | Node::Large { .. } => Value::Null,
        }
    }

    /// Makes the objects of a node and of all that is in it.
    fn make(&self, node: u32, objects: &mut HashMap<u32, Value>) -> Value {
        let value = match self.nodes[node as usize] {
            Node::List { start, count } => {
                let items = (start..start + count).map(|item| self.make(item, objects)).collect();
                Value::List(List::new(ListKind::Json, items))
            }
            Node::Map { start, count } | Node::Large { start, count, .. } => {
                let map = Map::new();
                for place in 0..count {
                    let key = self.plain(&self.nodes[(start + 2 * place) as usize]);
                    map.add(key, self.make(start + 2 * place + 1, objects));
                }
                Value::Map(map)
            }
            ref plain => return self.plain(plain),
        };
        objects.insert(node, value.clone());
        value
    }

    fn write(
        &self,
        node: u32,
        style: json_write::Style,
        out: &mut String,
        most: usize,
        depth: u32,
    ) -> Result<(), NoText> {
        let deeper = depth.checked_sub(1).ok_or(NoText::TooLarge)?;
        let node = &self.nodes[node as usize];
        match *node {
            Node::Text { .. } | Node::Long { .. } | Node::Escaped(_) => {
                json_write::quote(self.text_of(node), style, out);
            }
            Node::List { start, count } => {
                out.push('[');
                for item in start..start + count {
                    if item > start {
                        out.push(',');
                    }
                    self.write(item, style, out, most, deeper)?;
                }
                out.push(']');
            }
            Node::Map { start, count } | Node::Large { start, count, .. } => {
                out.push('{');
                for place in 0..count {
                    if place > 0 {
                        out.push(',');
                    }
                    json_write::quote(self.text_of(&self.nodes[(start + 2 * place) as usize]), style, out);
                    out.push(':');
                    self.write(start + 2 * place + 1, style, out, most, deeper)?;
                }
                out.push('}');
            }
            ref plain => return json_write::write_nested(&self.plain(plain), style, out, most, depth),
        }
        if out.len() > most { Err(NoText::TooLarge) } else { Ok(()) }
    }
}

/// The node of a piece of the text.
#[inline]
pub(super) fn piece(start: usize, length: usize, long: &mut u32) -> Node {
    let (start, length) = (start as u32, length as u32);
    if length <= SHORT {
        return Node::Text { start, length };
    }
    *long += 1;
    Node::Long { start, length, number: *long - 1 }
}
