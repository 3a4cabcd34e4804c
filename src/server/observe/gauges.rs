//! Numbers that the switchboard and the media driver keep up to date, read when somebody asks for the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Bucket, Counter, Gauge, Histogram as HistogramProto, LabelPair, Metric, MetricFamily, MetricType};

use super::family::{About, Family};
use super::histogram::{Distribution, Histogram, Scale};

/// The numbers. Each family has one writer, which stores whole values; readers may see families a moment apart.
#[derive(Debug, Default)]
pub struct Gauges(Mutex<BTreeMap<Family, Series>>);

/// What a family's series show, by the values of its labels.
type Series = Vec<(Vec<String>, Value)>;

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Histogram(Distribution),
}

impl Gauges {
    /// Sets a number that has no labels.
    pub fn set(&self, family: Family, value: f64) {
        self.put(family, vec![(Vec::new(), Value::Number(value))]);
    }

    /// Sets all numbers of a family, by the values of its labels in their order; those that were there before and are not among
    /// them are gone. Never called for a single packet: media threads hand over their sums from time to time.
    pub fn set_each<const N: usize, L: Into<String>>(&self, family: Family, numbers: impl IntoIterator<Item = ([L; N], f64)>) {
        let series = numbers.into_iter().map(|(labels, value)| (labels.map(Into::into).into(), Value::Number(value)));
        self.put(family, series.collect());
    }

    /// Sets a histogram that has no labels.
    pub fn set_histogram<S: Scale>(&self, family: Family, histogram: &Histogram<S>) {
        self.put(family, vec![(Vec::new(), Value::Histogram(histogram.distribution()))]);
    }

    /// Sets all histograms of a family, as [`Gauges::set_each`] does.
    pub fn set_histograms<S: Scale + 'static>(&self, family: Family, histograms: impl IntoIterator<Item = (String, Histogram<S>)>) {
        let series = histograms.into_iter().map(|(label, histogram)| (vec![label], Value::Histogram(histogram.distribution())));
        self.put(family, series.collect());
    }

    /// The number of a family that has no labels, as it was set last.
    pub(crate) fn get(&self, family: Family) -> Option<f64> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&family)?.first()? {
            (_, Value::Number(value)) => Some(*value),
            (_, Value::Histogram(_)) => None,
        }
    }

    fn put(&self, family: Family, series: Series) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(family, series);
    }
}

/// Reads the numbers for the registry.
pub(super) struct GaugesCollector {
    gauges: Arc<Gauges>,
    descriptions: Vec<Desc>,
}

impl GaugesCollector {
    pub(super) fn new(gauges: Arc<Gauges>) -> prometheus::Result<Self> {
        let describe = |family: Family| {
            let About { help, labels, .. } = family.about();
            let labels = labels.iter().map(|label| (*label).to_owned()).collect();
            Desc::new(name(family), help.to_owned(), labels, Default::default())
        };
        let descriptions = Family::ALL.into_iter().map(describe).collect::<prometheus::Result<_>>()?;
        Ok(Self { gauges, descriptions })
    }
}

impl Collector for GaugesCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let series = self.gauges.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The text encoder refuses a family without metrics.
        series.iter().filter(|(_, series)| !series.is_empty()).map(|(family, series)| shown(*family, series)).collect()
    }
}

fn name(family: Family) -> String {
    format!("switchboard_{}", family.about().name)
}

fn shown(family: Family, series: &Series) -> MetricFamily {
    let About { help, kind, labels, .. } = family.about();
    let mut shown = MetricFamily::default();
    shown.set_name(name(family));
    shown.set_help(help.to_owned());
    shown.set_field_type(kind);
    shown.set_metric(series.iter().map(|(values, value)| metric(kind, value, labels, values)).collect());
    shown
}

fn metric(kind: MetricType, value: &Value, labels: &[&str], values: &[String]) -> Metric {
    let mut metric = Metric::default();
    match value {
        Value::Number(number) if kind == MetricType::COUNTER => {
            let mut counter = Counter::default();
            counter.set_value(*number);
            metric.set_counter(counter);
        }
        Value::Number(number) => {
            let mut gauge = Gauge::default();
            gauge.set_value(*number);
            metric.set_gauge(gauge);
        }
        Value::Histogram(distribution) => metric.set_histogram(histogram(distribution)),
    }
    let pair = |(name, value): (&&str, &String)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value(value.clone());
        pair
    };
    metric.set_label(labels.iter().zip(values).map(pair).collect());
    metric
}

fn histogram(distribution: &Distribution) -> HistogramProto {
    let bucket = |(bound, count): &(f64, u64)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket.set_cumulative_count(*count);
        bucket
    };
    let mut histogram = HistogramProto::default();
    histogram.set_bucket(distribution.cumulative.iter().map(bucket).collect());
    histogram.set_sample_count(distribution.count);
    histogram.set_sample_sum(distribution.sum);
    histogram
}
