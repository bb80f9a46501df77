//! From a pattern's tree to instructions, node for node as Java builds its matcher: which groups are repeated without a way
//! back into a turn shows in what they capture.

use rustc_hash::FxHashMap;

use super::{
    charset::{CharSet, Set},
    memo::Remember,
    parse::Parsed,
    program::{Behind, Curly, First, Loop, Op, Pc, Program, SetLoop},
    syntax::{Assertion, Kind, Node, Times, UNBOUNDED},
    unicode,
};

/// Compiles a tree.
pub(super) fn compile(parsed: &Parsed) -> Program {
    let mut compiler = Compiler::default();
    compiler.node(&parsed.root);
    compiler.push(Op::Accept);
    compiler.look_ahead();
    let first = compiler.first(&parsed.root);
    let words = |unicode| {
        [unicode::boundary_words(unicode), unicode::marks(), unicode::letters_and_digits()].map(|set| Set::new(&set))
    };
    Program {
        first,
        groups: parsed.groups,
        remember: match (compiler.once_is_enough, compiler.refers) {
            (true, _) => Remember::Tried(compiler.memos),
            (false, false) => Remember::Failed(compiler.remembered),
            (false, true) => Remember::Nothing,
        },
        words: compiler.words[0].then(|| words(false)),
        unicode_words: compiler.words[1].then(|| words(true)),
        ops: compiler.ops,
        sets: compiler.sets,
        loops: compiler.loops,
        curlies: compiler.curlies,
        behinds: compiler.behinds,
        locals: compiler.locals,
        writes_again: compiler.writes_again,
    }
}

#[derive(Debug)]
struct Compiler {
    ops: Vec<Op>,
    sets: Vec<Set>,
    known: FxHashMap<CharSet, u32>,
    loops: Vec<Loop>,
    curlies: Vec<Curly>,
    behinds: Vec<Behind>,
    locals: u32,
    memos: u32,
    remembered: u32,
    /// How many repetitions are around.
    repeated: u32,
    once_is_enough: bool,
    refers: bool,
    writes_again: bool,
    words: [bool; 2],
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            ops: Vec::new(),
            sets: Vec::new(),
            known: FxHashMap::default(),
            loops: Vec::new(),
            curlies: Vec::new(),
            behinds: Vec::new(),
            locals: 0,
            memos: 0,
            remembered: 0,
            refers: false,
            repeated: 0,
            once_is_enough: true,
            writes_again: false,
            words: [false; 2],
        }
    }
}

/// What every match of a node begins with: `None` when that may be anything.
fn first_of(node: &Node) -> Option<CharSet> {
    match node {
        Node::Set(set) => Some(set.clone()),
        Node::LineEnding => Some(unicode::vertical()),
        Node::Group { body, .. } | Node::Atomic(body) => first_of(body),
        // A position takes nothing, so what is behind it comes first.
        Node::Concat(parts) => parts
            .iter()
            .find(|part| match part {
                Node::Empty | Node::Assert(_) => false,
                // What it captures stays when nothing is found, and shows in the match that is found elsewhere.
                Node::Ahead { body, .. } | Node::Behind { body, .. } => captures(body),
                _ => true,
            })
            .and_then(first_of),
        Node::Branch(parts) => {
            parts.iter().map(first_of).try_fold(CharSet::default(), |sum, part| part.map(|part| sum.union(&part)))
        }
        Node::Repeat { body, times } if times.least > 0 => first_of(body),
        _ => None,
    }
}

fn captures(node: &Node) -> bool {
    match node {
        Node::Group { number, body } => *number > 0 || captures(body),
        Node::Concat(parts) | Node::Branch(parts) => parts.iter().any(captures),
        Node::Atomic(body) | Node::Ahead { body, .. } | Node::Behind { body, .. } | Node::Repeat { body, .. } => {
            captures(body)
        }
        _ => false,
    }
}

fn begins_at_start(node: &Node) -> bool {
    match node {
        Node::Assert(Assertion::Start) => true,
        Node::Concat(parts) => parts.first().is_some_and(begins_at_start),
        Node::Group { body, .. } => begins_at_start(body),
        _ => false,
    }
}

/// One way to match it, whatever comes behind.
fn has_one_way(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Set(_) | Node::Assert(_) => true,
        Node::Concat(parts) => parts.iter().all(has_one_way),
        Node::Group { number: 0, body } => has_one_way(body),
        Node::Repeat { body, times } => times.least == times.most && matches!(**body, Node::Set(_)),
        _ => false,
    }
}

impl Compiler {
    fn push(&mut self, op: Op) -> Pc {
        self.ops.push(op);
        self.here() - 1
    }

    fn here(&self) -> Pc {
        self.ops.len() as Pc
    }

    fn local(&mut self) -> u32 {
        self.locals += 1;
        self.locals - 1
    }

    fn memo(&mut self) -> u32 {
        self.memos += 1;
        self.memos - 1
    }

    fn set(&mut self, set: &CharSet) -> u32 {
        if let Some(known) = self.known.get(set) {
            return *known;
        }
        let number = self.sets.len() as u32;
        self.sets.push(Set::new(set));
        self.known.insert(set.clone(), number);
        number
    }

    fn first(&mut self, root: &Node) -> First {
        if begins_at_start(root) {
            return First::Start;
        }
        match first_of(root) {
            Some(set) => match set.only() {
                Some(char) if char.is_ascii() => First::Byte(char as u8),
                _ => First::Set(self.set(&set)),
            },
            None => First::Anything,
        }
    }

    /// Notes the byte that must stand behind each repeated set, where there is but one.
    fn look_ahead(&mut self) {
        let mut next_byte = None;
        for op in self.ops.iter_mut().rev() {
            match op {
                Op::Byte(byte) => next_byte = Some(*byte),
                Op::Text(text) => next_byte = text.first().copied(),
                // A group's end takes nothing.
                Op::Close { .. } => {}
                Op::SetLoop(repeat) => repeat.next_byte = next_byte.take(),
                _ => next_byte = None,
            }
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Empty => {}
            Node::Set(set) => self.character(set),
            Node::LineEnding => {
                self.once_is_enough = false;
                self.push(Op::LineEnding);
            }
            Node::Assert(assertion) => {
                match assertion {
                    Assertion::Word { unicode } | Assertion::NotWord { unicode } => {
                        self.words[usize::from(*unicode)] = true;
                    }
                    _ => {}
                }
                self.push(Op::Assert(*assertion));
            }
            Node::Concat(parts) => self.concat(parts),
            Node::Branch(parts) => self.branch(parts),
            Node::Group { number: 0, body } => self.node(body),
            Node::Group { number, body } => self.capture(*number, body),
            Node::Atomic(body) => self.part(|exit| Op::Atomic { exit }, body),
            Node::Ahead { negative, body } => self.part(|exit| Op::Ahead { negative: *negative, exit }, body),
            Node::Behind { negative, body, shortest, longest } => self.behind(*negative, body, (*shortest, *longest)),
            Node::BackReference { group, fold } => {
                (self.once_is_enough, self.refers) = (false, true);
                self.push(Op::BackReference { group: *group, fold: *fold });
            }
            Node::Repeat { times, .. } if times.most == 0 => {}
            Node::Repeat { body, times } => self.repeat(body, *times),
        }
    }

    fn character(&mut self, set: &CharSet) {
        let op = match set.only() {
            Some(char) if char.is_ascii() => Op::Byte(char as u8),
            Some(char) => Op::Text(char.to_string().into_bytes().into()),
            None => Op::Set(self.set(set)),
        };
        self.push(op);
    }

    /// Characters that stand beside one another are compared at once.
    fn concat(&mut self, parts: &[Node]) {
        let mut text = String::new();
        for (number, part) in parts.iter().enumerate() {
            if let Node::Set(set) = part
                && let Some(char) = set.only()
            {
                text.push(char);
                let more = matches!(parts.get(number + 1), Some(Node::Set(next)) if next.only().is_some());
                if !more {
                    let op =
                        if let [byte] = *text.as_bytes() { Op::Byte(byte) } else { Op::Text(text.as_bytes().into()) };
                    text.clear();
                    self.push(op);
                }
            } else {
                self.node(part);
            }
        }
    }

    fn branch(&mut self, parts: &[Node]) {
        let mut ends = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            if number + 1 == parts.len() {
                self.node(part);
                break;
            }
            let memo = self.memo();
            let split = self.push(Op::Split { first: 0, second: 0, memo });
            self.node(part);
            ends.push(self.push(Op::Jump(0)));
            self.ops[split as usize] = Op::Split { first: split + 1, second: self.here(), memo };
        }
        let end = self.here();
        for jump in ends {
            self.ops[jump as usize] = Op::Jump(end);
        }
    }

    fn capture(&mut self, group: u32, body: &Node) {
        let local = self.local();
        self.push(Op::Open { local, undo: self.repeated > 0 });
        self.node(body);
        self.push(Op::Close { local, group });
    }

    /// A part that is matched for itself.
    fn part(&mut self, op: impl Fn(Pc) -> Op, body: &Node) {
        self.once_is_enough = false;
        let at = self.push(op(0));
        self.node(body);
        self.push(Op::PartEnd);
        self.ops[at as usize] = op(self.here());
    }

    fn behind(&mut self, negative: bool, body: &Node, (shortest, longest): (u32, u32)) {
        self.once_is_enough = false;
        let (target, left) = (self.local(), self.local());
        let number = self.behinds.len();
        self.behinds.push(Behind { negative, exit: 0, shortest, longest, target, left });
        self.push(Op::Behind(number as u32));
        self.node(body);
        self.push(Op::BehindEnd { local: target });
        self.push(Op::PartEnd);
        self.behinds[number].exit = self.here();
    }

    fn repeat(&mut self, body: &Node, times: Times) {
        match body {
            Node::Set(set) => {
                // One for its beginning, one for its end.
                let (set, memo, _) = (self.set(set), self.memo(), self.memo());
                let Times { least, most, kind, .. } = times;
                self.once_is_enough &= kind != Kind::Possessive;
                self.push(Op::SetLoop(SetLoop { set, least, most, kind, memo, next_byte: None }));
            }
            _ if times.kind == Kind::Possessive => self.curly(0, body, times),
            _ if times.optional => self.optional(body, times.kind == Kind::Lazy),
            Node::Group { number, body } => self.repeated_group(*number, body, times),
            _ => self.curly(0, body, times),
        }
    }

    /// `(…)?`, and `?` behind what is no group: that is matched for itself.
    fn optional(&mut self, body: &Node, lazy: bool) {
        let memo = self.memo();
        let split = self.push(Op::Split { first: 0, second: 0, memo });
        if matches!(body, Node::Group { .. }) {
            self.node(body);
        } else {
            self.part(|exit| Op::Atomic { exit }, body);
        }
        let (inside, behind) = (split + 1, self.here());
        let (first, second) = if lazy { (behind, inside) } else { (inside, behind) };
        self.ops[split as usize] = Op::Split { first, second, memo };
    }

    fn repeated_group(&mut self, group: u32, body: &Node, times: Times) {
        let shape = body.shape();
        if !shape.deterministic {
            return self.looped(group, body, times, shape.shortest == 0);
        }
        // The same without its own stack of turns, where nothing shows the difference.
        if has_one_way(body) && shape.shortest > 0 && (group == 0 || self.repeated == 0) {
            return self.looped(group, body, times, false);
        }
        self.curly(group, body, times);
    }

    fn looped(&mut self, group: u32, body: &Node, times: Times, may_be_empty: bool) {
        let counts = times.least > 1 || times.most < UNBOUNDED;
        self.once_is_enough &= !counts && !may_be_empty;
        let count = counts.then(|| self.local());
        let begin = (may_be_empty || group > 0).then(|| self.local());
        let (number, memo) = (self.loops.len(), self.memo());
        let Times { least, most, kind, .. } = times;
        let begins = begin.filter(|_| may_be_empty);
        let lazy = kind == Kind::Lazy;
        let remembers = (self.repeated == 0 && most == UNBOUNDED && !lazy).then(|| {
            self.remembered += 1;
            self.remembered - 1
        });
        self.loops.push(Loop { body: 0, exit: 0, least, most, lazy, count, begin: begins, memo, remembers });
        self.push(Op::LoopStart(number as u32));
        self.loops[number].body = self.here();
        self.repeated += 1;
        if let Some(local) = begin {
            self.push(Op::Open { local, undo: true });
        }
        self.node(body);
        if let (Some(local), 1..) = (begin, group) {
            self.push(Op::Close { local, group });
        }
        self.repeated -= 1;
        self.push(Op::LoopTail(number as u32));
        self.push(Op::LoopMore(number as u32));
        self.loops[number].exit = self.here();
    }

    fn curly(&mut self, group: u32, body: &Node, times: Times) {
        self.once_is_enough = false;
        let writes_again = group > 0 && self.repeated > 0 && times.kind == Kind::Greedy;
        self.writes_again |= writes_again;
        let number = self.curlies.len();
        let Times { least, most, kind, .. } = times;
        let count = self.local();
        self.curlies.push(Curly { leave: 0, exit: 0, least, most, kind, group, count });
        self.push(Op::CurlyStart(number as u32));
        self.push(Op::Curly(number as u32));
        self.repeated += 1;
        self.node(body);
        self.repeated -= 1;
        self.push(Op::PartEnd);
        self.curlies[number].leave = self.here();
        if writes_again {
            self.push(Op::CurlyLeave(number as u32));
        }
        self.curlies[number].exit = self.here();
    }
}
