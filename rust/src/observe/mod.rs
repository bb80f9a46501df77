//! What happened: access log lines and metrics, both per core and off the request path, merged when they are read.

mod budgets;
mod carriers;
mod escape;
mod histogram;
mod line;
mod metrics;
mod page;
mod prometheus;
mod room;
mod writer;

pub use budgets::budgets;
pub use carriers::carriers;
pub(crate) use escape::escaped;
pub use histogram::Histogram;
pub use line::{Completed, LineFormat};
pub use metrics::{CoreMetrics, Counter, Series, SeriesTable};
pub use page::AccessLogPage;
pub use prometheus::{Totals, render};
pub use writer::{LogCounts, LogSink, LogWriter};
