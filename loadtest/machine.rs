//! What the numbers were measured on.

use serde::Serialize;

/// The machine of the load tester.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// Processors it has, of which this process may be kept to some.
    pub(crate) cores: usize,
    /// Their model, where the system tells it.
    pub(crate) cpu: Option<String>,
}

impl Machine {
    pub(crate) fn this() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let usable = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let cores = processors(&cpuinfo).max(usable);
        Self { cores, cpu: model_name(&cpuinfo) }
    }
}

fn processors(cpuinfo: &str) -> usize {
    cpuinfo.lines().filter(|line| line.starts_with("processor")).count()
}

fn model_name(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(line.trim_start_matches([' ', '\t', ':']).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_read_where_there_is_one() {
        assert_eq!(model_name("processor\t: 0\nmodel name\t: Fast CPU @ 3GHz\n").as_deref(), Some("Fast CPU @ 3GHz"));
        assert_eq!(model_name("processor\t: 0\n"), None);
        assert_eq!(processors("processor\t: 0\nmodel name\t: processor\n\nprocessor\t: 1\n"), 2);
    }
}
