//! What firedoor leaves to compiled code: the walk over very large lists and many lines.
//!
//! Nothing is judged here. Texts are cut out, told apart and numbered; what they mean is decided in Python, once for
//! each text.

use pyo3::prelude::*;

mod collecting;
mod flow_wire;
mod flows;
mod interning;
mod moments;
mod pods;
mod raw;
mod reading;
mod repeating;
mod replicas;
mod tokens;
mod wire;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<flows::FlowLines>()?;
    module.add_class::<pods::PodList>()?;
    Ok(())
}
