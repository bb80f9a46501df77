//! What Python catches, and how the engine's errors become it.

use apigw_engine::{engine, primitives::yaml, snapshot::registry};
use pyo3::{
    PyErr, create_exception,
    exceptions::{PyException, PyValueError},
};

create_exception!(
    _engine,
    PrepareError,
    PyException,
    "All reasons why a patch does not compile: args[0] is a list of (json_path, message)."
);
create_exception!(_engine, StartError, PyException, "Why the engine cannot start, in one sentence.");
create_exception!(
    _engine,
    YamlError,
    PyException,
    "Why a YAML text was refused: args are (message, line, column), both counted from 1."
);

pub(crate) fn prepare(errors: Vec<registry::PrepareError>) -> PyErr {
    let rows: Vec<(String, String)> = errors.into_iter().map(|error| (error.path, error.message)).collect();
    PrepareError::new_err((rows,))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn start(error: engine::StartError) -> PyErr {
    StartError::new_err(error.to_string())
}

pub(crate) fn test(error: engine::TestError) -> PyErr {
    match error {
        engine::TestError::Prepare(errors) => prepare(errors),
        engine::TestError::Refused(why) => PyValueError::new_err(why),
        engine::TestError::Stopped => StartError::new_err(error.to_string()),
    }
}

pub(crate) fn yaml(error: yaml::YamlError) -> PyErr {
    YamlError::new_err((error.message, error.line, error.column))
}
