//! A compiled pattern and what can be asked of it: whole matches and matches one after another.

use super::{
    charset::decode,
    compile,
    flags::Flags,
    machine::{Machine, NOWHERE},
    parse,
    program::{First, Program},
    refused::{OutOfSteps, Refused},
};

/// A pattern of java.util.regex, compiled.
#[derive(Debug)]
pub struct Regex {
    pub(super) program: Program,
    pub(super) names: Vec<(Box<str>, u32)>,
}

/// Where a match is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
}

impl Regex {
    /// Compiles a pattern without flags.
    pub fn compile(pattern: &str) -> Result<Self, Refused> {
        Self::with_flags(pattern, Flags::default())
    }

    /// Compiles a pattern with flags that hold from its beginning.
    pub fn with_flags(pattern: &str, flags: Flags) -> Result<Self, Refused> {
        let parsed = parse::parse(pattern, flags)?;
        Ok(Self { program: compile::compile(&parsed), names: parsed.names })
    }

    /// Whether the pattern matches the whole text (`String.matches`). `steps` is what may still be spent; it goes down.
    pub fn matches(&self, text: &str, steps: &mut u64) -> Result<bool, OutOfSteps> {
        let mut machine = Machine::new(&self.program, text);
        machine.whole = true;
        machine.steps = *steps;
        let found = machine.run(0);
        *steps = if found.is_err() { 0 } else { machine.steps };
        Ok(found?.is_some())
    }

    /// The matches of a text, each behind the other.
    pub fn find_iter<'r, 't>(&'r self, text: &'t str) -> Matches<'r, 't> {
        Matches { machine: Machine::new(&self.program, text), text, next: Some(0) }
    }

    /// How many groups capture.
    pub fn group_count(&self) -> usize {
        self.program.groups as usize
    }

    /// The number of a named group.
    pub fn group_number(&self, name: &str) -> Option<usize> {
        self.names.iter().find(|(known, _)| **known == *name).map(|(_, group)| *group as usize)
    }
}

/// The matches of a text; see [`Regex::find_iter`].
#[derive(Debug)]
pub struct Matches<'r, 't> {
    machine: Machine<'r, 't>,
    text: &'t str,
    /// Where to search next, if anywhere.
    next: Option<usize>,
}

impl<'t> Matches<'_, 't> {
    /// The next match (`Matcher.find`), which may be an empty one where the last one ended.
    pub fn next_match(&mut self, steps: &mut u64) -> Result<Option<Match>, OutOfSteps> {
        let Some(from) = self.next else { return Ok(None) };
        self.machine.steps = *steps;
        let found = self.search(from);
        *steps = if found.is_err() { 0 } else { self.machine.steps };
        let found = found?;
        self.next = found.and_then(|Match { start, end }| if start == end { self.behind(end) } else { Some(end) });
        if let Some(Match { end, .. }) = found {
            self.machine.last_end = end;
        }
        Ok(found)
    }

    /// What a group of the last match captured; group 0 is the match.
    pub fn group(&self, group: usize) -> Option<&'t str> {
        let (start, end) = *self.machine.groups.get(group)?;
        (start != NOWHERE).then(|| &self.text[start as usize..end as usize])
    }

    /// Where a group of the last match is.
    pub fn group_at(&self, group: usize) -> Option<Match> {
        let (start, end) = *self.machine.groups.get(group)?;
        (start != NOWHERE).then_some(Match { start: start as usize, end: end as usize })
    }

    /// One character on, if there is one.
    fn behind(&self, at: usize) -> Option<usize> {
        (at < self.text.len()).then(|| at + decode(self.text.as_bytes(), at).1)
    }

    fn search(&mut self, from: usize) -> Result<Option<Match>, OutOfSteps> {
        self.machine.groups.fill((NOWHERE, NOWHERE));
        self.machine.memo.forget();
        let mut next = Some(from);
        while let Some(at) = next {
            let Some(start) = self.first_place(at)? else { return Ok(None) };
            if let Some(end) = self.machine.run(start)? {
                self.machine.groups[0] = (start as u32, end as u32);
                return Ok(Some(Match { start, end }));
            }
            next = self.behind(start);
        }
        Ok(None)
    }

    /// The first place from `at` on where a match may begin.
    fn first_place(&mut self, at: usize) -> Result<Option<usize>, OutOfSteps> {
        let text = self.text.as_bytes();
        let program = self.machine.program;
        let found = match &program.first {
            First::Anything => return Ok(Some(at)),
            First::Start => return Ok((at == 0).then_some(0)),
            First::Byte(byte) => memchr::memchr(*byte, &text[at..]).map(|found| at + found),
            First::Set(set) => {
                let set = &program.sets[*set as usize];
                let mut place = at;
                loop {
                    match text.get(place) {
                        None => break None,
                        Some(byte @ ..0x80) if !set.has_byte(*byte) => place += 1,
                        Some(0x80..) if !set.may_be_wide() => place += decode(text, place).1,
                        Some(0x80..) if set.take(text, place).is_none() => place += decode(text, place).1,
                        Some(_) => break Some(place),
                    }
                }
            }
        };
        self.machine.spend((found.unwrap_or(text.len()) - at) / 16)?;
        Ok(found)
    }
}
