//! What the server tells of itself: logs, latencies, memory, drawings. Mostly the errors and the forms of replies can be
//! compared.

/// In the grammar of `grammar.rs`. Without `VERSION 5` or `6` each server draws something else, of other arguments.
pub const COMMANDS: &str = "
    SLOWLOG (LEN|RESET)
    SLOWLOG GET [(-1|0|1|10|-2|x)]
    SLOWLOG (GET 1 2|LEN x|HELP|value)
    SLOWLOG
    LATENCY (LATEST|DOCTOR|HELP|value)
    LATENCY RESET [command|value]...
    LATENCY HISTORY (command|fast-command|value)
    LATENCY GRAPH (command|value)
    LATENCY HISTOGRAM [get|SET|slowlog|hset|nosuch|value]...
    LATENCY HISTOGRAM (slowlog|get|SLOWLOG|latency)
    LATENCY (HISTORY|GRAPH|LATEST x)
    LATENCY
    MEMORY USAGE key
    MEMORY USAGE key [SAMPLES (0|1|5|-1|x)|value]...
    MEMORY USAGE nosuch [SAMPLES (0|5|-1|x)]
    MEMORY (DOCTOR|PURGE|STATS|MALLOC-STATS|HELP|USAGE|value)
    MEMORY
    !LOLWUT VERSION (5|6) [(0|1|3|-1|20)]...
    !LOLWUT VERSION (x|5 x|6 1 x|5 1 1 x)
";
