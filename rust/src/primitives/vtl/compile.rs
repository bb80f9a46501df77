//! A template, ready to be rendered any number of times, from any thread.

use super::{
    CompileError, Limits, RenderError, Scope,
    parser::{Parser, Shared},
    render::Renderer,
    tree::{Known, Node, Tree},
};

/// Templates may be so long.
const LONGEST: usize = 300 * 1024;

/// A compiled template.
pub struct Template {
    tree: Tree,
}

impl Template {
    /// Compiles a template; blanks around it do not count.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        if source.len() > LONGEST {
            return Err(CompileError::at(source, 0, "the template is longer than 300 KB"));
        }
        let trimmed = source.trim();
        let start = source.len() - source.trim_start().len();
        Self::compile_exactly(trimmed).map_err(|error| moved(error, &source[..start]))
    }

    /// Compiles a template with the blanks around it.
    pub fn compile_exactly(source: &str) -> Result<Self, CompileError> {
        let mut shared = Shared::default();
        let nodes = Parser::new(source, &mut shared).process()?;
        let root = shared.block(nodes);
        let known = Known {
            foreach: shared.known("foreach"),
            velocity_count: shared.known("velocityCount"),
            velocity_has_next: shared.known("velocityHasNext"),
            body_content: shared.known("bodyContent"),
        };
        let mut tree = shared.tree;
        (tree.root, tree.known) = (root, known);
        for node in tree.blocks.iter_mut().flatten() {
            if let Node::Call(call) = node {
                let target = tree.macros.iter().position(|known| known.name == call.name);
                call.target = target.map(|target| target as u32);
            }
        }
        Ok(Self { tree })
    }

    /// Appends what the template gives to `out`.
    pub fn render(&self, scope: &mut dyn Scope, limits: &Limits, out: &mut String) -> Result<(), RenderError> {
        Renderer::new(&self.tree, scope, limits).run(out)
    }
}

/// An error as it stands behind the text that was cut off.
fn moved(error: CompileError, before: &str) -> CompileError {
    let shift = CompileError::at(before, before.len(), "");
    let column = if error.line == 1 { error.column + shift.column - 1 } else { error.column };
    CompileError { line: error.line + shift.line - 1, column, ..error }
}
