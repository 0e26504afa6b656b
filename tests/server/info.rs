//! INFO beside a real server's: the same sections, and in them the same fields in the same order.

use testkit::{Client, Program, check, skip};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(has_the_real_servers_fields, counts_what_happened, takes_section_names);

/// Fields of Redis 7.0 whose subject comes with a later issue: scripts, modules, cluster links, and the fork that our
/// snapshots do without.
const LATER: [&str; 10] = [
    "used_memory_vm_eval",
    "used_memory_lua",
    "used_memory_scripts",
    "used_memory_vm_functions",
    "used_memory_vm_total",
    "used_memory_functions",
    "number_of",
    "module_fork",
    "mem_cluster_links",
    "redis_git",
];

/// The sections in their order, with the names of their fields.
fn sections(client: &mut Client, which: &str) -> Vec<(String, Vec<String>)> {
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    for line in client.run(&format!("INFO {which}")).text().lines() {
        if let Some(title) = line.strip_prefix("# ") {
            sections.push((title.trim_end().to_owned(), Vec::new()));
        } else if let (Some((name, _)), Some((_, names))) = (line.split_once(':'), sections.last_mut()) {
            names.push(name.to_owned());
        }
    }
    sections
}

/// Those of `wanted` that are not in `found`, or not in this order.
fn out_of_place<'a>(
    wanted: impl Iterator<Item = &'a String>,
    found: &'a [String],
) -> impl Iterator<Item = &'a String> {
    let mut next = 0;
    wanted.filter(move |name| match found[next..].iter().position(|other| other == *name) {
        Some(position) => {
            next += position + 1;
            false
        }
        None => true,
    })
}

fn has_the_real_servers_fields(workers: u32) {
    let Some(redis) = Program::redis_7() else { return skip("there is no redis-server on PATH") };
    let (real, server) = (testkit::Server::start(&redis), under_test(workers).start());
    let own = sections(&mut server.client(), "everything");
    let mut problems = Vec::new();
    for (title, names) in sections(&mut real.client(), "everything") {
        if matches!(
            title.as_str(),
            "Modules" | "Cluster" | "Commandstats" | "Latencystats" | "Errorstats" | "Keyspace"
        ) {
            continue;
        }
        let Some((_, found)) = own.iter().find(|(other, _)| *other == title) else {
            problems.push(format!("no section {title}"));
            continue;
        };
        let is_later = |name: &&String| LATER.iter().any(|prefix| name.starts_with(prefix));
        let wanted = names.iter().filter(|name| !server.program().is_ochre() || !is_later(name));
        problems.extend(out_of_place(wanted, found).map(|name| format!("{title}: no {name} at its place")));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

fn counts_what_happened(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(
        &mut client,
        "SET a 1 -> OK
         SET b 1 EX 100 -> OK
         GET a -> \"1\"
         GET missing -> nil
         GET -> ERR wrong number of arguments for 'get' command
         NOSUCH -> ERR unknown command 'NOSUCH', with args beginning with:
         SELECT 3 -> OK
         SET c 1 -> OK",
    );
    let info = client.info("everything");
    assert_eq!((info.number("keyspace_hits"), info.number("keyspace_misses")), (1, 1));
    assert_eq!(
        info.text("db0").trim_end_matches(",subexpiry=0"),
        format!("keys=2,expires=1,avg_ttl={}", average_ttl(info.text("db0")))
    );
    assert!(info.text("db3").starts_with("keys=1,expires=0,avg_ttl=0"));
    assert_eq!(info.text("errorstat_ERR"), "count=2");
    assert!(info.text("cmdstat_set").starts_with("calls=3,usec="));
    assert!(info.text("cmdstat_get").contains("rejected_calls=1,failed_calls=0"));
    assert!(info.text("latency_percentiles_usec_set").starts_with("p50="));
    assert!(info.text("latency_percentiles_usec_set").contains(",p99.9="));
    assert_eq!(info.text("process_id"), server.pid().to_string());
    assert_eq!(info.text("tcp_port"), server.port().to_string());
    assert_eq!(info.text("total_error_replies"), "2");
    assert!(info.number("used_memory") > 0 && info.number("used_memory_rss") > 0);
    assert!(info.number("total_net_input_bytes") > 0 && info.number("total_net_output_bytes") > 0);
}

fn average_ttl(line: &str) -> &str {
    line.split("avg_ttl=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default()
}

fn takes_section_names(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let titles = |client: &mut Client, which: &str| -> Vec<String> {
        sections(client, which).into_iter().map(|(title, _)| title).collect()
    };
    assert_eq!(titles(&mut client, "cpu"), ["CPU"]);
    assert_eq!(titles(&mut client, "SERVER Clients"), ["Server", "Clients"]);
    assert_eq!(titles(&mut client, "nosuch"), [""; 0]);
    let default = titles(&mut client, "");
    assert!(!default.contains(&"Commandstats".to_owned()) && default.contains(&"Replication".to_owned()));
    assert_eq!(titles(&mut client, "default"), default);
    let all = titles(&mut client, "all");
    assert!(all.contains(&"Commandstats".to_owned()));
    assert!(all.contains(&"Latencystats".to_owned()));
}
