//! MEMORY, INFO memory and INFO keysizes of the running server.

use testkit::{Client, Reply, wait_equal};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    usage_is_what_the_server_grows_by,
    figures_are_those_of_info,
    sizes_of_values_are_exact,
    the_allocator_is_asked,
);

fn field(stats: &[Reply], name: &str) -> Reply {
    let place = stats.iter().step_by(2).position(|field| field.text() == name);
    stats[place.unwrap_or_else(|| panic!("no field {name}")) * 2 + 1].clone()
}

fn usage_is_what_the_server_grows_by(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("SET warm up");
    let before = client.info("memory").number("used_memory");
    client.command(&["SET", "string", &"x".repeat(1_000_000)]);
    let requests: Vec<Vec<String>> = (0..20_000)
        .map(|number| ["HSET", "hash", &format!("field{number}"), "value"].map(str::to_owned).to_vec())
        .collect();
    client.pipeline(&requests);
    let grown = client.info("memory").number("used_memory") - before;
    let usage: i64 = ["string", "hash"]
        .iter()
        .map(|key| client.run(&format!("MEMORY USAGE {key} SAMPLES 0")).integer())
        .sum();
    assert!((usage - grown).abs() < grown / 3, "{usage} of {grown}");
    assert_eq!(client.run("MEMORY USAGE nosuch"), Reply::Nil);
}

fn figures_are_those_of_info(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("DEBUG POPULATE 10000");
    client.run("SELECT 3");
    client.run("SET k v EX 1000");
    let stats = client.run("MEMORY STATS").array();
    assert_eq!(field(&stats, "keys.count").integer(), 10_001);
    assert!(field(&stats, "db.3").array().len() >= 4);
    let (total, info) = (field(&stats, "total.allocated").integer(), client.info("memory"));
    assert!(total.abs_diff(info.number("used_memory")) < 1_000_000);
    assert_eq!(field(&stats, "startup.allocated").integer(), info.number("used_memory_startup"));
    let names: Vec<String> = stats.iter().step_by(2).map(Reply::text).collect();
    for name in [
        "peak.allocated",
        "overhead.total",
        "dataset.percentage",
        "allocator.resident",
        "fragmentation.bytes",
    ] {
        assert!(names.iter().any(|other| other == name), "{name} in {names:?}");
    }
}

fn sizes(client: &mut Client) -> String {
    client.run("INFO keysizes").text()
}

fn sizes_of_values_are_exact(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    if !sizes(&mut client).contains("# Keysizes") {
        return testkit::skip("sizes are counted since Redis 8");
    }
    for request in [
        "SET a 12345",
        "APPEND a 6789",
        "SETRANGE b 2000 x",
        "RPUSH l 1 2 3 4 5",
        "LPOP l 2",
        "RPOPLPUSH l m",
        "SADD s 1 2 3",
        "SUNIONSTORE t s s",
        "ZADD z 1 a 2 b",
        "HSET h a 1",
        "HSET gone a 1",
        "DEL gone",
        "SET e x PX 1",
        "XADD x * a b",
        "COPY a c",
        "RENAME t u",
        "MOVE u 4",
        "SET over x",
        "SADD over2 x",
        "RENAME over2 over",
    ] {
        assert!(!client.run(request).is_error(), "{request}");
    }
    let expected = "# Keysizes\r\ndb0_distrib_strings_sizes:8=2,1K=1\r\ndb0_distrib_lists_items:1=1,2=1\r\n\
                    db0_distrib_sets_items:1=1,2=1\r\ndb0_distrib_zsets_items:2=1\r\ndb0_distrib_hashes_items:1=1\r\n\
                    db4_distrib_sets_items:2=1\r\n";
    wait_equal("the key that expires is gone", &expected.to_owned(), || sizes(&mut client));
    client.run("DEBUG RELOAD");
    assert_eq!(sizes(&mut client), expected);
    let replica = under_test(workers).replica_of(&server.address()).start();
    wait_equal("the replica has the data", &expected.to_owned(), || sizes(&mut replica.client()));
    client.run("SWAPDB 0 4");
    assert!(sizes(&mut client).contains("db4_distrib_strings_sizes:8=2,1K=1"));
    client.run("FLUSHALL");
    assert_eq!(sizes(&mut client), "# Keysizes\r\n");
}

fn the_allocator_is_asked(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    assert!(client.run("MEMORY PURGE").is_ok());
    assert!(client.run("MEMORY MALLOC-STATS").text().contains("jemalloc"));
    assert!(!client.run("MEMORY DOCTOR").text().is_empty());
}
