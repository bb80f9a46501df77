//! Paths with variables, matched by verb: a path without variables by one hash of the whole, the others in a trie of segments with
//! backtracking. A lookup allocates nothing and needs no stack; a million paths cost it a cache miss or two more than ten.
//!
//! At each node the literal child is tried, then the variable one; a node is accepted only when the path is used up and the node
//! has the verb. It knows nothing of HTTP: a verb is a bit, slashes are the only separators, nothing is decoded.

use std::{collections::hash_map::Entry, hash::Hasher};

use memchr::{memchr, memrchr};
use rustc_hash::{FxHashMap, FxHasher};

use super::find::find;

/// Paths, numbered in the order in which they were given.
#[derive(Debug, Default)]
pub struct PathTree {
    /// All paths, each followed by `END`.
    text: Box<[u8]>,
    /// Where each path begins in `text`.
    starts: Box<[u32]>,
    /// Paths without variables by the hash of the whole; a power of two of slots.
    literals: Box<[Literal]>,
    /// Literal segments by parent and hash; a power of two of slots. Only for nodes that lead to a variable.
    edges: Box<[Edge]>,
    /// The trie of the paths with variables; the first is the root. Empty when there is none.
    nodes: Box<[Node]>,
}

/// Why a path cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// It does not begin with a slash, or ends with one, or has an empty segment.
    #[error("a path begins with a slash and has no empty segment")]
    Shape,
    /// Braces that are not around a whole segment, or around no name.
    #[error("a path variable is a whole segment, {{name}} or {{name+}}")]
    Variable,
    /// `{name+}` is not the last segment.
    #[error("nothing can follow a greedy path variable")]
    Greedy,
    /// A resource has two children that are variables.
    #[error("a sibling of this resource already has a variable path part -- only one is allowed")]
    Sibling,
    /// The same path was given before.
    #[error("the path is there twice")]
    Duplicate,
    /// Over 64 KB, or all paths together over 4 GB.
    #[error("the path is too long")]
    Length,
}

/// What follows every path in `text`; no path holds it.
const END: u8 = 0;
/// "No such node" and "no path ends here".
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Literal {
    /// A part of the hash.
    tag: u32,
    /// The path's number; `NONE` in an empty slot.
    path: u32,
    /// Where it begins in `text`, so that a hit need not look at `starts`.
    start: u32,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    /// A part of the hash.
    tag: u32,
    /// The child; `NONE` in an empty slot.
    node: u32,
}

/// Half a cache line, its segment's text included where it is short: entering a node costs one miss.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Node {
    parent: u32,
    /// The child that takes any segment, or all that are left.
    variable: u32,
    /// The path that ends here.
    path: u32,
    length: u16,
    /// The verbs of the path that ends here.
    verbs: u8,
    kind: Kind,
    /// The segment, or where in `text` a longer one is.
    segment: [u8; INLINE],
}

/// Segments up to this length stand in their node.
const INLINE: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Literal,
    Variable,
    Greedy,
}

impl Node {
    /// Whether this is the node's segment.
    #[inline]
    fn is(&self, segment: &[u8], text: &[u8]) -> bool {
        usize::from(self.length) == segment.len() && self.segment(text) == segment
    }

    #[inline]
    fn segment<'a>(&'a self, text: &'a [u8]) -> &'a [u8] {
        let length = usize::from(self.length);
        if let Some(inline) = self.segment.get(..length) {
            return inline;
        }
        let [a, b, c, d, ..] = self.segment;
        &text[u32::from_le_bytes([a, b, c, d]) as usize..][..length]
    }
}

/// A segment as a node holds it; it stands in `text` at `at`.
fn inline(segment: &[u8], at: u32) -> [u8; INLINE] {
    let mut held = [0; INLINE];
    match held.get_mut(..segment.len()) {
        Some(place) => place.copy_from_slice(segment),
        None => held[..4].copy_from_slice(&at.to_le_bytes()),
    }
    held
}

impl PathTree {
    /// Builds the tree of `paths`, each with its set of verbs; reports all paths that cannot be in it, by number.
    pub fn build<'a>(paths: impl IntoIterator<Item = (&'a str, u8)>) -> Result<Self, Vec<(usize, PathProblem)>> {
        Builder::default().build(paths)
    }

    /// The number of the path that matches, with `verb` (one bit) among its verbs. `capture` is given start and end of each
    /// variable's value in `path`, in the order of the matched path. `path` begins with a slash and, but for `/`, does not end with one.
    #[inline]
    pub fn find(&self, path: &[u8], verb: u8, capture: impl FnMut(u32, u32)) -> Option<u32> {
        if let Some(found) = self.find_literal(path, verb) {
            return Some(found);
        }
        let found = self.find_variable(path, verb)?;
        self.captures(found, path, capture);
        Some(found)
    }

    /// The path of a number, as it was given; empty when there is none.
    pub fn path(&self, number: u32) -> &[u8] {
        let Some(&start) = self.starts.get(number as usize) else { return &[] };
        // Paths stand one after the other in the order of their numbers, each with its `END`.
        let next = self.starts.get(number as usize + 1).map_or(self.text.len(), |next| *next as usize);
        &self.text[start as usize..next - 1]
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Bytes of memory that the tree holds.
    pub fn memory(&self) -> usize {
        size_of_val(&*self.text)
            + size_of_val(&*self.starts)
            + size_of_val(&*self.literals)
            + size_of_val(&*self.edges)
            + size_of_val(&*self.nodes)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "once a request; measured")]
    fn find_literal(&self, path: &[u8], verb: u8) -> Option<u32> {
        let mask = self.literals.len().checked_sub(1)?;
        let hash = hash_path(path);
        let tag = literal_tag(hash);
        let mut at = hash as usize & mask;
        loop {
            let slot = self.literals[at];
            if slot.path == NONE {
                return None;
            }
            if slot.tag & TAG == tag && self.is_at(slot.start, path) {
                return (slot.tag & u32::from(verb) != 0).then_some(slot.path);
            }
            at = (at + 1) & mask;
        }
    }

    /// Whether `path` and its end stand in `text` at `start`.
    #[inline]
    fn is_at(&self, start: u32, path: &[u8]) -> bool {
        let start = start as usize;
        let end = start + path.len();
        self.text.get(start..end) == Some(path) && self.text.get(end) == Some(&END)
    }

    /// Walks the trie. The way back needs no stack: a node knows its parent, and the path shows where its segment began.
    fn find_variable(&self, path: &[u8], verb: u8) -> Option<u32> {
        if self.nodes.is_empty() || path.len() < 2 {
            return None;
        }
        // The node reached, and where the segment after it begins; one past the end when the path is used up.
        let (mut node, mut at) = (0, 1);
        loop {
            if at > path.len() {
                let reached = &self.nodes[node as usize];
                if reached.verbs & verb != 0 {
                    return Some(reached.path);
                }
            } else {
                let end = segment_end(path, at);
                if let Some(child) = self.literal_child(node, &path[at..end]) {
                    (node, at) = (child, end + 1);
                    continue;
                }
                match self.variable_child(node, path, at, verb) {
                    Variable::Accepted(found) => return Some(found),
                    Variable::Entered(child, next) => {
                        (node, at) = (child, next);
                        continue;
                    }
                    Variable::Refused => {}
                }
            }
            // Back to the last node whose variable child was not tried yet.
            loop {
                if node == 0 {
                    return None;
                }
                let left = &self.nodes[node as usize];
                node = left.parent;
                at = memrchr(b'/', &path[..at - 1]).map_or(0, |slash| slash + 1);
                if left.kind == Kind::Literal {
                    match self.variable_child(node, path, at, verb) {
                        Variable::Accepted(found) => return Some(found),
                        Variable::Entered(child, next) => {
                            (node, at) = (child, next);
                            break;
                        }
                        Variable::Refused => {}
                    }
                }
            }
        }
    }

    #[inline]
    fn literal_child(&self, parent: u32, segment: &[u8]) -> Option<u32> {
        let mask = self.edges.len().checked_sub(1)?;
        let hash = hash_edge(parent, segment);
        let tag = (hash >> 32) as u32;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.edges[at];
            if slot.node == NONE {
                return None;
            }
            if slot.tag == tag {
                let node = &self.nodes[slot.node as usize];
                if node.parent == parent && node.is(segment, &self.text) {
                    return Some(slot.node);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// Enters the variable child of `parent` with the segment at `at`.
    #[inline]
    fn variable_child(&self, parent: u32, path: &[u8], at: usize, verb: u8) -> Variable {
        let child = self.nodes[parent as usize].variable;
        let Some(node) = self.nodes.get(child as usize) else { return Variable::Refused };
        let end = segment_end(path, at);
        match node.kind {
            Kind::Greedy if node.verbs & verb != 0 && at < path.len() => Variable::Accepted(node.path),
            Kind::Variable if at < end => Variable::Entered(child, end + 1),
            _ => Variable::Refused,
        }
    }

    /// Reads the variables' values by walking the matched path and the request's side by side.
    fn captures(&self, found: u32, path: &[u8], mut capture: impl FnMut(u32, u32)) {
        let template = self.path(found);
        let (mut from, mut at) = (1, 1);
        while from <= template.len() {
            let to = segment_end(template, from);
            let segment = &template[from..to];
            let end = segment_end(path, at);
            if segment.first() == Some(&b'{') {
                if segment.ends_with(b"+}") {
                    capture(at as u32, path.len() as u32);
                    return;
                }
                capture(at as u32, end as u32);
            }
            from = to + 1;
            at = end + 1;
        }
    }
}

enum Variable {
    Accepted(u32),
    Entered(u32, usize),
    Refused,
}

/// The bits of a literal's tag that are hash; the others are its verbs.
const TAG: u32 = !0xff;

fn literal_tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & TAG
}

#[inline]
fn hash_path(path: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(path);
    hasher.finish()
}

#[inline]
fn hash_edge(parent: u32, segment: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(segment);
    hasher.write_u32(parent);
    hasher.finish()
}

/// Where the segment at `at` ends: at the next slash, or with the path. A call of `memchr` would cost more than most segments.
#[inline]
fn segment_end(path: &[u8], at: usize) -> usize {
    let rest = path.get(at..).unwrap_or_default();
    find(b'/', rest).map_or(path.len(), |place| at + place)
}

/// Slots for `entries`, so that at most three of four are taken.
fn slots(entries: usize) -> usize {
    if entries == 0 { 0 } else { (entries + entries / 3 + 1).next_power_of_two() }
}

#[derive(Default)]
struct Builder {
    text: Vec<u8>,
    starts: Vec<u32>,
    literals: Vec<(u64, u8, u32)>,
    nodes: Vec<Node>,
    children: FxHashMap<(u32, Box<[u8]>), u32>,
    problems: Vec<(usize, PathProblem)>,
}

impl Builder {
    fn build<'a>(
        mut self,
        paths: impl IntoIterator<Item = (&'a str, u8)>,
    ) -> Result<PathTree, Vec<(usize, PathProblem)>> {
        for (number, (path, verbs)) in paths.into_iter().enumerate() {
            if let Err(problem) = self.add(path, verbs) {
                self.problems.push((number, problem));
            }
        }
        let literals = self.place_literals();
        if !self.problems.is_empty() {
            self.problems.sort_by_key(|(number, _)| *number);
            return Err(self.problems);
        }
        let edges = self.place_edges();
        Ok(PathTree { text: self.text.into(), starts: self.starts.into(), literals, edges, nodes: self.nodes.into() })
    }

    fn add(&mut self, path: &str, verbs: u8) -> Result<(), PathProblem> {
        let number = self.starts.len() as u32;
        let start = u32::try_from(self.text.len()).map_err(|_| PathProblem::Length)?;
        // Even a refused path has its number.
        self.starts.push(start);
        let bytes = path.as_bytes();
        if bytes.len() > usize::from(u16::MAX) {
            return Err(PathProblem::Length);
        }
        check(bytes)?;
        self.text.extend_from_slice(bytes);
        self.text.push(END);
        if memchr(b'{', bytes).is_some() {
            return self.add_variable(number, bytes, start, verbs);
        }
        self.literals.push((hash_path(bytes), verbs, number));
        Ok(())
    }

    fn add_variable(&mut self, number: u32, path: &[u8], start: u32, verbs: u8) -> Result<(), PathProblem> {
        if self.nodes.is_empty() {
            self.nodes.push(Node {
                parent: NONE,
                variable: NONE,
                path: NONE,
                length: 0,
                verbs: 0,
                kind: Kind::Literal,
                segment: [0; INLINE],
            });
        }
        let (mut node, mut at) = (0, 1);
        for segment in path[1..].split(|byte| *byte == b'/') {
            let next = self.nodes.len() as u32;
            let kind = match segment {
                [b'{', .., b'+', b'}'] => Kind::Greedy,
                [b'{', ..] => Kind::Variable,
                _ => Kind::Literal,
            };
            let child = if kind == Kind::Literal {
                match self.children.entry((node, segment.into())) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(vacant) => *vacant.insert(next),
                }
            } else {
                match self.nodes[node as usize].variable {
                    NONE => {
                        self.nodes[node as usize].variable = next;
                        next
                    }
                    known if self.nodes[known as usize].is(segment, &self.text) => known,
                    _ => return Err(PathProblem::Sibling),
                }
            };
            if child == next {
                self.nodes.push(Node {
                    parent: node,
                    variable: NONE,
                    path: NONE,
                    length: segment.len() as u16,
                    verbs: 0,
                    kind,
                    segment: inline(segment, start + at),
                });
            }
            node = child;
            at += segment.len() as u32 + 1;
        }
        let last = &mut self.nodes[node as usize];
        if last.path != NONE {
            return Err(PathProblem::Duplicate);
        }
        last.path = number;
        last.verbs = verbs;
        Ok(())
    }

    fn place_literals(&mut self) -> Box<[Literal]> {
        let size = slots(self.literals.len());
        let mut table = vec![Literal { tag: 0, path: NONE, start: 0 }; size].into_boxed_slice();
        for (hash, verbs, path) in std::mem::take(&mut self.literals) {
            let start = self.starts[path as usize];
            let tag = literal_tag(hash);
            let mut at = hash as usize & (size - 1);
            while table[at].path != NONE {
                if table[at].tag & TAG == tag && same_path(&self.text, table[at].start, start) {
                    self.problems.push((path as usize, PathProblem::Duplicate));
                }
                at = (at + 1) & (size - 1);
            }
            table[at] = Literal { tag: tag | u32::from(verbs), path, start };
        }
        table
    }

    fn place_edges(&self) -> Box<[Edge]> {
        let size = slots(self.children.len());
        let mut table = vec![Edge { tag: 0, node: NONE }; size].into_boxed_slice();
        for ((parent, segment), node) in &self.children {
            let hash = hash_edge(*parent, segment);
            let mut at = hash as usize & (size - 1);
            while table[at].node != NONE {
                at = (at + 1) & (size - 1);
            }
            table[at] = Edge { tag: (hash >> 32) as u32, node: *node };
        }
        table
    }
}

/// Whether the same path stands at both places.
fn same_path(text: &[u8], one: u32, other: u32) -> bool {
    let until_end = |start: u32| text[start as usize..].iter().take_while(|byte| **byte != END);
    until_end(one).eq(until_end(other))
}

/// The grammar of a path: rest-api §2.1 leaves the letters of literals to control, the shape is checked here.
fn check(path: &[u8]) -> Result<(), PathProblem> {
    let Some((b'/', rest)) = path.split_first() else { return Err(PathProblem::Shape) };
    if rest.is_empty() {
        return Ok(());
    }
    let mut segments = rest.split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let (name, greedy) = match segment {
            [] => return Err(PathProblem::Shape),
            [b'{', name @ .., b'+', b'}'] => (name, true),
            [b'{', name @ .., b'}'] => (name, false),
            literal => {
                if literal.iter().any(|byte| matches!(*byte, b'{' | b'}' | END)) {
                    return Err(PathProblem::Variable);
                }
                continue;
            }
        };
        if name.is_empty() || name.iter().any(|byte| matches!(*byte, b'{' | b'}' | END)) {
            return Err(PathProblem::Variable);
        }
        if greedy && segments.peek().is_some() {
            return Err(PathProblem::Greedy);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "path_tree_tests.rs"]
mod tests;
