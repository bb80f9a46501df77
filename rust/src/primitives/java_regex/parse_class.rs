//! Classes in brackets: ranges, unions, intersections.

use super::{
    charset::CharSet,
    escape::Escaped,
    fold,
    parse::Parser,
    refused::Refused,
    syntax::{Fold, Node},
};

impl Parser {
    /// A class; the cursor stands on its opening bracket.
    pub(super) fn class(&mut self) -> Result<CharSet, Refused> {
        let open = self.source.cursor;
        self.deeper(|parser| parser.class_items(open, true))
    }

    /// The items of a class: behind a bracket, or behind `&&` up to the bracket that ends the class around.
    fn class_items(&mut self, open: usize, bracket: bool) -> Result<CharSet, Refused> {
        let mut negative = false;
        let mut items: Vec<(u32, u32)> = Vec::new();
        let (mut any, mut intersected) = (false, None::<CharSet>);
        if bracket {
            self.source.next();
            // AWS: none; Java takes `^` for a negation only right behind the bracket, white space or not.
            if self.source.peek() == Some('^') && self.source.cursor == open + 1 {
                negative = true;
                self.source.next();
            }
        }
        loop {
            let Some(letter) = self.source.peek_letter() else {
                return self.source.refuse_at(open, "a class without its closing bracket");
            };
            let sign = if letter.quoted { None } else { Some(letter.char) };
            match sign {
                Some(']') if any => break,
                Some('&') if self.is_intersection() => {
                    let right = self.right_side(open)?;
                    let left = intersected.take();
                    let left = match left {
                        Some(left) => Some(left),
                        None if any => Some(CharSet::of(std::mem::take(&mut items))),
                        None => None,
                    };
                    intersected = Some(left.map_or(right.clone(), |left| left.intersect(&right)));
                    any = true;
                    continue;
                }
                _ if intersected.is_some() => {
                    return self.source.refuse("a character behind an intersection");
                }
                Some('[') => items.extend_from_slice(self.class()?.ranges()),
                _ => self.class_item(&mut items)?,
            }
            any = true;
        }
        if bracket {
            self.source.cursor += 1;
        }
        let set = intersected.unwrap_or_else(|| CharSet::of(items));
        Ok(if negative { set.negate() } else { set })
    }

    /// Whether two ampersands stand here.
    fn is_intersection(&mut self) -> bool {
        let cursor = self.source.cursor;
        let second = self.source.next();
        if second != Some('&') {
            self.source.cursor = cursor;
        }
        second == Some('&')
    }

    /// What stands behind `&&`; the cursor stands on its second sign.
    fn right_side(&mut self, open: usize) -> Result<CharSet, Refused> {
        self.source.next();
        let mut right = None::<CharSet>;
        loop {
            let set = match self.source.peek_letter() {
                None => return self.source.refuse_at(open, "a class without its closing bracket"),
                Some(letter) if letter.quoted => self.deeper(|parser| parser.class_items(open, false))?,
                Some(letter) => match letter.char {
                    ']' | '&' => break,
                    '[' => self.class()?,
                    _ => self.deeper(|parser| parser.class_items(open, false))?,
                },
            };
            right = Some(right.map_or(set.clone(), |right| right.union(&set)));
        }
        match right {
            Some(right) => Ok(right),
            None => self.source.refuse("an intersection without its right side"),
        }
    }

    /// One character, range, property or predefined class.
    fn class_item(&mut self, items: &mut Vec<(u32, u32)>) -> Result<(), Refused> {
        let first = match self.class_character(false)? {
            Escaped::Point(point) => point,
            Escaped::Node(Node::Set(set)) => {
                items.extend_from_slice(set.ranges());
                return Ok(());
            }
            Escaped::Node(_) => return self.source.refuse("what is no character, in a class"),
        };
        if self.source.peek() == Some('-') {
            let behind = self.source.raw(self.source.cursor + 1).map(|letter| (letter.char, letter.quoted));
            if !matches!(behind, Some(('[' | ']', false))) {
                self.source.next();
                let last = match self.class_character(true)? {
                    Escaped::Point(last) if first <= last => last,
                    _ => return self.source.refuse("a range whose end is below its beginning"),
                };
                match self.fold() {
                    Fold::None => items.push((first, last)),
                    fold => items.extend(fold::range(first, last, fold == Fold::Unicode)),
                }
                return Ok(());
            }
        }
        if let Node::Set(set) = self.literal(first) {
            items.extend_from_slice(set.ranges());
        }
        Ok(())
    }

    fn class_character(&mut self, ends_range: bool) -> Result<Escaped, Refused> {
        match self.source.peek_letter() {
            None => self.source.refuse("a class without its closing bracket"),
            Some(letter) if letter.char == '\\' && !letter.quoted => self.escape(true, ends_range),
            Some(letter) => {
                self.source.cursor += 1;
                Ok(Escaped::Point(u32::from(letter.char)))
            }
        }
    }
}
