//! `apigw._engine`: the engine's face for Python and the only place that says pyo3. It translates and decides nothing;
//! `python/apigw/_engine.pyi` describes it, `python/apigw/engine.py` says what the calls mean.

mod calls;
mod engine;
mod errors;
mod signing;

use pyo3::prelude::*;

/// The extension is a loaded library: its allocator must not need static thread-local storage.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule]
#[pyo3(name = "_engine")]
fn engine_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let python = module.py();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("PrepareError", python.get_type::<errors::PrepareError>())?;
    module.add("StartError", python.get_type::<errors::StartError>())?;
    module.add("YamlError", python.get_type::<errors::YamlError>())?;
    module.add_class::<engine::Ticket>()?;
    module.add_class::<engine::Engine>()
}
