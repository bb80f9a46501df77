//! `#if`, `#set`, `#foreach`, `#define`, `#macro`, `#break`, `#stop`, `#literal` and calls of macros.

use super::{
    CompileError,
    parser::Parser,
    token::{Kind, Token},
    tree::{Argument, ArgumentId, Call, Constant, Expression, Foreach, If, Macro, Node, Reference, Slot},
};
use crate::primitives::java::Text;

/// The directives with names of their own; any other name is a macro's.
pub(super) const DIRECTIVES: &[&str] =
    &["foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop"];

/// An argument of a directive.
struct Given {
    expression: Expression,
    /// The first word of the argument.
    first: Token,
    /// Whether it is a bare word.
    word: bool,
    literal: Box<str>,
}

impl Parser<'_, '_> {
    pub(super) fn if_statement(&mut self) -> Result<Node, CompileError> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        self.advance()?;
        loop {
            self.skip(Kind::Whitespace)?;
            self.expect(Kind::ParenOpen, "the condition's (")?;
            let condition = self.deeper(Self::expression)?;
            self.expect(Kind::ParenClose, "the condition's )")?;
            branches.push((condition, self.nested_block()?));
            if !self.skip(Kind::ElseIf)? {
                break;
            }
        }
        if self.skip(Kind::Else)? {
            otherwise = Some(self.nested_block()?);
        }
        self.expect(Kind::End, "#end")?;
        Ok(Node::If(Box::new(If { branches: branches.into_boxed_slice(), otherwise })))
    }

    pub(super) fn set(&mut self) -> Result<Node, CompileError> {
        self.advance()?;
        self.skip(Kind::Whitespace)?;
        if !self.reference_follows()? {
            return self.refuse("#set needs a reference");
        }
        let target = self.target()?;
        self.skip(Kind::Whitespace)?;
        self.expect(Kind::Assign, "the = of #set")?;
        let value = self.deeper(Self::expression)?;
        self.expect(Kind::ParenClose, "the ) of #set")?;
        self.lexer.leave_set();
        Ok(Node::Set(Box::new((target, value))))
    }

    /// What `#set` sets. Velocity 1.7 takes the first word without its `$` for the name of a variable, so that
    /// `#set(${a} = 1)` and `#set($!a = 1)` set nothing that a reference could read.
    fn target(&mut self) -> Result<Reference, CompileError> {
        let first = self.peek(0)?;
        let mut target = self.reference()?.reference;
        if target.steps.is_empty() {
            let image = self.image(first);
            let name = image.rfind('$').map_or(image, |at| &image[at + 1..]);
            target.slot = self.shared.assigned(name);
        }
        Ok(target)
    }

    pub(super) fn directive(&mut self) -> Result<Node, CompileError> {
        let start = self.next;
        let token = self.advance()?;
        let image = self.image(token);
        let name = match token.kind {
            Kind::BracketedWord => image.get(2..image.len() - 1),
            _ => image.get(1..),
        }
        .unwrap_or_default();
        if matches!(name, "include" | "parse" | "evaluate") {
            return Err(CompileError::at(self.text, token.start, format!("#{name} is not supported")));
        }
        let known = DIRECTIVES.contains(&name);
        self.lexer.enter_directive();
        if !self.lexer.parenthesis_follows() {
            if name == "macro" {
                return Err(CompileError::at(self.text, token.start, "#macro needs a name"));
            }
            self.lexer.leave_directive();
            return self.without_arguments(name, token);
        }
        self.skip(Kind::Whitespace)?;
        self.expect(Kind::ParenOpen, "(")?;
        let arguments = self.deeper(|parser| parser.directive_arguments(name, known))?;
        if matches!(name, "break" | "stop") {
            return self.ending(name, token, arguments);
        }
        if !known && !name.starts_with('@') {
            let literal = self.images(start..self.next, false).into();
            return Ok(self.call(name, arguments, None, literal));
        }
        let body = self.next;
        let block = self.nested_block()?;
        self.shared.tree.has_blocks |= name == "define" || name.starts_with('@');
        let behind = self.next;
        self.expect(Kind::End, "#end")?;
        match name {
            "foreach" => self.foreach(token, arguments, block),
            "define" => self.define(token, &arguments, block),
            "macro" => self.macro_definition(token, &arguments, block),
            "literal" => Ok(Node::Text(self.images(body..behind, true).into())),
            _ => {
                let literal = self.images(start..self.next, false).into();
                Ok(self.call(&name[1..], arguments, Some(block), literal))
            }
        }
    }

    fn without_arguments(&mut self, name: &str, token: Token) -> Result<Node, CompileError> {
        match name {
            "break" => Ok(Node::Break(None)),
            "stop" => Ok(Node::Stop(None)),
            "foreach" | "define" | "literal" => {
                Err(CompileError::at(self.text, token.start, format!("#{name} needs parentheses")))
            }
            _ if name.starts_with('@') => Ok(Node::Text(format!("#{name}").into())),
            _ => {
                let literal = self.image(token).into();
                Ok(self.call(name, Vec::new(), None, literal))
            }
        }
    }

    fn directive_arguments(&mut self, name: &str, known: bool) -> Result<Vec<Given>, CompileError> {
        let mut arguments = Vec::new();
        while self.argument_follows()? {
            self.skip(Kind::Whitespace)?;
            if self.skip(Kind::Comma)? {
                self.skip(Kind::Whitespace)?;
            }
            let first = self.peek(0)?;
            let start = self.next;
            let word = first.kind == Kind::Word;
            let position = arguments.len();
            if name == "macro" && position == 0 && !word {
                return self.refuse("a macro's name is a bare word");
            }
            let bare_is_wrong = known && (name != "foreach" || position != 1) && (name != "macro" || position != 0);
            if word && bare_is_wrong {
                return self.refuse("a bare word cannot stand here");
            }
            let expression = if word {
                self.advance()?;
                Expression::Constant(Constant::Null)
            } else {
                self.primary(true)?
            };
            let literal = self.images(start..self.next, true).into();
            arguments.push(Given { expression, first, word, literal });
        }
        self.skip(Kind::Whitespace)?;
        self.expect(Kind::ParenClose, "the directive's )")?;
        Ok(arguments)
    }

    /// Whether an argument comes next, as far as two words tell.
    fn argument_follows(&mut self) -> Result<bool, CompileError> {
        let first = self.peek(0)?.kind;
        let begins = |kind| kind == Kind::Word || Self::begins_value(kind);
        Ok(match first {
            Kind::Whitespace => {
                let second = self.peek(1)?.kind;
                second == Kind::Comma || begins(second)
            }
            Kind::Comma => {
                let second = self.peek(1)?.kind;
                second == Kind::Whitespace || begins(second)
            }
            other => begins(other),
        })
    }

    fn ending(&mut self, name: &str, token: Token, mut arguments: Vec<Given>) -> Result<Node, CompileError> {
        if arguments.len() > 1 {
            return Err(CompileError::at(self.text, token.start, format!("#{name} takes one argument at most")));
        }
        let argument = arguments.pop().map(|given| Box::new(given.expression));
        Ok(if name == "break" { Node::Break(argument) } else { Node::Stop(argument) })
    }

    fn foreach(&mut self, token: Token, mut arguments: Vec<Given>, block: u32) -> Result<Node, CompileError> {
        if arguments.len() != 3 {
            return Err(CompileError::at(self.text, token.start, "#foreach needs ($item in $list)"));
        }
        let list = arguments.pop().map_or(Expression::Constant(Constant::Null), |given| given.expression);
        let variable = match &arguments[0].expression {
            Expression::Reference(reference) => self.shared.assigned_slot(reference.slot),
            _ => self.shared.slot(self.image(arguments[0].first).get(1..).unwrap_or_default()),
        };
        Ok(Node::Foreach(Box::new(Foreach { variable, list, block })))
    }

    fn define(&mut self, token: Token, arguments: &[Given], block: u32) -> Result<Node, CompileError> {
        let [given] = arguments else {
            return Err(CompileError::at(self.text, token.start, "#define needs one variable"));
        };
        // Only `$name` gives the block a name that references find.
        let name = self.image(given.first).strip_prefix('$').filter(|name| !name.starts_with(['{', '!']));
        let slot = name.map(|name| self.shared.assigned(name));
        Ok(Node::Define(slot, block))
    }

    fn macro_definition(&mut self, token: Token, arguments: &[Given], block: u32) -> Result<Node, CompileError> {
        let mut names = arguments.iter().map(|given| self.image(given.first));
        let Some(name) = names.next() else {
            return Err(CompileError::at(self.text, token.start, "#macro needs a name"));
        };
        let names: Vec<&str> = names.map(|name| name.strip_prefix('$').unwrap_or(name)).collect();
        let parameters: Box<[Slot]> = names.iter().map(|name| self.shared.assigned(name)).collect();
        let name = Text::new(name);
        self.shared.defined.push(name.clone());
        // The first definition of a name is the one that counts.
        if !self.shared.tree.macros.iter().any(|known| known.name == name) {
            self.shared.tree.macros.push(Macro { name, parameters, block });
        }
        Ok(Node::Text("".into()))
    }

    fn call(&mut self, name: &str, arguments: Vec<Given>, body: Option<u32>, literal: Box<str>) -> Node {
        let bad_argument = arguments.iter().any(|given| given.word);
        let arguments = arguments
            .into_iter()
            .map(|given| {
                self.shared.tree.arguments.push(Argument { expression: given.expression, literal: given.literal });
                self.shared.tree.arguments.len() as ArgumentId - 1
            })
            .collect();
        Node::Call(Box::new(Call { name: Text::new(name), target: None, arguments, body, literal, bad_argument }))
    }
}
