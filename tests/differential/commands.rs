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
    LSET key index value
    LSET key (0|-1|1) value
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
    COMMAND GETKEYS (GET key|LMPOP 2 key key LEFT|LMPOP 3 key key LEFT|BLPOP key key 0|BLMPOP 0 1 key LEFT|LMOVE key key LEFT LEFT|SET key value|MSET (key value)...|DEL key...|COPY key key|PING|value value)
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
