//! The commands and their options, in the grammar of `grammar.rs`. What is left out here is compared elsewhere: what
//! blocks, what ends the server, what lists commands that exist in one server only.

use std::env;

use super::deviations;
use super::reference::Kind;

mod later;
mod server;
mod streams;

/// The commands that can be compared with this server, or those of them whose line begins with the word of
/// `OCHRE_DIFFERENTIAL_ONLY`.
pub fn of(kind: Kind) -> String {
    let later: &[&str] = match kind {
        Kind::Redis7 => &[],
        Kind::Redis8 => &[later::BOTH, later::REDIS_8],
        Kind::Valkey9 => &[later::BOTH, later::VALKEY_9],
    };
    let only = env::var("OCHRE_DIFFERENTIAL_ONLY").unwrap_or_default();
    let always = [COMMANDS, streams::COMMANDS, server::COMMANDS];
    let lines = always.into_iter().chain(later.iter().copied()).flat_map(str::lines);
    let is_wanted = |line: &&str| {
        let line = line.trim_start_matches([' ', '!']);
        line.starts_with(&only) && !deviations::is_beyond_comparison(kind, line)
    };
    lines.filter(is_wanted).collect::<Vec<&str>>().join("\n")
}

/// One command a line: words as they are, lower-case slots, `[optional]`, `(one|of these)`, `...` for several;
/// `!` before those that must not be spoilt.
const COMMANDS: &str = "
    SET key value [NX|XX] [GET] [EX seconds|PX millis|EXAT at|PXAT atmillis|KEEPTTL]
    SET key value [EX seconds|PX millis|EXAT at|PXAT atmillis|KEEPTTL|GET|NX|XX]...
    SET key value
    SET key int
    SET key float
    GET key
    GET key
    GETDEL key
    GETEX key [EX seconds|PX millis|EXAT at|PXAT atmillis|PERSIST]
    GETEX key [EX seconds|PX millis|PERSIST]...
    GETSET key value
    GETRANGE key index index
    SUBSTR key index index
    SETRANGE key offset value
    STRLEN key
    APPEND key value
    INCR key
    DECR key
    INCRBY key int
    DECRBY key int
    INCRBYFLOAT key float
    MGET key...
    MSET (key value)...
    MSETNX (key value)...
    SETNX key value
    SETEX key seconds value
    PSETEX key millis value
    LCS key key [LEN|IDX|MINMATCHLEN int|WITHMATCHLEN]...
    LCS key key
    HSET key (field value)...
    HSET key (field value)...
    HSET key field value
    HSET key field int
    HSET key field float
    HMSET key (field value)...
    HSETNX key field value
    HGET key field
    HMGET key field...
    HGETALL key
    HGETALL key
    HKEYS key
    HVALS key
    HLEN key
    HEXISTS key field
    HSTRLEN key field
    HDEL key field...
    HINCRBY key field int
    HINCRBYFLOAT key field float
    HRANDFIELD key [index [WITHVALUES|value]]
    HRANDFIELD key (0|1|3|-3|100|-9223372036854775808|4611686018427387904) [WITHVALUES]
    HSCAN key 0 COUNT 1000 [MATCH pattern]...
    HSCAN key cursor [COUNT int|MATCH pattern|TYPE type]...
    HSET key field
    HMSET key field value field
    HRANDFIELD
    DUMP key
    !RESTORE key (0|-1|x|100000000|4102444800000) payload [REPLACE|ABSTTL|IDLETIME int|FREQ int|value]...
    !RESTORE key 0 payload REPLACE
    MIGRATE 127.0.0.1 1 key (0|x) (100|x|-1) [COPY|REPLACE|AUTH value|value]...
    LPUSH key value...
    RPUSH key value...
    LPUSH key int...
    RPUSH key value value value value value value
    LPUSHX key value...
    RPUSHX key value...
    LPOP key
    RPOP key
    LPOP key (0|1|2|5|100|-1|x|9223372036854775807)
    RPOP key (0|1|2|5|100|-1|x)
    LLEN key
    LINDEX key index
    !LSET key listindex value
    !LSET key (0|-1|1) value
    LRANGE key index index
    LRANGE key 0 -1
    LINSERT key (BEFORE|AFTER|before|x) value value
    LREM key (0|1|-1|2|-2|100|-100|x|9223372036854775807) value
    LTRIM key index index
    LTRIM key (0|1|-5|-10) (-1|-2|5|10)
    LPOS key value [RANK int|COUNT int|MAXLEN int]...
    LPOS key value [COUNT (0|1|2)] [RANK (1|-1|2|-2)]
    LMOVE key key (LEFT|RIGHT|left|x) (LEFT|RIGHT|right)
    RPOPLPUSH key key
    LMPOP (1 key|2 key key|3 key key key|0 key|x key|-1 key|9223372036854775807 key) (LEFT|RIGHT|x) [COUNT (1|2|100|0|-1|x)]
    LMPOP 2 key key (LEFT|RIGHT) [COUNT int|x]...
    BLPOP key... (x|-1|0x)
    BRPOP key key key key 0.001
    BLMOVE key key (LEFT|RIGHT|x) (LEFT|RIGHT) (x|-1|-0.5)
    BRPOPLPUSH key key (x|-1)
    BLMPOP (0.001|x|-1) (1 key|2 key key|0 key) (LEFT|RIGHT|x) [COUNT (1|2|0)]
    LPUSH key
    LPOP
    LMPOP 1 key
    SETBIT bitkey bitoffset (0|1|1|2|x)
    SETBIT bitkey bitoffset (0|1)
    GETBIT bitkey bitoffset
    BITCOUNT bitkey [index index [BYTE|BIT]]
    BITCOUNT bitkey index index (BYTE|BIT)
    BITPOS bitkey (0|1|2|x) [index [index [BYTE|BIT]]]
    BITPOS bitkey (0|1) index index (BYTE|BIT)
    BITOP (AND|OR|XOR|NOT|x) bitkey bitkey...
    BITFIELD bitkey [GET bittype bitoffset|SET bittype bitoffset int|INCRBY bittype bitoffset int|OVERFLOW (WRAP|SAT|FAIL|x)]...
    BITFIELD bitkey SET (u8|i8|u3) (#0|#1|2) int OVERFLOW (SAT|FAIL) INCRBY (u8|i8|u3) (#0|#1|2) int
    BITFIELD_RO bitkey [GET bittype bitoffset]...
    SET bitkey value
    GET bitkey
    PFADD hllkey [member]...
    PFADD hllkey value...
    PFADD hllkey int...
    PFCOUNT hllkey...
    PFMERGE hllkey [hllkey]...
    PFDEBUG (ENCODING|DECODE|x) hllkey
    PFDEBUG (TODENSE|x) hllkey
    GET hllkey
    SADD setkey member...
    SADD setkey (1|2|3|4|5|100000|-70000|9223372036854775807)...
    SADD setkey (member|int)...
    SREM setkey member...
    SREM setkey (1|2|3|4|5|100000)...
    SISMEMBER setkey member
    SMISMEMBER setkey member...
    SCARD setkey
    SMEMBERS setkey
    SPOP setkey (0|100|-1|x|9223372036854775807)
    SRANDMEMBER setkey [(0|1|100|-3|x|-9223372036854775808)]
    SMOVE setkey setkey member
    SINTER setkey...
    SUNION setkey...
    SDIFF setkey...
    SINTERSTORE setkey setkey...
    SUNIONSTORE setkey setkey...
    SDIFFSTORE setkey setkey...
    SINTERCARD (1 setkey|2 setkey setkey|int setkey) [LIMIT int]
    SSCAN setkey 0 COUNT 1000 [MATCH pattern]
    SSCAN setkey (0|x) [COUNT (0|x|1000)] [TYPE set|MATCH]
    OBJECT ENCODING setkey
    RPUSH listkey (member|1|20|1e3|-0.5)...
    RPUSH listkey (1|2|3|10|-1)...
    LRANGE listkey 0 -1
    SORT setkey [ALPHA|DESC|ASC|LIMIT index index|GET #|GET k*]...
    SORT setkey ALPHA [DESC|LIMIT index index|STORE listkey]...
    SORT (l1|l2) [ALPHA|DESC|ASC|LIMIT index index|GET #|GET k*|BY nosort|STORE listkey]...
    SORT (l1|l2) BY k* [DESC|ASC|LIMIT index index|GET #|GET k*|STORE listkey]...
    SORT (l1|l2) [LIMIT (0|1|2) (1|2|3)|DESC]...
    SORT (l1|l2) [BY k*->a|GET k*->a|GET k*->12|LIMIT index index]...
    SORT z1 [ALPHA|DESC|LIMIT index index|STORE listkey]...
    SORT z1 BY nosort [DESC|LIMIT index index|STORE listkey]...
    ZADD z1 (score member)...
    HSET key (a|12) (1|2|3)
    SORT_RO (l1|l2) [ALPHA|DESC|LIMIT index index|GET k*|BY nosort|STORE listkey]...
    COMMAND GETKEYS (SORT listkey BY k* STORE key|SORT_RO key GET k*|BITOP AND key key...|PFMERGE key...)
    COPY key key [DB db|REPLACE]...
    DEL key...
    UNLINK key...
    EXISTS key...
    TOUCH key...
    EXPIRE key seconds [NX|XX|GT|LT]
    EXPIRE key seconds [NX|XX|GT|LT]...
    PEXPIRE key millis [NX|XX|GT|LT]
    EXPIREAT key at [NX|XX|GT|LT]
    PEXPIREAT key atmillis [NX|XX|GT|LT]
    TTL key
    PTTL key
    EXPIRETIME key
    PEXPIRETIME key
    PERSIST key
    KEYS pattern
    SCAN 0 COUNT 1000 [MATCH pattern|TYPE type]...
    SCAN cursor [COUNT int|MATCH pattern|TYPE type]...
    RANDOMKEY
    RENAME key key
    RENAMENX key key
    MOVE key db
    TYPE key
    OBJECT (ENCODING|REFCOUNT|IDLETIME|FREQ) key
    OBJECT ENCODING key
    OBJECT value key
    WAIT (0|-1|x) (0|1|-1|x)
    PING [value]
    ECHO value
    SELECT db
    SELECT (0|1|2)
    SWAPDB db db
    DBSIZE
    FLUSHDB [SYNC|ASYNC]
    FLUSHALL [SYNC|ASYNC]
    AUTH value [value]
    HELLO [proto [AUTH value value|SETNAME value]...]
    RESET
    CLIENT (ID|GETNAME|UNPAUSE|INFO)
    CLIENT SETNAME value
    CLIENT LIST [TYPE type|ID int]
    CLIENT KILL (ID (99999|x|-1|0)|TYPE (replica|pubsub|x)|ADDR value|LADDR value|USER x|SKIPME x)...
    CLIENT KILL 1.2.3.4:5
    CLIENT UNBLOCK (99999|x|-1) [TIMEOUT|ERROR|x]
    CLIENT NO-EVICT (ON|OFF|x)
    CLIENT REPLY (ON|x)
    CLIENT PAUSE (0|x|-1) [WRITE|ALL|x]
    CLIENT value
    TIME
    ROLE
    LASTSAVE
    REPLICAOF NO ONE
    CONFIG GET (timeout|maxmemory|maxmemory-policy|save|appendonly|appendfsync|slave-priority|replica-*|t*|nosuch)...
    CONFIG SET (timeout int|timeout value|maxmemory (0|100gb|1tb|12xx|-1)|maxmemory-policy (noeviction|x)|tcp-keepalive int|lazyfree-lazy-expire (yes|no|x)|appendfsync (everysec|no|sometimes)|nosuch value|databases 5)...
    CONFIG RESETSTAT
    CONFIG value
    COMMAND GETKEYS (GET key|LMPOP 2 key key LEFT|LMPOP 3 key key LEFT|BLPOP key key 0|BLMPOP 0 1 key LEFT|BZPOPMIN key key 0|BZMPOP 0 2 key key MIN|LMOVE key key LEFT LEFT|SET key value|MSET (key value)...|DEL key...|COPY key key|PING|value value)
    COMMAND GETKEYSANDFLAGS (GET key|SET key value|MSET (key value)...|DEL key...|RENAME key key)
    COMMAND INFO (get|SET|nosuch)...
    COMMAND value
    COMMAND LIST FILTERBY (PATTERN (ge*|incr*|nosuch)|MODULE value|value value)
    ZADD key [NX|XX|GT|LT|CH|INCR]... (score member)...
    ZADD key (score member)...
    ZADD key (score member)...
    ZADD key (int member)...
    ZINCRBY key score member
    ZREM key member...
    ZSCORE key member
    ZMSCORE key member...
    ZCARD key
    ZCOUNT key bound bound
    ZLEXCOUNT key lex lex
    ZRANK key member
    ZREVRANK key member
    ZRANGE key index index [REV|WITHSCORES|LIMIT index index]...
    ZRANGE key bound bound BYSCORE [REV|WITHSCORES|LIMIT count count]...
    ZRANGE key lex lex BYLEX [REV|LIMIT count count]...
    ZREVRANGE key index index [WITHSCORES]
    ZRANGEBYSCORE key bound bound [WITHSCORES|LIMIT count count]...
    ZREVRANGEBYSCORE key bound bound [WITHSCORES|LIMIT count count]...
    ZRANGEBYLEX key lex lex [LIMIT count count]
    ZREVRANGEBYLEX key lex lex [LIMIT count count]
    ZRANGESTORE key key index index [REV]
    ZRANGESTORE key key bound bound BYSCORE [REV|LIMIT count count]...
    ZREMRANGEBYRANK key index index
    ZREMRANGEBYSCORE key bound bound
    ZREMRANGEBYLEX key lex lex
    ZPOPMIN key [count]
    ZPOPMAX key [count]
    ZMPOP (1 key|2 key key) (MIN|MAX) [COUNT count]
    ZMPOP (1 key|2 key key|3 key key key|0 key|x key|-1 key|9223372036854775807 key) (MIN|max|x) [COUNT int|x]...
    BZPOPMIN key... (x|-1|0x)
    BZPOPMAX key key key 0.001
    BZMPOP (0.001|x|-1) (1 key|2 key key|0 key) (MIN|MAX|x) [COUNT (1|2|0)]
    ZUNION (1 key|2 key key) [WITHSCORES|AGGREGATE (SUM|MIN|MAX)|WEIGHTS int int|WEIGHTS int]...
    ZINTER (1 key|2 key key) [WITHSCORES|AGGREGATE (SUM|MIN|MAX)|WEIGHTS int int|WEIGHTS int]...
    ZDIFF (1 key|2 key key|int key) [WITHSCORES]
    ZUNIONSTORE key (1 key|2 key key) [AGGREGATE (SUM|MIN|MAX)|WEIGHTS int int]...
    ZINTERSTORE key (1 key|2 key key) [AGGREGATE (SUM|MIN|MAX)|WEIGHTS int int]...
    ZDIFFSTORE key (1 key|2 key key)
    ZINTERCARD (1 key|2 key key) [LIMIT int]
    ZRANDMEMBER key [index [WITHSCORES]]
    ZSCAN key 0 COUNT 1000 [MATCH pattern]
    GEOADD key [NX|XX|CH] (longitude latitude member)...
    GEODIST key member member [unit]
    GEOPOS key member...
    GEOHASH key member...
    GEOSEARCH key (FROMMEMBER member|FROMLONLAT longitude latitude) (BYRADIUS radius unit|BYBOX radius radius unit) (ASC|DESC) [COUNT int|WITHDIST|WITHCOORD|WITHHASH]...
    GEOSEARCH key [FROMMEMBER member|FROMLONLAT longitude latitude|BYRADIUS radius unit|BYBOX radius radius unit|ASC]...
    GEOSEARCHSTORE key key (FROMMEMBER member|FROMLONLAT longitude latitude) BYRADIUS radius unit [STOREDIST]
    GEORADIUS key longitude latitude radius unit (ASC|DESC) [COUNT int|WITHDIST|WITHHASH|STORE key]...
    GEORADIUSBYMEMBER_RO key member radius unit ASC [COUNT int|WITHDIST|WITHHASH]...
    value key value
    GET
    DEL
    MSET key
    EXPIRE key
    CONFIG SET timeout
    CONFIG GET
    OBJECT ENCODING
    SUBSTR key
";
