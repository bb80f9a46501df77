//! `apigw._engine`: the Python face of the engine; `python/apigw/engine.py` says what the calls mean. Whatever takes time
//! runs without the GIL, and no thread of the engine ever attaches to the interpreter.

use std::time::Duration;

use apigw_engine::{
    config::Config,
    engine,
    primitives::{
        sigv4::{self, Credentials, Request},
        yaml,
    },
    snapshot::{registry, wire::SnapshotPatch},
};
use pyo3::{
    create_exception,
    exceptions::{PyException, PyRuntimeError, PyValueError},
    prelude::*,
    types::PyBytes,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

create_exception!(apigw._engine, PrepareError, PyException);
create_exception!(apigw._engine, StartError, PyException);
create_exception!(apigw._engine, YamlError, PyException);

/// A prepared patch, not yet served; dropping it is a rollback.
#[pyclass(module = "apigw._engine", frozen)]
struct Ticket(std::sync::Mutex<Option<registry::Ticket>>);

/// A pulled call: id, kind, head, body.
type PulledCall<'py> = (u64, &'static str, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// One data plane.
#[pyclass(module = "apigw._engine", frozen)]
struct Engine(engine::Engine);

#[pymethods]
impl Engine {
    #[new]
    fn new() -> Self {
        Self(engine::Engine::new())
    }

    fn start<'py>(&self, py: Python<'py>, config: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let config = configuration(config)?;
        let bound = py.detach(|| self.0.start(config)).map_err(|error| StartError::new_err(error.to_string()))?;
        let bound = serde_json::to_vec(&bound).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &bound))
    }

    fn stop(&self, py: Python<'_>, grace: f64) -> PyResult<u64> {
        let grace = Duration::try_from_secs_f64(grace).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(py.detach(|| self.0.stop(grace)))
    }

    fn drain(&self, py: Python<'_>) {
        py.detach(|| self.0.drain());
    }

    fn reload(&self, py: Python<'_>, config: &[u8]) -> PyResult<()> {
        let config = configuration(config)?;
        py.detach(|| self.0.reload(&config)).map_err(|error| StartError::new_err(error.to_string()))
    }

    fn prepare(&self, py: Python<'_>, patch: &[u8]) -> PyResult<Ticket> {
        match py.detach(|| self.0.prepare(patch)) {
            Ok(ticket) => Ok(Ticket(std::sync::Mutex::new(Some(ticket)))),
            Err(errors) => {
                let reasons: Vec<(String, String)> = errors.into_iter().map(|error| (error.path, error.message)).collect();
                Err(PrepareError::new_err((reasons,)))
            }
        }
    }

    fn activate(&self, py: Python<'_>, tickets: Vec<Bound<'_, Ticket>>) -> PyResult<()> {
        let mut taken = Vec::with_capacity(tickets.len());
        for ticket in &tickets {
            let mut inner = ticket.get().0.lock().map_err(|_| PyRuntimeError::new_err("a ticket is broken"))?;
            taken.push(inner.take().ok_or_else(|| PyValueError::new_err("a ticket can be activated once"))?);
        }
        py.detach(|| self.0.activate(taken));
        Ok(())
    }

    fn units(&self, py: Python<'_>) -> Vec<(String, String)> {
        py.detach(|| self.0.units())
    }

    fn calls_fd(&self) -> PyResult<i32> {
        self.0.calls_fd().ok_or_else(|| StartError::new_err("the engine is not running"))
    }

    fn take_calls<'py>(&self, py: Python<'py>) -> Vec<PulledCall<'py>> {
        self.0
            .take_calls()
            .into_iter()
            .map(|call| (call.id, call.kind, PyBytes::new(py, &call.head), PyBytes::new(py, &call.body)))
            .collect()
    }

    fn answer(&self, id: u64, head: &[u8], body: &[u8]) {
        self.0.answer(id, head.to_vec(), body.to_vec());
    }

    fn metrics<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let text = py.detach(|| self.0.metrics());
        PyBytes::new(py, text.as_bytes())
    }

    fn set_ready(&self, ready: bool) {
        self.0.set_ready(ready);
    }

    #[staticmethod]
    fn roundtrip<'py>(py: Python<'py>, patch: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let patch: SnapshotPatch = serde_json::from_slice(patch).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let text = serde_json::to_vec(&patch).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &text))
    }

    #[staticmethod]
    fn yaml_to_json<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        match py.detach(|| yaml::yaml_to_json(text)) {
            Ok(json) => Ok(PyBytes::new(py, &json)),
            Err(error) => Err(YamlError::new_err((error.message, error.line, error.column))),
        }
    }

    #[staticmethod]
    #[expect(clippy::too_many_arguments, reason = "the parts of a signature are nine")]
    #[expect(clippy::needless_pass_by_value, reason = "a list comes from Python as a vector")]
    fn sign(
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
        access_key_id: &str,
        secret_access_key: &str,
        region: &str,
        service: &str,
        epoch_seconds: i64,
    ) -> Vec<(String, String)> {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (authority, target) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut fields: Vec<(&[u8], &[u8])> = headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            fields.push((b"host", authority.as_bytes()));
        }
        let request = Request { method: method.as_bytes(), path: path.as_bytes(), query: query.as_bytes(), headers: &fields };
        let credentials = Credentials { access_key_id, secret_access_key, region, service };
        sigv4::sign(&request, body, &credentials, epoch_seconds).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn configuration(text: &[u8]) -> PyResult<Config> {
    serde_json::from_slice(text).map_err(|error| StartError::new_err(format!("the configuration is not the engine's: {error}")))
}

/// The module.
#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Engine>()?;
    module.add_class::<Ticket>()?;
    module.add("PrepareError", module.py().get_type::<PrepareError>())?;
    module.add("StartError", module.py().get_type::<StartError>())?;
    module.add("YamlError", module.py().get_type::<YamlError>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
