//! The commands of streams. Identifiers are given, not taken from the clock, which the two servers read at different
//! times: only `ahead` gets identifiers by `*`, and those follow one that lies far in the future.

/// In the grammar of `grammar.rs`.
pub const COMMANDS: &str = "
    XADD streamkey id (field value)...
    XADD streamkey (1-*|2-*|3-*) field value
    XADD streamkey (1-*|7-*|8-1|9-0|10|20-1) (field value)...
    XADD streamkey [NOMKSTREAM] [MAXLEN [=|~] count|MINID [=|~] id] [LIMIT count] (newid|id) (field value)...
    XADD streamkey [NOMKSTREAM|MAXLEN count|MAXLEN = count|MINID = id|MINID ~ id|MAXLEN ~ count|LIMIT count]... id field value
    XADD ahead (99999999999999-1|99999999999999-5|99999999999999-*) field value
    XADD ahead NOMKSTREAM * field value
    XADD ahead NOMKSTREAM MAXLEN (1|2|3) * field value
    XADD streamkey id
    XADD streamkey id field
    XADD streamkey
    XLEN (streamkey|ahead)
    XDEL streamkey id...
    XTRIM streamkey (MAXLEN|MINID|x) [=|~] (count|id) [LIMIT count]
    XTRIM streamkey MAXLEN (0|1|2|5)
    XTRIM streamkey MINID id
    XTRIM streamkey [MAXLEN count|MINID id|LIMIT count|x]...
    XRANGE streamkey - +
    XRANGE streamkey rangeid rangeid [COUNT count]
    XRANGE ahead - + COUNT 1000
    XREVRANGE streamkey + -
    XREVRANGE streamkey rangeid rangeid [COUNT count]
    XRANGE streamkey - + (COUNT|x|COUNT 1 COUNT 2)
    XREAD [COUNT count] STREAMS streamkey (id|$)
    XREAD STREAMS streamkey streamkey id id
    XREAD [COUNT count|COUNT 2|NOACK|GROUP g c]... STREAMS streamkey streamkey (id|$|0|>) (id|$|0)
    XREAD BLOCK (1|x|-1) STREAMS streamkey ($|99-99|id)
    XREAD STREAMS streamkey streamkey id
    XREAD STREAMS
    XREAD COUNT 1 streamkey
    XGROUP CREATE streamkey group (id|$|0|0) [MKSTREAM|ENTRIESREAD (0|1|3|-1|-2|x|100)]...
    XGROUP CREATE streamkey group (0|$|1-1) MKSTREAM
    XGROUP SETID streamkey group (id|$|0) [ENTRIESREAD (0|1|3|-1|-2|x|100)]
    XGROUP DESTROY streamkey group
    XGROUP CREATECONSUMER streamkey group consumer
    XGROUP DELCONSUMER streamkey group consumer
    XGROUP (CREATE|SETID|x|DESTROY) streamkey
    XGROUP HELP x
    XREADGROUP GROUP group consumer STREAMS streamkey >
    XREADGROUP GROUP group consumer [COUNT (1|2)] STREAMS streamkey >
    XREADGROUP GROUP group consumer [COUNT count|NOACK]... STREAMS streamkey (>|0|id)
    XREADGROUP GROUP group consumer NOACK STREAMS streamkey (>|>|0)
    XREADGROUP GROUP group consumer STREAMS streamkey streamkey (>|0|id) (>|0|$|+)
    XREADGROUP [COUNT 1|NOACK] STREAMS streamkey >
    XREADGROUP GROUP group consumer COUNT 1 BLOCK (1|x|-1) STREAMS streamkey >
    XACK streamkey group id...
    XPENDING streamkey group
    XPENDING streamkey group - + 10 [consumer]
    XPENDING streamkey group [IDLE (0|0|5000000|x|-1)] rangeid rangeid count [consumer]
    XPENDING streamkey group IDLE 0
    XPENDING streamkey group - +
    XCLAIM streamkey group consumer (0|0|5000000|x|-1) id... [FORCE|JUSTID|RETRYCOUNT (1|5|x|-1)|IDLE (0|9000000|x|-1)|TIME (0|1000|x|99999999999999)|LASTID id]...
    XCLAIM streamkey group consumer 0 id... FORCE
    XCLAIM streamkey group consumer 0 id id JUSTID
    XAUTOCLAIM streamkey group consumer (0|0|5000000|x|-1) rangeid [COUNT (1|2|100|0|x)|JUSTID]...
    XAUTOCLAIM streamkey group consumer 0 0-0
    XSETID streamkey id [ENTRIESADDED (0|5|100|x|-1)|MAXDELETEDID id]...
    XSETID streamkey (50-1|99-1) [ENTRIESADDED (5|100) MAXDELETEDID (1-1|3-0)]
    XINFO STREAM streamkey
    XINFO STREAM streamkey FULL [COUNT count]
    XINFO STREAM streamkey [FULL|COUNT|x]...
    XINFO GROUPS streamkey
    XINFO CONSUMERS streamkey group
    XINFO (GROUPS|CONSUMERS|x) streamkey
    (RENAME|COPY) streamkey streamkey
    (TYPE|DEL|EXISTS|TTL|DUMP) streamkey
    OBJECT ENCODING streamkey
    COMMAND GETKEYS (XREAD|XREADGROUP GROUP g c) [COUNT 1] STREAMS key key 0 0
    COMMAND GETKEYS (XADD key * a b|XGROUP CREATE key g 0|XINFO STREAM key)
";
