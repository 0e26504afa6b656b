//! What Redis 7.0 does not know: fields that expire, and options of later versions.

/// Of Redis 8 and Valkey 9. Lines with `!` are not spoilt: Valkey refuses what is wrong in other words.
pub const BOTH: &str = "
    HSET timedkey (field value)...
    !HEXPIRE timedkey lifetime [NX|XX|GT|LT] FIELDS (1 field|2 a b|2 field nosuch)
    !HPEXPIRE timedkey lifetime [NX|XX|GT|LT] FIELDS (1 field|2 a b|3 a b c)
    !HEXPIREAT timedkey (4102444800|4200000000|1000) [NX|XX|GT|LT] FIELDS (1 field|2 a b)
    !HPEXPIREAT timedkey (4102444800000|4200000000000) [NX|XX|GT|LT] FIELDS (1 field|2 a c)
    !HEXPIRE timedkey lifetime FIELDS 1 field
    !HEXPIREAT timedkey (4102444800|4200000000) FIELDS 2 a field
    !(HTTL|HPTTL|HEXPIRETIME|HPEXPIRETIME) timedkey FIELDS (1 field|2 a b|4 a b c field)
    !HPERSIST timedkey FIELDS (1 field|2 a b)
    !HGETDEL timedkey FIELDS (1 field|2 a b)
    !HGETEX timedkey [EX lifetime|PX lifetime|EXAT 4102444800|PXAT 4102444801234|PERSIST] FIELDS (1 field|2 a b)
    !HSETEX timedkey [FNX|FXX] [EX lifetime|PX lifetime|EXAT 4102444800|PXAT 4102444801234|KEEPTTL] FIELDS (1 field value|2 a value b value)
    !HSETEX timedkey FIELDS 1 field value
    HGETALL timedkey
    HLEN timedkey
    HDEL timedkey field
    HSETNX timedkey field value
    HINCRBY timedkey field int
    HINCRBYFLOAT timedkey field float
    HMGET timedkey field field
    HSCAN timedkey 0 COUNT 1000 NOVALUES
    HSCAN timedkey 0 COUNT 1000 [NOVALUES|MATCH pattern]...
    HSTRLEN timedkey field
    HEXISTS timedkey field
    (COPY|RENAME) timedkey timedkey
    OBJECT ENCODING timedkey
    RPUSH listkey (0x10|1|2)...
    ZRANK key member WITHSCORE
    ZREVRANK key member [WITHSCORE|x]
    CLIENT NO-TOUCH (ON|OFF|x)
    CLIENT SETINFO (LIB-NAME|LIB-VER|x) value
    WAITAOF (0|1|-1|x) (0|x|-1) (1|x|-1)
";

/// Of Redis 8 alone, and what is wrong as Redis 8 refuses it.
pub const REDIS_8: &str = "
    HEXPIRE timedkey seconds [NX|XX|GT|LT] FIELDS (1 field|2 field field|int field)
    HPEXPIRE timedkey millis [NX|XX|GT|LT] FIELDS (1 field|2 field field|3 field field field)
    HEXPIREAT timedkey at [NX|XX|GT|LT] FIELDS (1 field|2 field field)
    HPEXPIREAT timedkey atmillis [NX|XX|GT|LT] FIELDS (1 field|2 field field)
    (HTTL|HPTTL|HEXPIRETIME|HPEXPIRETIME) timedkey FIELDS (1 field|2 field field|int field)
    (HTTL|HPERSIST|HEXPIRE) timedkey [FIELDS|x] [1 field]
    HPERSIST timedkey FIELDS (1 field|2 field field|int field)
    HGETDEL timedkey FIELDS (1 field|2 field field|int field)
    HGETEX timedkey [EX seconds|PX millis|EXAT at|PXAT atmillis|PERSIST] FIELDS (1 field|2 field field|int field)
    HGETEX timedkey [EX seconds|PERSIST]... FIELDS 1 field
    HSETEX timedkey [FNX|FXX] [EX seconds|PX millis|EXAT at|PXAT atmillis|KEEPTTL] FIELDS (1 field value|2 field value field value)
    HSETEX timedkey [FNX|FXX|EX seconds|KEEPTTL]... FIELDS (1 field value|2 field value|int field value)
";

/// Of Valkey 9 alone.
pub const VALKEY_9: &str = "
    SET key value IFEQ value
    SET key value [IFEQ value|NX|XX|GET|KEEPTTL]...
    DELIFEQ key value
    MSETEX (1 key value|2 key value key value|int key value) [EX seconds|PX millis|EXAT at|PXAT atmillis|KEEPTTL|NX|XX]...
    COMMANDLOG (LEN|RESET) (slow|LARGE-REQUEST|large-reply|x)
    COMMANDLOG GET (-1|0|1|10|-2|x) (SLOW|large-request|large-reply|x)
    COMMANDLOG (HELP|GET 1|value)
    GEOSEARCH key BYPOLYGON 3 longitude latitude longitude latitude longitude latitude [ASC|DESC] [COUNT int|WITHDIST|WITHCOORD|WITHHASH]...
    GEOSEARCH key BYPOLYGON 4 29 29 41 29 41 41 29 41 (ASC|DESC) [COUNT (1|2|100)|WITHDIST|WITHCOORD|WITHHASH]...
    GEOSEARCH key BYPOLYGON (2|3|4|5|int) longitude latitude longitude latitude longitude latitude longitude latitude [ASC|COUNT int|ANY]...
    GEOSEARCH key BYPOLYGON 3 [longitude latitude]... [BYRADIUS radius unit|FROMMEMBER member|FROMLONLAT longitude latitude]
    GEOSEARCHSTORE key key BYPOLYGON (3 29 29 41 29 41 41|4 29 29 41 29 41 41 29 41) [ASC|COUNT (1|2)|STOREDIST]...
";
