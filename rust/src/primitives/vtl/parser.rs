//! Statements of a template, by the grammar of Velocity 1.7; expressions stand in `parse_expression`, directives in
//! `parse_directive`. The tree is made in the same pass.

use std::collections::HashMap;

use super::{
    CompileError,
    lexer::Lexer,
    token::{Kind, Token},
    tree::{BlockId, Node, Slot, Tree},
};
use crate::primitives::java::Text;

/// Source may be nested so deep: blocks, expressions and texts with references in them together.
const DEEPEST: u32 = 100;

/// What the parsers of a template and of the texts in it share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) tree: Tree,
    slots: HashMap<Text, Slot>,
    /// Macros whose definition has been read to its end.
    pub(super) defined: Vec<Text>,
    depth: u32,
}

impl Shared {
    pub(super) fn slot(&mut self, name: &str) -> Slot {
        if let Some(&slot) = self.slots.get(name) {
            return slot;
        }
        let slot = self.tree.names.len() as Slot;
        self.slots.insert(Text::new(name), slot);
        self.tree.names.push(Text::new(name));
        slot
    }

    /// The slot of a name that the template gives a value itself.
    pub(super) fn assigned(&mut self, name: &str) -> Slot {
        let slot = self.slot(name);
        self.assigned_slot(slot)
    }

    pub(super) fn assigned_slot(&mut self, slot: Slot) -> Slot {
        let name = self.tree.names[slot as usize].as_str();
        self.tree.shadowed |= matches!(name, "input" | "util" | "context" | "stageVariables");
        slot
    }

    pub(super) fn known(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }

    pub(super) fn block(&mut self, nodes: Vec<Node>) -> BlockId {
        self.tree.blocks.push(nodes.into_boxed_slice());
        self.tree.blocks.len() as BlockId - 1
    }
}

/// Reads one source: a template or a text with references in it.
pub(super) struct Parser<'a, 's> {
    pub(super) text: &'a str,
    pub(super) lexer: Lexer<'a>,
    tokens: Vec<Token>,
    pub(super) next: usize,
    pub(super) shared: &'s mut Shared,
}

impl<'a, 's> Parser<'a, 's> {
    pub(super) fn new(text: &'a str, shared: &'s mut Shared) -> Self {
        Self { text, lexer: Lexer::new(text), tokens: Vec::new(), next: 0, shared }
    }

    /// The whole source.
    pub(super) fn process(&mut self) -> Result<Vec<Node>, CompileError> {
        let nodes = self.statements()?;
        if self.peek(0)?.kind != Kind::EndOfText {
            return self.refuse("this cannot stand here");
        }
        Ok(nodes)
    }

    /// The word `ahead` words from here.
    pub(super) fn peek(&mut self, ahead: usize) -> Result<Token, CompileError> {
        while self.tokens.len() <= self.next + ahead {
            let token = self.lexer.next()?;
            self.tokens.push(token);
        }
        Ok(self.tokens[self.next + ahead])
    }

    pub(super) fn advance(&mut self) -> Result<Token, CompileError> {
        let token = self.peek(0)?;
        self.next += 1;
        Ok(token)
    }

    pub(super) fn expect(&mut self, kind: Kind, what: &str) -> Result<Token, CompileError> {
        if self.peek(0)?.kind != kind {
            return self.refuse(format!("{what} is missing"));
        }
        self.advance()
    }

    pub(super) fn skip(&mut self, kind: Kind) -> Result<bool, CompileError> {
        let found = self.peek(0)?.kind == kind;
        self.next += usize::from(found);
        Ok(found)
    }

    /// An error at the next word.
    pub(super) fn refuse<T>(&mut self, message: impl Into<String>) -> Result<T, CompileError> {
        let at = self.peek(0).map_or(self.text.len(), |token| token.start);
        Err(CompileError::at(self.text, at, message))
    }

    pub(super) fn image(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    /// The images of the words from one to before another, as they are shown when nothing better can be: without what
    /// was skipped, and with the text that belonged to no word only when that is asked for.
    pub(super) fn images(&self, words: std::ops::Range<usize>, loose: bool) -> String {
        let mut images = String::new();
        for &token in &self.tokens[words] {
            if loose {
                images.push_str(&self.loose_text(token));
            }
            if !(loose && token.kind == Kind::BlockComment) {
                images.push_str(self.image(token));
            }
        }
        images
    }

    /// Takes the first bytes of a word that has been read out of its image.
    pub(super) fn cut_image(&mut self, word: usize, bytes: usize) {
        self.tokens[word].start += bytes;
    }

    /// Runs `parse` one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, CompileError>,
    ) -> Result<T, CompileError> {
        if self.shared.depth >= DEEPEST {
            return self.refuse("the template is nested too deep");
        }
        self.shared.depth += 1;
        let parsed = parse(self);
        self.shared.depth -= 1;
        parsed
    }

    /// Statements up to a word that begins none.
    pub(super) fn statements(&mut self) -> Result<Vec<Node>, CompileError> {
        let mut nodes = Vec::new();
        while let Some(node) = self.statement()? {
            match (node, nodes.last_mut()) {
                (Node::Text(text), _) if text.is_empty() => {}
                (Node::Text(text), Some(Node::Text(last))) => {
                    let mut joined = std::mem::take(last).into_string();
                    joined.push_str(&text);
                    *last = joined.into_boxed_str();
                }
                (node, _) => nodes.push(node),
            }
        }
        Ok(nodes)
    }

    /// A block of statements, one level deeper.
    pub(super) fn nested_block(&mut self) -> Result<BlockId, CompileError> {
        let nodes = self.deeper(Self::statements)?;
        Ok(self.shared.block(nodes))
    }

    fn statement(&mut self) -> Result<Option<Node>, CompileError> {
        let token = self.peek(0)?;
        Ok(Some(match token.kind {
            Kind::If => self.if_statement()?,
            Kind::Identifier => self.shown_reference()?,
            Kind::RefCurlyOpen if self.peek(1)?.kind == Kind::Identifier => self.shown_reference()?,
            Kind::LineCommentStart => {
                self.advance()?;
                self.skip(Kind::LineCommentEnd)?;
                self.comment(token)
            }
            Kind::BlockComment => {
                self.advance()?;
                self.comment(token)
            }
            Kind::TextBlock => {
                self.advance()?;
                let image = self.image(token);
                // What stands before `#[[` shifts the cut, as in Velocity.
                Node::Text(image.get(3..image.len() - 3).unwrap_or_default().into())
            }
            Kind::Set => self.set()?,
            Kind::EscapedDirective => {
                self.advance()?;
                let shown = self.escaped_directive(self.image(token));
                self.cut_image(self.next - 1, token.end - token.start - shown.len());
                Node::Text(shown.into())
            }
            Kind::DoubleEscape => self.escape()?,
            Kind::Word | Kind::BracketedWord => self.directive()?,
            Kind::Text
            | Kind::Dot
            | Kind::ParenClose
            | Kind::ParenOpen
            | Kind::Integer
            | Kind::Float
            | Kind::StringLiteral
            | Kind::Escape
            | Kind::RefCurlyOpen
            | Kind::RefCurlyClose
            | Kind::EmptyIndex => {
                self.advance()?;
                Node::Text((self.loose_text(token) + self.image(token)).into())
            }
            _ => return Ok(None),
        }))
    }

    /// What stands before a comment in the same word.
    fn comment(&self, token: Token) -> Node {
        let image = self.image(token);
        let start = image.find("##").or_else(|| image.find("#*")).unwrap_or(0);
        Node::Text(image[..start].into())
    }

    /// The `$`, `#` and backslashes before a word that belonged to none.
    pub(super) fn loose_text(&self, token: Token) -> String {
        let Some(before) = token.before else { return String::new() };
        let mut kept = String::new();
        let mut rest = self.text[before..token.start].chars();
        while let Some(character) = rest.next() {
            match character {
                '#' | '$' => kept.push(character),
                '\\' => {
                    let run: String =
                        std::iter::once('\\').chain(rest.clone().take_while(|&next| next == '\\')).collect();
                    if rest.clone().nth(run.len() - 1) == Some('$') {
                        kept.push_str(&run);
                        kept.push('$');
                        rest.nth(run.len() - 1);
                    }
                }
                _ => {}
            }
        }
        kept
    }

    /// `\#name`: half of the backslashes, when the name is a directive's.
    fn escaped_directive(&self, image: &str) -> String {
        let last = image.rfind('\\').unwrap_or(0);
        let directive = &image[last + 1..];
        let name = directive[1..].trim_start_matches('{').trim_end_matches('}');
        if self.is_directive(name) || matches!(name, "if" | "end" | "set" | "else" | "elseif") {
            format!("{}{directive}", &image[..last / 2])
        } else {
            image.to_owned()
        }
    }

    /// Pairs of backslashes: halved before a directive.
    fn escape(&mut self) -> Result<Node, CompileError> {
        let mut count = 0;
        while self.skip(Kind::DoubleEscape)? {
            count += 1;
        }
        let next = self.peek(0)?;
        let image = self.image(next);
        let mut name = image.chars();
        name.next();
        let control =
            matches!(next.kind, Kind::If | Kind::Else | Kind::ElseIf | Kind::End) || self.is_directive(name.as_str());
        Ok(Node::Text(if control { "\\" } else { "\\\\" }.repeat(count).into()))
    }

    fn is_directive(&self, name: &str) -> bool {
        super::parse_directive::DIRECTIVES.contains(&name) || self.shared.defined.iter().any(|defined| defined == name)
    }
}
