//! References and expressions: operators, literals, lists, maps and ranges.

use super::{
    CompileError,
    parser::Parser,
    paths,
    token::{Kind, Token},
    tree::{Comparison, Constant, Expression, Node, Operands, Operator, Reference, Root, Shown, Step},
};
use crate::primitives::java::{Text, utf16};

/// A reference as it was read.
pub(super) struct Read {
    pub(super) reference: Reference,
    first: Token,
}

/// An expression and the words it was read from.
struct Operand {
    expression: Expression,
    words: std::ops::Range<usize>,
}

impl Parser<'_, '_> {
    pub(super) fn reference_follows(&mut self) -> Result<bool, CompileError> {
        Ok(matches!(self.peek(0)?.kind, Kind::Identifier | Kind::RefCurlyOpen))
    }

    /// A reference in the text, with what its first word says about escapes.
    pub(super) fn shown_reference(&mut self) -> Result<Node, CompileError> {
        let start = self.next;
        let Read { reference, first } = self.reference()?;
        let image = self.image(first);
        if image.contains("\\!") {
            return Ok(Node::Text(without_one_backslash(image).into()));
        }
        // A name right behind the parenthesis of a method is no reference, but its first word is shown.
        let Some(dollar) = image.rfind('$') else { return Ok(Node::Text(image.into())) };
        let backslashes = image.bytes().take_while(|&byte| byte == b'\\').count();
        self.cut_image(start, dollar);
        let literal = self.images(start..self.next, true);
        let escaped = backslashes % 2 == 1;
        let quiet = image[dollar..].starts_with("$!") && !escaped;
        let name = literal.strip_prefix('$').and_then(|name| self.shared.known(name));
        Ok(Node::Reference(Box::new(Shown {
            reference,
            backslashes: image[..backslashes / 2].into(),
            before: image[backslashes..dollar].into(),
            escaped,
            literal: if quiet { Box::default() } else { literal.into() },
            name,
        })))
    }

    pub(super) fn reference(&mut self) -> Result<Read, CompileError> {
        let first = self.advance()?;
        let image = self.image(first);
        let braces = first.kind == Kind::RefCurlyOpen;
        let name = if braces {
            let name = self.expect(Kind::Identifier, "the reference's name")?;
            self.image(name)
        } else {
            image.rfind('$').map_or(image, |at| image[at + 1..].trim_start_matches('!'))
        };
        let name = name.to_owned();
        let mut steps = Vec::new();
        self.indexes(&mut steps)?;
        while self.peek(0)?.kind == Kind::Dot && self.peek(1)?.kind == Kind::Identifier {
            self.advance()?;
            let identifier = self.advance()?;
            let step = Text::new(self.image(identifier));
            if self.method_follows()? {
                self.advance()?;
                let arguments = self.deeper(Self::method_arguments)?;
                steps.push(Step::Method(step, arguments.into_boxed_slice()));
            } else {
                steps.push(Step::Property(step));
            }
            self.indexes(&mut steps)?;
        }
        if braces {
            self.expect(Kind::RefCurlyClose, "the reference's }")?;
        }
        Ok(Read { reference: self.rooted(&name, steps), first })
    }

    /// Whether what follows an identifier is a method's parenthesis and something that can stand behind it.
    fn method_follows(&mut self) -> Result<bool, CompileError> {
        if self.peek(0)?.kind != Kind::ParenOpen {
            return Ok(false);
        }
        let inside = self.peek(1)?.kind;
        Ok(matches!(inside, Kind::Whitespace | Kind::MethodClose) || Self::begins_value(inside))
    }

    fn method_arguments(&mut self) -> Result<Vec<Expression>, CompileError> {
        let mut arguments = Vec::new();
        if self.skip(Kind::MethodClose)? {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.parameter()?);
            if !self.skip(Kind::Comma)? {
                self.expect(Kind::MethodClose, "the method's )")?;
                return Ok(arguments);
            }
        }
    }

    fn indexes(&mut self, steps: &mut Vec<Step>) -> Result<(), CompileError> {
        while self.skip(Kind::IndexOpen)? {
            let index = self.deeper(|parser| {
                parser.skip(Kind::Whitespace)?;
                let index = parser.primary(false)?;
                parser.skip(Kind::Whitespace)?;
                Ok(index)
            })?;
            self.expect(Kind::IndexClose, "the index's ]")?;
            steps.push(Step::Index(index));
        }
        Ok(())
    }

    /// Gives the gateway's objects what can be known before rendering.
    fn rooted(&mut self, name: &str, mut steps: Vec<Step>) -> Reference {
        let root = match name {
            "input" => Root::Input,
            "util" => Root::Util,
            "context" => Root::Context,
            "stageVariables" => Root::StageVariables,
            _ => Root::Variable,
        };
        if root == Root::Input
            && let Some(Step::Method(method, arguments)) = steps.first()
            && let [Expression::Constant(Constant::Text(path))] = &**arguments
            && let Ok(path) = paths::Path::compile(path)
        {
            match method.as_str() {
                "json" => steps[0] = Step::Json(path),
                "path" => steps[0] = Step::Path(path),
                _ => {}
            }
        }
        let constant = |step: &Step| match step {
            Step::Property(name) | Step::Index(Expression::Constant(Constant::Text(name))) => Some(name.clone()),
            _ => None,
        };
        let path = if matches!(root, Root::Context | Root::StageVariables) {
            steps.iter().map_while(constant).collect()
        } else {
            Box::default()
        };
        Reference { root, slot: self.shared.slot(name), steps: steps.into_boxed_slice(), path }
    }

    pub(super) fn begins_value(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::StringLiteral
                | Kind::Integer
                | Kind::Float
                | Kind::BracketOpen
                | Kind::CurlyOpen
                | Kind::True
                | Kind::False
                | Kind::Identifier
                | Kind::RefCurlyOpen
        )
    }

    /// A value with blanks around it, as arguments of methods and items of lists are.
    fn parameter(&mut self) -> Result<Expression, CompileError> {
        self.skip(Kind::Whitespace)?;
        let value = self.primary(true)?;
        self.skip(Kind::Whitespace)?;
        Ok(value)
    }

    /// A literal or a reference; `composed` ones are lists, maps, ranges and fractions too.
    pub(super) fn primary(&mut self, composed: bool) -> Result<Expression, CompileError> {
        let token = self.peek(0)?;
        match token.kind {
            Kind::StringLiteral => {
                self.advance()?;
                self.string(token)
            }
            Kind::Integer => {
                self.advance()?;
                Ok(integer(self.image(token)))
            }
            Kind::True | Kind::False => {
                self.advance()?;
                Ok(Expression::Constant(Constant::Boolean(token.kind == Kind::True)))
            }
            Kind::Identifier | Kind::RefCurlyOpen => {
                let Read { reference, first } = self.reference()?;
                let image = self.image(first);
                if image.contains("\\!") || !image.contains('$') {
                    return Ok(Expression::Constant(Constant::Null));
                }
                Ok(Expression::Reference(Box::new(reference)))
            }
            Kind::Float if composed => {
                self.advance()?;
                Ok(Expression::Constant(Constant::Double(self.image(token).parse().unwrap_or(f64::NAN))))
            }
            Kind::BracketOpen if composed => self.deeper(Self::range_or_list),
            Kind::CurlyOpen if composed => self.deeper(Self::map),
            _ => self.refuse("a value is missing"),
        }
    }

    fn range_or_list(&mut self) -> Result<Expression, CompileError> {
        let start = self.next;
        self.advance()?;
        if let Some(range) = self.range()? {
            return Ok(range);
        }
        self.next = start + 1;
        let mut items = Vec::new();
        if self.skip(Kind::BracketClose)? {
            return Ok(Expression::List(Box::default()));
        }
        loop {
            items.push(self.parameter()?);
            if !self.skip(Kind::Comma)? {
                self.expect(Kind::BracketClose, "the list's ]")?;
                return Ok(Expression::List(items.into_boxed_slice()));
            }
        }
    }

    /// `n..m]`, once a reference or an integer and the two dots are there.
    fn range(&mut self) -> Result<Option<Expression>, CompileError> {
        self.skip(Kind::Whitespace)?;
        if !matches!(self.peek(0)?.kind, Kind::Identifier | Kind::RefCurlyOpen | Kind::Integer) {
            return Ok(None);
        }
        let from = self.primary(false)?;
        self.skip(Kind::Whitespace)?;
        if !self.skip(Kind::DoubleDot)? {
            return Ok(None);
        }
        self.skip(Kind::Whitespace)?;
        if !matches!(self.peek(0)?.kind, Kind::Identifier | Kind::RefCurlyOpen | Kind::Integer) {
            return self.refuse("a range ends with an integer or a reference");
        }
        let to = self.primary(false)?;
        self.skip(Kind::Whitespace)?;
        self.expect(Kind::BracketClose, "the range's ]")?;
        Ok(Some(Expression::Range(Box::new((from, to)))))
    }

    fn map(&mut self) -> Result<Expression, CompileError> {
        self.advance()?;
        let mut entries = Vec::new();
        let blank = usize::from(self.peek(0)?.kind == Kind::Whitespace);
        if Self::begins_value(self.peek(blank)?.kind) {
            loop {
                let key = self.parameter()?;
                self.expect(Kind::Colon, "the map's :")?;
                entries.push((key, self.parameter()?));
                if !self.skip(Kind::Comma)? {
                    break;
                }
            }
        } else {
            self.skip(Kind::Whitespace)?;
        }
        if !self.skip(Kind::CurlyClose)? {
            self.expect(Kind::RefCurlyClose, "the map's }")?;
        }
        Ok(Expression::Map(entries.into_boxed_slice()))
    }

    pub(super) fn expression(&mut self) -> Result<Expression, CompileError> {
        self.binary(0).map(|operand| operand.expression)
    }

    /// An expression of operators that bind as strong as `level` or stronger.
    fn binary(&mut self, level: usize) -> Result<Operand, CompileError> {
        if level == LEVELS {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        loop {
            let operator = self.peek(0)?;
            if level_of(operator.kind) != Some(level) {
                return Ok(left);
            }
            self.advance()?;
            let behind = self.next;
            let right = self.binary(level + 1)?;
            let expression = if operator.kind == Kind::Plus {
                let literals = [&left, &right].map(|operand| self.images(operand.words.clone(), true).into());
                combined(operator.kind, left.expression, right.expression, Some(literals))
            } else {
                combined(operator.kind, left.expression, right.expression, None)
            };
            // To Velocity the words of what an operator makes are those behind it.
            left = Operand { expression, words: behind..self.next };
        }
    }

    fn unary(&mut self) -> Result<Operand, CompileError> {
        self.deeper(|parser| {
            let blank = usize::from(parser.peek(0)?.kind == Kind::Whitespace);
            if parser.peek(blank)?.kind == Kind::Not {
                parser.next += blank + 1;
                let start = parser.next;
                let operand = parser.unary()?;
                let expression = Expression::Not(Box::new(operand.expression));
                return Ok(Operand { expression, words: start..parser.next });
            }
            parser.skip(Kind::Whitespace)?;
            let mut words = parser.next..parser.next;
            let expression = if parser.skip(Kind::ParenOpen)? {
                words.start = parser.next;
                let inner = parser.expression()?;
                words.end = parser.next;
                parser.expect(Kind::ParenClose, ")")?;
                Expression::Group(Box::new(inner))
            } else {
                let value = parser.primary(true)?;
                words.end = parser.next;
                value
            };
            parser.skip(Kind::Whitespace)?;
            Ok(Operand { expression, words })
        })
    }

    /// A text in quotes; in double ones references and directives count.
    fn string(&mut self, token: Token) -> Result<Expression, CompileError> {
        let image = self.image(token);
        let quote = &image[..1];
        let double = quote == "\"";
        let mut text = image[1..image.len() - 1].to_owned();
        if double {
            text = match unescape(&text) {
                Some(text) => text,
                None => return Err(CompileError::at(self.text, token.start, "\\u needs four hexadecimal digits")),
            };
        }
        let text = text.replace(&quote.repeat(2), quote);
        if !double || !image.contains(['$', '#']) {
            return Ok(Expression::Constant(Constant::Text(Text::from(text))));
        }
        let comment = text.contains("##");
        let source = if comment { text } else { text + " " };
        let place = |error: CompileError| {
            let text = format!("in the text: {} ({error})", error.message);
            CompileError::at(self.text, token.start, text)
        };
        let shared = &mut *self.shared;
        let mut nodes = Parser::new(&source, shared).nested().map_err(place)?;
        let mut cut = !comment;
        if cut
            && let Some(Node::Text(last)) = nodes.last_mut()
            && let Some(shorter) = last.strip_suffix(' ')
        {
            *last = shorter.into();
            cut = false;
        }
        if !cut && let [Node::Text(text)] = &nodes[..] {
            return Ok(Expression::Constant(Constant::Text(Text::new(text))));
        }
        Ok(Expression::Interpolated(self.shared.block(nodes), cut))
    }

    fn nested(&mut self) -> Result<Vec<Node>, CompileError> {
        self.deeper(Self::process)
    }
}

/// How many levels of binary operators there are.
const LEVELS: usize = 6;

fn level_of(kind: Kind) -> Option<usize> {
    Some(match kind {
        Kind::Or => 0,
        Kind::And => 1,
        Kind::Equal | Kind::NotEqual => 2,
        Kind::Less | Kind::LessEqual | Kind::Greater | Kind::GreaterEqual => 3,
        Kind::Plus | Kind::Minus => 4,
        Kind::Multiply | Kind::Divide | Kind::Modulus => 5,
        _ => return None,
    })
}

fn combined(kind: Kind, left: Expression, right: Expression, literals: Option<[Box<str>; 2]>) -> Expression {
    let compare = |comparison, left, right| Expression::Compare(comparison, Box::new((left, right)));
    let calculate =
        |operator, left, right| Expression::Calculate(operator, Box::new(Operands { left, right, literals }));
    match kind {
        Kind::Or => Expression::Or(Box::new((left, right))),
        Kind::And => Expression::And(Box::new((left, right))),
        Kind::Equal => compare(Comparison::Equal, left, right),
        Kind::NotEqual => compare(Comparison::NotEqual, left, right),
        Kind::Less => compare(Comparison::Less, left, right),
        Kind::LessEqual => compare(Comparison::LessEqual, left, right),
        Kind::Greater => compare(Comparison::Greater, left, right),
        Kind::GreaterEqual => compare(Comparison::GreaterEqual, left, right),
        Kind::Minus => calculate(Operator::Subtract, left, right),
        Kind::Multiply => calculate(Operator::Multiply, left, right),
        Kind::Divide => calculate(Operator::Divide, left, right),
        Kind::Modulus => calculate(Operator::Modulo, left, right),
        _ => calculate(Operator::Add, left, right),
    }
}

fn integer(image: &str) -> Expression {
    let number = match (image.parse(), image.parse()) {
        (Ok(small), _) => Constant::Integer(small),
        (_, Ok(long)) => Constant::Long(long),
        _ => Constant::Big(image.into()),
    };
    Expression::Constant(number)
}

/// `$\!name` shows itself with one backslash less.
fn without_one_backslash(image: &str) -> String {
    let dollar = image.find('$').unwrap_or(0);
    let slash = dollar + image[dollar..].find('\\').unwrap_or(0);
    [&image[..slash], &image[slash + 1..]].concat()
}

/// `\uXXXX`; other backslashes stay. Nothing when four hexadecimal digits do not follow.
fn unescape(text: &str) -> Option<String> {
    if !text.contains("\\u") {
        return Some(text.to_owned());
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest[..at].encode_utf16());
        let digits = rest.get(at + 2..at + 6)?;
        units.push(u16::from_str_radix(digits, 16).ok()?);
        rest = &rest[at + 6..];
    }
    units.extend(rest.encode_utf16());
    Some(utf16::from_units(&units))
}
