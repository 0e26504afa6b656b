//! INFO's section `Latencystats`: how long commands take, in percentiles.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let engine = &*ctx.engine;
    let options = &engine.config.statistics;
    if !options.latency_tracking {
        return;
    }
    for (command, histogram) in engine.table.all().iter().zip(&engine.stats.latencies) {
        let Some(histogram) = histogram else { continue };
        let shown = options.latency_tracking_info_percentiles.iter().map(|&percentile| {
            let us = histogram.at_percentile(percentile) as f64 / 1000.0;
            format!("p{}={us:.3}", trimmed(percentile))
        });
        let shown: Vec<String> = shown.collect();
        info.field(&format!("latency_percentiles_usec_{}", command.full_name), shown.join(","));
    }
}

/// With six digits at most behind the point, and no zeros at the end.
fn trimmed(percentile: f64) -> String {
    let text = format!("{percentile:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn percentiles_of_what_ran() {
        let mut bench = Bench::new();
        bench.run("CLIENT ID");
        bench.node.engine.config.statistics.latency_tracking_info_percentiles = vec![0.0, 50.5, 99.999999];
        bench.run("PING");
        let text = bench.run("INFO latencystats");
        assert!(text.starts_with("\"# Latencystats\\r\\nlatency_percentiles_usec_client|id:p0="), "{text}");
        assert!(
            text.contains("latency_percentiles_usec_ping:p0=") && text.contains(",p99.999999="),
            "{text}"
        );
        assert!(text.contains(",p50.5="), "{text}");
        check_on(&mut bench, "CONFIG RESETSTAT -> OK");
        bench.node.engine.config.statistics.latency_tracking_info_percentiles = Vec::new();
        let text = bench.run("INFO latencystats");
        assert!(text.ends_with("latency_percentiles_usec_config|resetstat:\\r\\n\""), "{text}");
    }

    #[test]
    fn nothing_is_measured_when_it_is_off() {
        let mut bench = Bench::new();
        bench.node.engine.config.statistics.latency_tracking = false;
        check_on(&mut bench, "PING -> PONG | INFO latencystats -> \"# Latencystats\\r\\n\"");
        bench.node.engine.stop_timing();
        assert!(bench.node.engine.stats.latencies.iter().all(Option::is_none));
    }
}
