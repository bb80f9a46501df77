//! A compiled template: blocks of nodes, expressions, and references whose variables are numbered slots.
//! It is shared between threads, so it holds no values that are counted without locks.

use super::paths;
use crate::primitives::java::Text;

/// Number of a variable.
pub(super) type Slot = u32;
/// Number of a block of nodes.
pub(super) type BlockId = u32;
/// Number of an argument of a macro call.
pub(super) type ArgumentId = u32;

/// Everything a template is made of.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) root: BlockId,
    pub(super) blocks: Vec<Box<[Node]>>,
    /// Arguments of macro calls: evaluated whenever the macro reads them.
    pub(super) arguments: Vec<Argument>,
    pub(super) macros: Vec<Macro>,
    /// The name of each slot.
    pub(super) names: Vec<Text>,
    pub(super) known: Known,
    /// The template has a variable of its own named as an object of the gateway.
    pub(super) shadowed: bool,
    /// A variable may hold a block.
    pub(super) has_blocks: bool,
}

/// Slots with a meaning of their own; `None` when the template does not mention the name.
#[derive(Default)]
pub(super) struct Known {
    pub(super) foreach: Option<Slot>,
    pub(super) velocity_count: Option<Slot>,
    pub(super) velocity_has_next: Option<Slot>,
    pub(super) body_content: Option<Slot>,
}

pub(super) struct Argument {
    pub(super) expression: Expression,
    /// Its source, which an escaped reference to the parameter shows.
    pub(super) literal: Box<str>,
}

pub(super) struct Macro {
    pub(super) name: Text,
    pub(super) parameters: Box<[Slot]>,
    pub(super) block: BlockId,
}

/// What is rendered.
pub(super) enum Node {
    Text(Box<str>),
    Reference(Box<Shown>),
    Set(Box<(Reference, Expression)>),
    If(Box<If>),
    Foreach(Box<Foreach>),
    /// The variable is nothing when the name is one that no reference can have.
    Define(Option<Slot>, BlockId),
    Call(Box<Call>),
    Break(Option<Box<Expression>>),
    Stop(Option<Box<Expression>>),
}

/// A reference in the text.
pub(super) struct Shown {
    pub(super) reference: Reference,
    /// Half of the backslashes before it.
    pub(super) backslashes: Box<str>,
    /// A `$` or `#` before it that belongs to no word.
    pub(super) before: Box<str>,
    /// After an odd number of backslashes its source is shown, not its value.
    pub(super) escaped: bool,
    /// Its source; empty for a quiet one.
    pub(super) literal: Box<str>,
    /// The slot when the source is just `$name`.
    pub(super) name: Option<Slot>,
}

pub(super) struct If {
    pub(super) branches: Box<[(Expression, BlockId)]>,
    pub(super) otherwise: Option<BlockId>,
}

pub(super) struct Foreach {
    pub(super) variable: Slot,
    pub(super) list: Expression,
    pub(super) block: BlockId,
}

pub(super) struct Call {
    pub(super) name: Text,
    /// The macro, once the whole template has been read; a call of none shows its source.
    pub(super) target: Option<u32>,
    pub(super) arguments: Box<[ArgumentId]>,
    /// Which arguments are evaluated once, at the call.
    pub(super) body: Option<BlockId>,
    pub(super) literal: Box<str>,
    /// A bare word was among the arguments.
    pub(super) bad_argument: bool,
}

/// Where a reference begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Variable,
    Input,
    Util,
    Context,
    StageVariables,
}

pub(super) struct Reference {
    pub(super) root: Root,
    pub(super) slot: Slot,
    pub(super) steps: Box<[Step]>,
    /// For the gateway's objects: the constant names the steps begin with.
    pub(super) path: Box<[Text]>,
}

pub(super) enum Step {
    Property(Text),
    Method(Text, Box<[Expression]>),
    Index(Expression),
    /// `$input.json('…')` and `$input.path('…')` with a constant path.
    Json(paths::Path),
    Path(paths::Path),
}

/// What has a value.
pub(super) enum Expression {
    Constant(Constant),
    Reference(Box<Reference>),
    /// A text with references in it; whether the blank that ends every such template still has to go.
    Interpolated(BlockId, bool),
    Range(Box<(Expression, Expression)>),
    List(Box<[Expression]>),
    Map(Box<[(Expression, Expression)]>),
    Not(Box<Expression>),
    And(Box<(Expression, Expression)>),
    Or(Box<(Expression, Expression)>),
    Compare(Comparison, Box<(Expression, Expression)>),
    Calculate(Operator, Box<Operands>),
    /// In parentheses.
    Group(Box<Expression>),
}

pub(super) enum Constant {
    Null,
    Boolean(bool),
    Integer(i32),
    Long(i64),
    /// Digits of an integer that needs more than 64 bits.
    Big(Box<str>),
    Double(f64),
    Text(Text),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

pub(super) struct Operands {
    pub(super) left: Expression,
    pub(super) right: Expression,
    /// The sources of both: `+` shows them in the place of null beside a text.
    pub(super) literals: Option<[Box<str>; 2]>,
}
