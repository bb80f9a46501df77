//! Repeated groups and parts that are matched for themselves.

use super::{
    charset::before,
    machine::{Frame, Machine, Next},
    program::{Op, Pc},
    refused::OutOfSteps,
    syntax::Kind,
};

impl Machine<'_, '_> {
    pub(super) fn loop_start(&mut self, number: u32, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let repeat = &program.loops[number as usize];
        if let Some(count) = repeat.count {
            self.set_local(count, 1)?;
        }
        if repeat.least > 0 {
            return Ok(Some((repeat.body, at)));
        }
        let (first, second) = if repeat.lazy { (repeat.exit, repeat.body) } else { (repeat.body, repeat.exit) };
        self.push(Frame::Choice { pc: second, at: at as u32 })?;
        Ok(Some((first, at)))
    }

    pub(super) fn loop_tail(&mut self, number: u32, pc: Pc, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let repeat = &program.loops[number as usize];
        // An empty turn is the last one.
        if repeat.begin.is_some_and(|begin| self.locals[begin as usize] as usize == at) {
            return Ok(Some((repeat.exit, at)));
        }
        if self.memo.was_here(repeat.memo, at) {
            return Ok(None);
        }
        let count = repeat.count.map_or(repeat.least, |count| self.locals[count as usize]);
        if count < repeat.least {
            if let Some(local) = repeat.count {
                self.set_local(local, count + 1)?;
            }
            return Ok(Some((repeat.body, at)));
        }
        if repeat.lazy {
            if count < repeat.most {
                self.push(Frame::Choice { pc: pc + 1, at: at as u32 })?;
            }
            return Ok(Some((repeat.exit, at)));
        }
        if count >= repeat.most || repeat.remembers.is_some_and(|number| self.memo.has_failed(number, at)) {
            return Ok(Some((repeat.exit, at)));
        }
        self.push(Frame::Choice { pc: repeat.exit, at: at as u32 })?;
        if let Some(number) = repeat.remembers
            && self.memo.wants_failures()
        {
            self.push(Frame::TurnFailed { number, at: at as u32 })?;
        }
        if let Some(local) = repeat.count {
            self.set_local(local, count + 1)?;
        }
        Ok(Some((repeat.body, at)))
    }

    pub(super) fn loop_more(&mut self, number: u32, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let repeat = &program.loops[number as usize];
        if let Some(local) = repeat.count {
            self.set_local(local, self.locals[local as usize] + 1)?;
        }
        Ok(Some((repeat.body, at)))
    }

    /// Begins a part; the instruction at `pc` says what becomes of it.
    pub(super) fn begin_part(&mut self, pc: Pc, at: usize) -> Result<Next, OutOfSteps> {
        let outer = self.part;
        self.part = self.stack.len() as u32;
        self.push(Frame::Part { pc, at: at as u32, outer })?;
        Ok(Some((pc + 1, at)))
    }

    /// A part was found up to `end`: its other ways are forgotten, what it captured stays.
    pub(super) fn end_part(&mut self, end: usize) -> Result<Next, OutOfSteps> {
        let bottom = self.part as usize;
        let Frame::Part { pc, at, outer } = self.stack[bottom] else { return Ok(None) };
        self.succeed_down_to(bottom);
        self.stack.truncate(bottom);
        self.part = outer;
        let program = self.program;
        Ok(match &program.ops[pc as usize] {
            Op::Atomic { exit } => Some((*exit, end)),
            Op::Ahead { negative, exit } => (!negative).then_some((*exit, at as usize)),
            Op::Behind(number) => {
                let behind = &program.behinds[*number as usize];
                (!behind.negative).then_some((behind.exit, end))
            }
            Op::Curly(number) => self.turn_ended(*number, pc, (at as usize, end))?,
            _ => None,
        })
    }

    /// A part cannot be found.
    pub(super) fn part_failed(&mut self, pc: Pc, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        Ok(match &program.ops[pc as usize] {
            Op::Ahead { negative, exit } => negative.then_some((*exit, at)),
            Op::Behind(number) => self.look_farther(*number, pc, at)?,
            Op::Curly(number) => {
                let curly = &program.curlies[*number as usize];
                let count = self.locals[curly.count as usize];
                (count >= curly.least && curly.kind != Kind::Lazy).then_some((curly.leave, at))
            }
            _ => None,
        })
    }

    /// One more turn, or on.
    pub(super) fn curly(&mut self, number: u32, pc: Pc, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let curly = &program.curlies[number as usize];
        let count = self.locals[curly.count as usize];
        if count >= curly.least {
            if curly.kind == Kind::Lazy {
                if count < curly.most {
                    self.push(Frame::Turn { pc, at: at as u32 })?;
                }
                return Ok(Some((curly.exit, at)));
            }
            if count >= curly.most {
                return Ok(Some((curly.leave, at)));
            }
        }
        self.begin_part(pc, at)
    }

    /// A turn went from `start` to `end`.
    fn turn_ended(&mut self, number: u32, pc: Pc, (start, end): (usize, usize)) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let curly = &program.curlies[number as usize];
        let count = self.locals[curly.count as usize];
        if count >= curly.least {
            // An empty turn is the last one, and captures nothing.
            if start == end {
                return Ok((curly.kind != Kind::Lazy).then_some((curly.exit, end)));
            }
            match curly.kind {
                Kind::Greedy => self.push(Frame::Choice { pc: curly.leave, at: start as u32 })?,
                Kind::Lazy => {}
                Kind::Possessive => {
                    // There is no way back to a lower count.
                    self.locals[curly.count as usize] = count + 1;
                    return Ok(Some((pc, end)));
                }
            }
        }
        if curly.group > 0 {
            self.set_group(curly.group, start as u32, end as u32)?;
        }
        self.set_local(curly.count, count + 1)?;
        Ok(Some((pc, end)))
    }

    /// AWS: none; Java writes the last turn's group again when all that is behind it has matched, over what later turns of a
    /// repetition around it captured.
    pub(super) fn leave(&mut self, number: u32) -> Result<(), OutOfSteps> {
        let curly = &self.program.curlies[number as usize];
        if self.locals[curly.count as usize] > curly.least {
            let (start, end) = self.groups[curly.group as usize];
            self.push(Frame::OnSuccess { group: curly.group, start, end })?;
        }
        Ok(())
    }

    /// Looks for what must end at `at`, the shortest first.
    pub(super) fn behind(&mut self, number: u32, pc: Pc, at: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let behind = &program.behinds[number as usize];
        let mut start = at;
        for _ in 0..behind.shortest {
            if start == 0 {
                return Ok(behind.negative.then_some((behind.exit, at)));
            }
            start = before(self.text, start);
        }
        self.spend((at - start) / 8)?;
        // A look-behind ends before it can begin again: its locals need no way back.
        self.locals[behind.target as usize] = at as u32;
        self.locals[behind.left as usize] = behind.longest - behind.shortest;
        self.begin_part(pc, start)
    }

    /// Nothing from `start` ends where it must: one character farther.
    fn look_farther(&mut self, number: u32, pc: Pc, start: usize) -> Result<Next, OutOfSteps> {
        let program = self.program;
        let behind = &program.behinds[number as usize];
        let left = &mut self.locals[behind.left as usize];
        if *left > 0 && start > 0 {
            *left -= 1;
            return self.begin_part(pc, before(self.text, start));
        }
        let target = self.locals[behind.target as usize] as usize;
        Ok(behind.negative.then_some((behind.exit, target)))
    }
}
