//! The `Engine` and `Ticket` classes. Whatever may wait for a core, a socket or the disk runs without the GIL.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use apigw_engine::{
    accept::tls,
    config::Config,
    engine,
    primitives::{sigv4::Credentials, yaml},
    snapshot::{body_source, registry, selection, templates, wire::SnapshotPatch},
    state::client_identity,
};
use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::PyBytes,
};

use crate::{calls, errors, signing};

/// A prepared patch, not yet served; dropping it is a rollback.
#[pyclass(frozen, module = "apigw._engine")]
pub(crate) struct Ticket(Mutex<Option<registry::Ticket>>);

/// One data plane.
#[pyclass(frozen, module = "apigw._engine")]
pub(crate) struct Engine(engine::Engine);

fn config(json: &[u8]) -> PyResult<Config> {
    serde_json::from_slice(json)
        .map_err(|error| errors::StartError::new_err(format!("the configuration cannot be read: {error}")))
}

fn json<T: serde::Serialize>(value: &T) -> PyResult<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

#[pymethods]
impl Engine {
    #[new]
    fn new() -> Self {
        Self(engine::Engine::new())
    }

    fn start<'py>(&self, python: Python<'py>, config: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let config = self::config(config)?;
        let bound = python.detach(|| self.0.start(config)).map_err(errors::start)?;
        Ok(PyBytes::new(python, &json(&bound)?))
    }

    fn stop(&self, python: Python<'_>, grace: f64) -> u64 {
        let grace = Duration::try_from_secs_f64(grace.max(0.0)).unwrap_or(Duration::MAX);
        python.detach(|| self.0.stop(grace))
    }

    fn drain(&self, python: Python<'_>) {
        python.detach(|| self.0.drain());
    }

    fn reload(&self, python: Python<'_>, config: &[u8]) -> PyResult<()> {
        let config = self::config(config)?;
        python.detach(|| self.0.reload(&config)).map_err(errors::start)
    }

    fn prepare(&self, python: Python<'_>, patch: &[u8]) -> PyResult<Ticket> {
        let ticket = python.detach(|| self.0.prepare(patch)).map_err(errors::prepare)?;
        Ok(Ticket(Mutex::new(Some(ticket))))
    }

    #[expect(clippy::needless_pass_by_value, reason = "as pyo3 extracts a list")]
    fn activate(&self, python: Python<'_>, tickets: Vec<Py<Ticket>>) -> PyResult<()> {
        let mut taken = Vec::with_capacity(tickets.len());
        for ticket in &tickets {
            let ticket = ticket.get().0.lock().unwrap_or_else(PoisonError::into_inner).take();
            taken.push(ticket.ok_or_else(|| PyValueError::new_err("a ticket was activated before"))?);
        }
        python.detach(|| self.0.activate(taken));
        Ok(())
    }

    fn test_invoke<'py>(&self, python: Python<'py>, patch: &[u8], request: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let answer = python.detach(|| self.0.test_invoke(patch, request)).map_err(errors::test)?;
        Ok(PyBytes::new(python, &answer))
    }

    fn units(&self, python: Python<'_>) -> Vec<(String, String)> {
        python.detach(|| self.0.units())
    }

    fn flush_cache(&self, python: Python<'_>, api_id: &str, stage_name: &str) {
        python.detach(|| self.0.flush_cache(api_id, stage_name));
    }

    fn calls_fd(&self) -> PyResult<i32> {
        self.0.calls_fd().ok_or_else(|| PyRuntimeError::new_err("the engine is not running"))
    }

    fn take_calls<'py>(&self, python: Python<'py>) -> Vec<calls::Row<'py>> {
        self.0.take_calls().iter().map(|call| calls::row(python, call)).collect()
    }

    #[pyo3(signature = (id, head, body))]
    fn answer(&self, id: u64, head: &[u8], body: &[u8]) {
        self.0.answer(id, head.to_vec(), body.to_vec());
    }

    fn flush_log(&self, python: Python<'_>) {
        python.detach(|| self.0.flush_log());
    }

    fn metrics<'py>(&self, python: Python<'py>) -> Bound<'py, PyBytes> {
        let text = python.detach(|| self.0.metrics());
        PyBytes::new(python, text.as_bytes())
    }

    fn set_ready(&self, ready: bool) {
        self.0.set_ready(ready);
    }

    #[staticmethod]
    fn roundtrip<'py>(python: Python<'py>, patch: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let patch: SnapshotPatch =
            serde_json::from_slice(patch).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(PyBytes::new(python, &json(&patch)?))
    }

    #[staticmethod]
    fn yaml_to_json<'py>(python: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let json = python.detach(|| yaml::yaml_to_json(text)).map_err(errors::yaml)?;
        Ok(PyBytes::new(python, &json))
    }

    #[staticmethod]
    fn check(python: Python<'_>, kind: &str, text: &str) -> PyResult<Option<String>> {
        match kind {
            "template" => Ok(python.detach(|| templates::check(text)).err()),
            "jsonPath" => Ok(python.detach(|| body_source::check(text)).err()),
            "selectionPattern" => Ok(python.detach(|| selection::check(text)).err()),
            "regex" => Ok(python.detach(|| selection::check_regex(text)).err()),
            _ => Err(PyValueError::new_err(format!("no text is of kind {kind:?}"))),
        }
    }

    #[staticmethod]
    fn self_signed_certificate(python: Python<'_>, epoch_seconds: u64) -> PyResult<(String, String)> {
        let made = python
            .detach(|| tls::self_signed(epoch_seconds))
            .map_err(|error| errors::StartError::new_err(error.to_string()))?;
        Ok((made.certificate, made.key))
    }

    #[staticmethod]
    fn client_certificate(python: Python<'_>, not_before: u64, not_after: u64) -> PyResult<(String, String)> {
        let made = python
            .detach(|| client_identity::make(not_before, not_after))
            .map_err(|error| errors::StartError::new_err(error.to_string()))?;
        Ok((made.certificate, made.private_key))
    }

    #[staticmethod]
    #[expect(clippy::too_many_arguments, clippy::needless_pass_by_value, reason = "one call, no object to build first")]
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
    ) -> PyResult<Vec<(&'static str, String)>> {
        let credentials = Credentials { access_key_id, secret_access_key, region, service };
        signing::sign(method, url, &headers, body, &credentials, epoch_seconds)
            .ok_or_else(|| PyValueError::new_err(format!("'{url}' is no URL with a host")))
    }
}
