//! What a path is once it is read. Knows nothing of documents.

use super::operand::Operand;
use crate::primitives::java::Value;

/// A path: its steps from the document, or from the item a filter looks at.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) from_item: bool,
    pub(super) steps: Vec<Step>,
    /// The only place that the step before the last one names.
    pub(super) only_place: Option<i32>,
}

/// One step, and what stands before it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kind: Kind,
    /// No step before it may find several things: then what is missing is an error.
    pub(super) definite_before: bool,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Kind {
    Property(Vec<Box<str>>),
    Index(Vec<i32>),
    Slice { from: Option<i32>, to: Option<i32> },
    Wildcard,
    Scan,
    Filter(Box<Test>),
    Function(Function),
}

/// A function at a step.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: Name,
    pub(super) parameters: Vec<Parameter>,
    /// Of `length`: the first parameter is a path, no function is its last step, and whether it was definite before a wildcard
    /// was put behind it.
    pub(super) counts: Option<bool>,
}

/// What a function is given.
#[derive(Debug)]
pub(super) enum Parameter {
    /// JSON, as it is written.
    Json(Box<str>),
    Path(Path),
}

/// Jayway's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Avg,
    StdDev,
    Sum,
    Min,
    Max,
    Concat,
    Length,
    Append,
    Keys,
    First,
    Last,
    Index,
}

impl Name {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "avg" => Self::Avg,
            "stddev" => Self::StdDev,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "concat" => Self::Concat,
            "length" | "size" => Self::Length,
            "append" => Self::Append,
            "keys" => Self::Keys,
            "first" => Self::First,
            "last" => Self::Last,
            "index" => Self::Index,
            _ => return None,
        })
    }
}

/// What a filter asks of an item.
#[derive(Debug)]
pub(super) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    /// Whether a path finds something; the other way round when `false`.
    Exists(Path, bool),
    Compare(Operand, Operator, Operand),
}

/// How two operands are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    SameType,
    NotSameType,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    AllOf,
    Contains,
    Size,
    Empty,
}

impl Operator {
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "===" => Self::SameType,
            "!==" => Self::NotSameType,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "=~" => Self::Matches,
            "IN" => Self::In,
            "NIN" => Self::NotIn,
            "SUBSETOF" => Self::SubsetOf,
            "ANYOF" => Self::AnyOf,
            "NONEOF" => Self::NoneOf,
            "ALL" => Self::AllOf,
            "CONTAINS" => Self::Contains,
            "SIZE" => Self::Size,
            "EMPTY" => Self::Empty,
            _ => return None,
        })
    }
}

impl Function {
    pub(super) fn new(name: Name, mut parameters: Vec<Parameter>) -> Self {
        let mut counts = None;
        if name == Name::Length
            && let Some(Parameter::Path(path)) = parameters.first_mut()
            && !matches!(path.steps.last(), None | Some(Step { kind: Kind::Function(_) | Kind::Scan, .. }))
        {
            counts = Some(path.is_definite());
            // json-path still takes the step before the wildcard for the last one.
            let only_place = path.only_place;
            let kinds = std::mem::take(&mut path.steps).into_iter().map(|step| step.kind);
            *path = Path { only_place, ..Path::new(path.from_item, kinds.chain([Kind::Wildcard]).collect()) };
        }
        Self { name, parameters, counts }
    }
}

impl Kind {
    /// Whether it finds one thing at most; `leaf` when it is the last step.
    fn is_definite(&self, leaf: bool) -> bool {
        match self {
            Self::Property(names) => names.len() == 1 || leaf,
            Self::Index(places) => places.len() == 1,
            Self::Function(_) => true,
            Self::Slice { .. } | Self::Wildcard | Self::Scan | Self::Filter(_) => false,
        }
    }
}

impl Path {
    pub(super) fn new(from_item: bool, kinds: Vec<Kind>) -> Self {
        let mut definite_before = true;
        let last = kinds.len().wrapping_sub(1);
        let mut steps = Vec::with_capacity(kinds.len());
        for (number, kind) in kinds.into_iter().enumerate() {
            let definite = kind.is_definite(number == last);
            steps.push(Step { kind, definite_before });
            definite_before &= definite;
        }
        let before_last = steps.len().checked_sub(2).map(|place| &steps[place].kind);
        let only_place = match before_last {
            Some(Kind::Index(places)) if places.len() == 1 => Some(places[0]),
            _ => None,
        };
        Self { from_item, steps, only_place }
    }

    /// Whether it finds one thing at most.
    pub(super) fn is_definite(&self) -> bool {
        self.steps.last().is_none_or(|last| last.definite_before && last.kind.is_definite(true))
    }

    /// Names and single places only: what is read without a list of results.
    pub(super) fn is_plain(&self) -> bool {
        self.steps.iter().all(|step| match &step.kind {
            Kind::Property(names) => names.len() == 1,
            Kind::Index(places) => places.len() == 1,
            _ => false,
        })
    }
}

/// A literal's value, read when it is asked for as Jayway does.
pub(super) fn json(text: &str) -> Option<Value> {
    crate::primitives::java::read(text).ok()
}
