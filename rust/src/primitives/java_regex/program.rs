//! What a pattern is compiled to. Each instruction goes on at the one behind it unless it says otherwise.

use super::{
    charset::Set,
    memo::Remember,
    syntax::{Assertion, Fold, Kind},
};

/// The place of an instruction.
pub(super) type Pc = u32;

/// An instruction.
#[derive(Debug)]
pub(super) enum Op {
    Byte(u8),
    Text(Box<[u8]>),
    /// A character of a set.
    Set(u32),
    SetLoop(SetLoop),
    LineEnding,
    Assert(Assertion),
    Jump(Pc),
    /// Goes on at `first`, and at `second` when that fails.
    Split {
        first: Pc,
        second: Pc,
        memo: u32,
    },
    /// Notes the place in a local; whether it comes back when matching backs off.
    Open {
        local: u32,
        undo: bool,
    },
    /// Captures a group from the noted place to here.
    Close {
        local: u32,
        group: u32,
    },
    LoopStart(u32),
    LoopTail(u32),
    /// Where a lazy loop goes on when what is behind it failed.
    LoopMore(u32),
    CurlyStart(u32),
    Curly(u32),
    /// Behind a repetition that writes its group again.
    CurlyLeave(u32),
    /// A part that is matched for itself: what it found is kept, its other ways are forgotten.
    Atomic {
        exit: Pc,
    },
    Ahead {
        negative: bool,
        exit: Pc,
    },
    Behind(u32),
    /// The end of what a look-behind looks at must be where it stands.
    BehindEnd {
        local: u32,
    },
    /// The end of a part that is matched for itself.
    PartEnd,
    BackReference {
        group: u32,
        fold: Fold,
    },
    Accept,
}

/// One set, repeated.
#[derive(Debug)]
pub(super) struct SetLoop {
    pub(super) set: u32,
    pub(super) least: u32,
    pub(super) most: u32,
    pub(super) kind: Kind,
    pub(super) memo: u32,
    /// What must stand behind it.
    pub(super) next_byte: Option<u8>,
}

/// A group with several ways through it, repeated: each of its ways is tried.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) body: Pc,
    pub(super) exit: Pc,
    pub(super) least: u32,
    pub(super) most: u32,
    pub(super) lazy: bool,
    /// Where it counts, if it has to.
    pub(super) count: Option<u32>,
    /// Where the present turn began, if a turn may be empty.
    pub(super) begin: Option<u32>,
    pub(super) memo: u32,
    /// Its number among the loops whose failed turns may be remembered: what is behind them does not depend on how one came.
    pub(super) remembers: Option<u32>,
}

/// A part that is repeated without a way back into a turn.
#[derive(Debug)]
pub(super) struct Curly {
    /// Where it goes on after a last turn that was not empty.
    pub(super) leave: Pc,
    pub(super) exit: Pc,
    pub(super) least: u32,
    pub(super) most: u32,
    pub(super) kind: Kind,
    /// The group that each turn captures; 0 for none.
    pub(super) group: u32,
    pub(super) count: u32,
}

/// A look-behind; lengths in characters.
#[derive(Debug)]
pub(super) struct Behind {
    pub(super) negative: bool,
    pub(super) exit: Pc,
    pub(super) shortest: u32,
    pub(super) longest: u32,
    pub(super) target: u32,
    pub(super) left: u32,
}

/// What every match begins with.
#[derive(Debug)]
pub(super) enum First {
    Anything,
    Byte(u8),
    Set(u32),
    /// Only the text's beginning will do.
    Start,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) sets: Vec<Set>,
    pub(super) loops: Vec<Loop>,
    pub(super) curlies: Vec<Curly>,
    pub(super) behinds: Vec<Behind>,
    pub(super) groups: u32,
    pub(super) locals: u32,
    pub(super) first: First,
    pub(super) remember: Remember,
    pub(super) writes_again: bool,
    /// Sets that word boundaries ask: words, marks, letters and digits.
    pub(super) words: Option<[Set; 3]>,
    pub(super) unicode_words: Option<[Set; 3]>,
}
