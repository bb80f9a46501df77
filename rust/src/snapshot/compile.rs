//! Units become plans: everything that can be decided before a request comes is decided here, and all errors are collected.
