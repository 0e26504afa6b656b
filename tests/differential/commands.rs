//! The commands and their options, in the grammar of `grammar.rs`. What is left out here is compared elsewhere: what
//! blocks, what ends the server, what lists commands that exist in one server only.

/// One command a line: words as they are, lower-case slots, `[optional]`, `(one|of these)`, `...` for several.
pub const COMMANDS: &str = "
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
    RPUSH listkey (member|1|20|0x10|1e3|-0.5)...
    RPUSH listkey (1|2|3|10|-1)...
    LRANGE listkey 0 -1
    SORT setkey [ALPHA|DESC|ASC|LIMIT index index|GET #|GET k*]...
    SORT setkey ALPHA [DESC|LIMIT index index|STORE listkey]...
    SORT (l1|l2) [ALPHA|DESC|ASC|LIMIT index index|GET #|GET k*|BY nosort|STORE listkey]...
    SORT (l1|l2) BY k* [DESC|ASC|LIMIT index index|GET #|GET k*|STORE listkey]...
    SORT (l1|l2) [LIMIT (0|1|2) (1|2|3)|DESC]...
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
    COMMAND GETKEYS (GET key|SET key value|MSET (key value)...|DEL key...|COPY key key|PING|value value)
    COMMAND GETKEYSANDFLAGS (GET key|SET key value|MSET (key value)...|DEL key...|RENAME key key)
    COMMAND INFO (get|SET|nosuch)...
    COMMAND value
    COMMAND LIST FILTERBY (PATTERN (ge*|incr*|nosuch)|MODULE value|value value)
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
