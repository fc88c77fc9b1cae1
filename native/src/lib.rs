//! What firedoor leaves to compiled code: the walk over the text of very large lists.
//!
//! Nothing is judged here. Texts are cut out, told apart and numbered; what they mean is decided in Python, once for
//! each text.

use pyo3::prelude::*;

mod collecting;
mod interning;
mod pods;
mod reading;
mod wire;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<pods::PodList>()?;
    Ok(())
}
