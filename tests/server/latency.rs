//! LATENCY of the running server: what is remembered of what took long, and how long commands take.

use testkit::{Reply, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    remembers_what_took_long,
    histograms_count_every_run,
    expiry_is_an_event,
    a_slow_disk_is_an_event
);

fn remembers_what_took_long(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("DEBUG SLEEP 0.005");
    assert_eq!(client.run("LATENCY LATEST").array(), []);
    client.run("CONFIG SET latency-monitor-threshold 20");
    client.run("DEBUG SLEEP 0.03");
    let latest = client.run("LATENCY LATEST").array();
    let command =
        latest.into_iter().map(Reply::array).find(|event| event[0].text() == "command").expect("a spike");
    assert!(command[3].integer() >= 30 && command[2].integer() <= command[3].integer(), "{command:?}");
    let spikes = client.run("LATENCY HISTORY command").array();
    assert_eq!(spikes.last().cloned().map(Reply::array), Some(command[1..3].to_vec()));
    let graph = client.run("LATENCY GRAPH command").text();
    assert!(graph.starts_with("command - high "), "{graph}");
    assert!(client.run("LATENCY DOCTOR").text().contains("command"));
    assert!(client.run("LATENCY RESET").integer() >= 1);
    assert!(client.run("LATENCY GRAPH command").is_error());
}

fn histograms_count_every_run(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let requests: Vec<Vec<String>> =
        (0..1000).map(|number| vec!["SET".to_owned(), format!("k{number}"), "v".to_owned()]).collect();
    client.pipeline(&requests);
    for request in ["MULTI", "SET k v", "EXEC", "DEBUG SLEEP 0.02"] {
        client.run(request);
    }
    let histogram = client.run("LATENCY HISTOGRAM set nosuch debug").array();
    assert_eq!(
        (histogram.len(), histogram[0].text(), histogram[2].text()),
        (4, "set".to_owned(), "debug".to_owned())
    );
    let of = |entry: &Reply| {
        let fields = entry.clone().array();
        let steps: Vec<i64> = fields[3].clone().array().iter().map(Reply::integer).collect();
        (fields[1].integer(), steps)
    };
    let (calls, steps) = of(&histogram[1]);
    assert_eq!((calls, steps.last()), (1001, Some(&1001)));
    assert!(
        steps.chunks(2).map(|step| step[0]).is_sorted() && steps.chunks(2).map(|step| step[1]).is_sorted()
    );
    let (_, steps) = of(&histogram[3]);
    assert!(steps[0] >= 16_908, "{steps:?}");
}

/// Many keys that expire together take long enough to be seen, with a threshold of a millisecond.
fn expiry_is_an_event(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("CONFIG SET latency-monitor-threshold 1");
    client.run("DEBUG SET-ACTIVE-EXPIRE 0");
    let requests: Vec<Vec<String>> = (0..60_000)
        .map(|number| ["SET", &format!("k{number}"), "v", "PX", "1"].map(str::to_owned).to_vec())
        .collect();
    client.pipeline(&requests);
    client.run("DEBUG SET-ACTIVE-EXPIRE 1");
    wait_until("all have expired", || client.run("DBSIZE").integer() == 0);
    assert!(!client.run("LATENCY HISTORY expire-cycle").array().is_empty());
}

/// The thread that writes the append-only file tells how long that took.
fn a_slow_disk_is_an_event(workers: u32) {
    let server = under_test(workers).line("appendonly yes").start();
    let mut client = server.client();
    client.run("CONFIG SET latency-monitor-threshold 5");
    client.run("DEBUG AOF-FLUSH-SLEEP 20000");
    client.run("SET k v");
    wait_until("the write is an event", || {
        client.run("PING");
        !client.run("LATENCY HISTORY aof-write").array().is_empty()
    });
    client.run("DEBUG AOF-FLUSH-SLEEP 0");
    let spike = client.run("LATENCY HISTORY aof-write").array()[0].clone().array();
    assert!(spike[1].integer() >= 20, "{spike:?}");
}
