//! Pulled calls as Python sees them.

use apigw_engine::control::Call;
use pyo3::{Bound, Python, types::PyBytes};

/// `(id, kind, head, body)`.
pub(crate) type Row<'py> = (u64, &'static str, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

pub(crate) fn row<'py>(python: Python<'py>, call: &Call) -> Row<'py> {
    (call.id, call.kind, PyBytes::new(python, &call.head), PyBytes::new(python, &call.body))
}
