//! Runs a program over a text by trying and backing off. What is still to be tried stands on a stack of its own, so that neither
//! a pattern nor a text can overflow the thread's; steps and the stack are bounded.

use super::{
    charset::{before, decode},
    fold,
    memo::Memo,
    program::{Op, Pc, Program},
    refused::OutOfSteps,
    syntax::{Fold, Kind, UNBOUNDED},
};

/// Entries of the stack: 8 MB.
const MAX_FRAMES: usize = 1 << 19;
/// A place that is none.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What to do when matching backs off.
#[derive(Debug, Clone, Copy)]
pub(super) enum Frame {
    /// Go on there.
    Choice { pc: Pc, at: u32 },
    /// Give back one character of a repeated set, down to `low`, and go on.
    Back { pc: Pc, low: u32, at: u32 },
    /// Take one more character of a lazily repeated set, `left` at most, and go on.
    More { pc: Pc, at: u32, left: u32 },
    /// A group was this before.
    Group { group: u32, start: u32, end: u32 },
    /// A local was this before.
    Local { local: u32, value: u32 },
    /// Nothing; but when a match succeeds above it, the group becomes this.
    OnSuccess { group: u32, start: u32, end: u32 },
    /// A turn of a loop has failed there.
    TurnFailed { number: u32, at: u32 },
    /// Take one more turn of a part that is repeated lazily.
    Turn { pc: Pc, at: u32 },
    /// The part that the instruction began has failed.
    Part { pc: Pc, at: u32, outer: u32 },
}

const _: () = assert!(size_of::<Frame>() == 16);

/// The state of matching.
#[derive(Debug)]
pub(super) struct Machine<'p, 't> {
    pub(super) program: &'p Program,
    pub(super) text: &'t [u8],
    pub(super) stack: Vec<Frame>,
    pub(super) groups: Vec<(u32, u32)>,
    pub(super) locals: Vec<u32>,
    /// Where the innermost part that is matched for itself begins on the stack.
    pub(super) part: u32,
    /// Only a match up to the end counts.
    pub(super) whole: bool,
    /// Where the last match ended.
    pub(super) last_end: usize,
    pub(super) steps: u64,
    pub(super) memo: Memo,
}

/// Where to go on.
pub(super) type Next = Option<(Pc, usize)>;

impl<'p, 't> Machine<'p, 't> {
    pub(super) fn new(program: &'p Program, text: &'t str) -> Self {
        Self {
            program,
            text: text.as_bytes(),
            stack: Vec::new(),
            groups: vec![(NOWHERE, NOWHERE); program.groups as usize + 1],
            locals: vec![0; program.locals as usize],
            part: NOWHERE,
            whole: false,
            last_end: 0,
            steps: 0,
            memo: Memo::new(program.remember, text.len()),
        }
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), OutOfSteps> {
        self.steps = self.steps.checked_sub(steps as u64).ok_or(OutOfSteps)?;
        Ok(())
    }

    #[inline]
    pub(super) fn push(&mut self, frame: Frame) -> Result<(), OutOfSteps> {
        if self.stack.len() >= MAX_FRAMES {
            return Err(OutOfSteps);
        }
        self.stack.push(frame);
        Ok(())
    }

    /// Where a match that begins at `at` ends.
    pub(super) fn run(&mut self, at: usize) -> Result<Option<usize>, OutOfSteps> {
        self.stack.clear();
        self.part = NOWHERE;
        let mut next = Some((0, at));
        loop {
            self.spend(1)?;
            let (pc, at) = match next {
                Some(place) => place,
                None => match self.back_off()? {
                    Some(place) => place,
                    None => return Ok(None),
                },
            };
            if !matches!(self.program.ops[pc as usize], Op::Accept) {
                next = self.step(pc, at)?;
            } else if self.whole && at != self.text.len() {
                next = None;
            } else {
                self.succeed_down_to(0);
                return Ok(Some(at));
            }
        }
    }

    #[inline]
    fn step(&mut self, pc: Pc, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let behind = pc + 1;
        Ok(match &program.ops[pc as usize] {
            Op::Byte(byte) => (self.text.get(at) == Some(byte)).then_some((behind, at + 1)),
            Op::Text(text) => self.text[at..].starts_with(text).then_some((behind, at + text.len())),
            Op::Set(set) => program.sets[*set as usize].take(self.text, at).map(|length| (behind, at + length)),
            Op::SetLoop(_) => self.set_loop(pc, at)?,
            Op::LineEnding => self.line_ending(behind, at)?,
            Op::Assert(assertion) => self.holds(*assertion, at).then_some((behind, at)),
            Op::Jump(pc) => Some((*pc, at)),
            Op::Split { first, second, memo } => {
                if self.memo.was_here(*memo, at) {
                    return Ok(None);
                }
                self.push(Frame::Choice { pc: *second, at: at as u32 })?;
                Some((*first, at))
            }
            Op::Open { local, undo } => {
                if *undo {
                    self.set_local(*local, at as u32)?;
                } else {
                    self.locals[*local as usize] = at as u32;
                }
                Some((behind, at))
            }
            Op::Close { local, group } => {
                let start = self.locals[*local as usize];
                self.set_group(*group, start, at as u32)?;
                Some((behind, at))
            }
            Op::LoopStart(number) => self.loop_start(*number, at)?,
            Op::LoopTail(number) => self.loop_tail(*number, pc, at)?,
            Op::LoopMore(number) => self.loop_more(*number, at)?,
            Op::CurlyStart(number) => {
                self.set_local(program.curlies[*number as usize].count, 0)?;
                Some((behind, at))
            }
            Op::Curly(number) => self.curly(*number, pc, at)?,
            Op::CurlyLeave(number) => {
                self.leave(*number)?;
                Some((behind, at))
            }
            Op::Atomic { .. } | Op::Ahead { .. } => self.begin_part(pc, at)?,
            Op::Behind(number) => self.behind(*number, pc, at)?,
            Op::BehindEnd { local } => (self.locals[*local as usize] as usize == at).then_some((behind, at)),
            Op::PartEnd => self.end_part(at)?,
            Op::BackReference { group, fold } => {
                self.back_reference(*group, *fold, at)?.map(|length| (behind, at + length))
            }
            Op::Accept => None,
        })
    }

    /// The next thing to be tried.
    fn back_off(&mut self) -> Result<Next, OutOfSteps> {
        while let Some(frame) = self.stack.pop() {
            match frame {
                Frame::Choice { pc, at } => return Ok(Some((pc, at as usize))),
                Frame::Back { pc, low, at } => {
                    if let Some(next) = self.give_back(pc, low as usize, at as usize)? {
                        return Ok(Some(next));
                    }
                }
                Frame::More { pc, at, left } => {
                    if let Some(next) = self.take_more(pc, at as usize, left)? {
                        return Ok(Some(next));
                    }
                }
                Frame::Group { group, start, end } => self.groups[group as usize] = (start, end),
                Frame::Local { local, value } => self.locals[local as usize] = value,
                Frame::OnSuccess { .. } => {}
                Frame::TurnFailed { number, at } => self.memo.failed(number, at as usize),
                Frame::Turn { pc, at } => return self.begin_part(pc, at as usize),
                Frame::Part { pc, at, outer } => {
                    self.part = outer;
                    if let Some(next) = self.part_failed(pc, at as usize)? {
                        return Ok(Some(next));
                    }
                }
            }
            self.spend(1)?;
        }
        Ok(None)
    }

    /// What groups become on the way out of a match.
    pub(super) fn succeed_down_to(&mut self, bottom: usize) {
        if !self.program.writes_again {
            return;
        }
        for frame in self.stack[bottom..].iter().rev() {
            if let Frame::OnSuccess { group, start, end } = *frame {
                self.groups[group as usize] = (start, end);
            }
        }
    }

    pub(super) fn set_group(&mut self, group: u32, start: u32, end: u32) -> Result<(), OutOfSteps> {
        let (old_start, old_end) = std::mem::replace(&mut self.groups[group as usize], (start, end));
        self.push(Frame::Group { group, start: old_start, end: old_end })
    }

    pub(super) fn set_local(&mut self, local: u32, value: u32) -> Result<(), OutOfSteps> {
        let value = std::mem::replace(&mut self.locals[local as usize], value);
        self.push(Frame::Local { local, value })
    }

    fn set_loop(&mut self, pc: Pc, start: usize) -> Result<Next, OutOfSteps> {
        let Op::SetLoop(repeat) = &self.program.ops[pc as usize] else { return Ok(None) };
        if self.memo.was_here(repeat.memo, start) {
            return Ok(None);
        }
        let set = &self.program.sets[repeat.set as usize];
        let (text, behind) = (self.text, pc + 1);
        let (mut at, mut count) = (start, 0);
        let least = if repeat.least > 0 || repeat.kind == Kind::Lazy {
            while count < repeat.least {
                let Some(length) = set.take(text, at) else { break };
                at += length;
                count += 1;
            }
            if count < repeat.least {
                self.spend((at - start) / 8)?;
                return Ok(None);
            }
            at
        } else {
            start
        };
        if repeat.kind == Kind::Lazy {
            self.spend((at - start) / 8)?;
            if repeat.most > count {
                self.push(Frame::More { pc, at: at as u32, left: repeat.most - count })?;
            }
            return Ok(Some((behind, at)));
        }
        if repeat.most == UNBOUNDED {
            at = set.run(text, at);
        }
        while count < repeat.most && repeat.most < UNBOUNDED {
            let Some(length) = set.take(text, at) else { break };
            at += length;
            count += 1;
        }
        self.spend((at - start) / 8)?;
        if repeat.kind == Kind::Greedy && at > least {
            self.push(Frame::Back { pc, low: least as u32, at: at as u32 })?;
        }
        let tried = repeat.kind == Kind::Greedy && self.memo.was_here(repeat.memo + 1, at);
        Ok((!tried).then_some((behind, at)))
    }

    fn give_back(&mut self, pc: Pc, low: usize, at: usize) -> Result<Next, OutOfSteps> {
        let Op::SetLoop(repeat) = &self.program.ops[pc as usize] else { return Ok(None) };
        let (exit, behind) = (repeat.memo + 1, pc + 1);
        let mut to = before(self.text, at);
        loop {
            // Places where the next instruction fails at once need not be tried one by one.
            if let Some(byte) = repeat.next_byte
                && self.text.get(to) != Some(&byte)
            {
                let found = memchr::memrchr(byte, &self.text[low..to]);
                self.spend((to - low - found.unwrap_or(0)) / 32)?;
                let Some(found) = found else { return Ok(None) };
                to = low + found;
            }
            let Some(fresh) = self.memo.new_place(exit, low, to) else { return Ok(None) };
            self.spend((to - fresh) / 32)?;
            // The middle of a character has no mark.
            if fresh == to {
                break;
            }
            to = if self.text[fresh] & 0xC0 == 0x80 { before(self.text, fresh) } else { fresh };
        }
        if to > low {
            self.push(Frame::Back { pc, low: low as u32, at: to as u32 })?;
        }
        Ok((!self.memo.was_here(exit, to)).then_some((behind, to)))
    }

    fn take_more(&mut self, pc: Pc, at: usize, left: u32) -> Result<Next, OutOfSteps> {
        let Op::SetLoop(repeat) = &self.program.ops[pc as usize] else { return Ok(None) };
        let Some(length) = self.program.sets[repeat.set as usize].take(self.text, at) else { return Ok(None) };
        let (at, exit) = (at + length, repeat.memo + 1);
        if self.memo.was_here(exit, at) {
            return Ok(None);
        }
        if left > 1 {
            self.push(Frame::More { pc, at: at as u32, left: left - 1 })?;
        }
        Ok(Some((pc + 1, at)))
    }

    fn line_ending(&mut self, behind: Pc, at: usize) -> Result<Next, OutOfSteps> {
        Ok(match self.text.get(at) {
            Some(b'\r') if self.text.get(at + 1) == Some(&b'\n') => {
                self.push(Frame::Choice { pc: behind, at: at as u32 + 1 })?;
                Some((behind, at + 2))
            }
            Some(b'\n'..=b'\r') => Some((behind, at + 1)),
            Some(0x80..) => match decode(self.text, at) {
                (0x85 | 0x2028 | 0x2029, length) => Some((behind, at + length)),
                _ => None,
            },
            _ => None,
        })
    }

    /// How many bytes repeat what a group captured.
    fn back_reference(&mut self, group: u32, fold: Fold, at: usize) -> Result<Option<usize>, OutOfSteps> {
        // A group that is not there, or captured nothing, is repeated nowhere.
        let Some(&(start, end)) = self.groups.get(group as usize).filter(|(start, _)| *start != NOWHERE) else {
            return Ok(None);
        };
        let captured = &self.text[start as usize..end as usize];
        self.spend(captured.len() / 8)?;
        if fold == Fold::None {
            return Ok(self.text[at..].starts_with(captured).then_some(captured.len()));
        }
        let same = |one: u32, other: u32| {
            one == other
                || match fold {
                    Fold::Unicode => {
                        let (one, other) = (fold::upper(one), fold::upper(other));
                        one == other || fold::lower(one) == fold::lower(other)
                    }
                    _ => one < 128 && other < 128 && fold::lower(one) == fold::lower(other),
                }
        };
        let (mut from, mut to) = (0, at);
        while from < captured.len() {
            if to >= self.text.len() {
                return Ok(None);
            }
            let ((one, step), (other, length)) = (decode(captured, from), decode(self.text, to));
            if !same(one, other) {
                return Ok(None);
            }
            (from, to) = (from + step, to + length);
        }
        Ok(Some(to - at))
    }
}
