//! What a pattern is once it is read. Knows nothing of texts.

use super::charset::CharSet;

/// A part of a pattern.
#[derive(Debug)]
pub(super) enum Node {
    Empty,
    /// One character of the set.
    Set(CharSet),
    /// `\R`.
    LineEnding,
    Assert(Assertion),
    Concat(Vec<Node>),
    Branch(Vec<Node>),
    /// A group that may be repeated as a whole; number 0 captures nothing.
    Group {
        number: u32,
        body: Box<Node>,
    },
    Atomic(Box<Node>),
    Ahead {
        negative: bool,
        body: Box<Node>,
    },
    /// Lengths in characters.
    Behind {
        negative: bool,
        body: Box<Node>,
        shortest: u32,
        longest: u32,
    },
    BackReference {
        group: u32,
        fold: Fold,
    },
    Repeat {
        body: Box<Node>,
        times: Times,
    },
}

/// How often, and how eagerly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) least: u32,
    pub(super) most: u32,
    pub(super) kind: Kind,
    /// Written `?`: Java repeats a group that may be left out in another way than `{0,1}`.
    pub(super) optional: bool,
}

/// As many as one wants.
pub(super) const UNBOUNDED: u32 = 0x7FFF_FFFF;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Greedy,
    Lazy,
    Possessive,
}

/// Which differences of case do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    None,
    Ascii,
    Unicode,
}

/// What must hold between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
    /// `\A`, and `^` without `m`.
    Start,
    /// `\z`.
    End,
    /// `^` with `m`; whether only `\n` ends a line.
    LineStart { unix: bool },
    /// `$` with `m`.
    LineEnd { unix: bool },
    /// `\Z`, and `$` without `m`.
    LastLineEnd { unix: bool },
    /// `\b`; whether words are what `U` says.
    Word { unicode: bool },
    /// `\B`.
    NotWord { unicode: bool },
    /// `\G`.
    LastMatch,
}

/// What Java derives from a part: lengths in characters, and whether it repeats the part without a way back into it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) shortest: u64,
    /// `None` when there is no obvious longest.
    pub(super) longest: Option<u64>,
    pub(super) deterministic: bool,
}

impl Node {
    /// AWS: none; this is what java.util.regex does, see `tests/quirks.rs` for what shows through.
    pub(super) fn shape(&self) -> Shape {
        let fits = |length: &u64| *length <= u64::from(UNBOUNDED);
        let shape = |shortest, longest, deterministic| Shape { shortest, longest, deterministic };
        match self {
            Node::Empty | Node::Assert(_) | Node::Ahead { .. } | Node::Behind { .. } => shape(0, Some(0), true),
            Node::Set(_) => shape(1, Some(1), true),
            Node::LineEnding => shape(1, Some(2), true),
            Node::BackReference { .. } => shape(0, None, true),
            Node::Group { body, .. } | Node::Atomic(body) => body.shape(),
            Node::Concat(parts) => parts.iter().map(Node::shape).fold(shape(0, Some(0), true), |sum, part| {
                shape(
                    sum.shortest.saturating_add(part.shortest),
                    sum.longest.zip(part.longest).map(|(one, other)| one + other).filter(fits),
                    sum.deterministic && part.deterministic,
                )
            }),
            Node::Branch(parts) => {
                let shapes = || parts.iter().map(Node::shape);
                let longest = shapes().map(|part| part.longest).try_fold(0, |sum, part| part.map(|part| sum.max(part)));
                shape(shapes().map(|part| part.shortest).min().unwrap_or(0), longest, false)
            }
            Node::Repeat { body, times } => {
                let turn = body.shape();
                let group = matches!(**body, Node::Group { .. });
                // Java gives no length to what it matches as a loop, and none that fits 32 bits may be exceeded.
                let looped = group && !turn.deterministic && !times.optional && times.kind != Kind::Possessive;
                let unbounded = times.most == UNBOUNDED && turn.longest.is_some_and(|longest| longest > 1);
                let longest = turn.longest.map(|longest| longest * u64::from(times.most)).filter(fits);
                shape(
                    turn.shortest.saturating_mul(u64::from(times.least)),
                    longest.filter(|_| !looped && !unbounded),
                    turn.deterministic && times.least == times.most && !times.optional,
                )
            }
        }
    }
}
