//! What Redis 7.0 does not know: fields that expire, and options of later versions.

/// Of Redis 8 and Valkey 9.
pub const BOTH: &str = "
    HSET timedkey (field value)...
    HEXPIRE timedkey seconds [NX|XX|GT|LT] FIELDS (1 field|2 field field|int field)
    HPEXPIRE timedkey millis [NX|XX|GT|LT] FIELDS (1 field|2 field field|3 field field field)
    HEXPIREAT timedkey at [NX|XX|GT|LT] FIELDS (1 field|2 field field)
    HPEXPIREAT timedkey atmillis [NX|XX|GT|LT] FIELDS (1 field|2 field field)
    HEXPIRE timedkey seconds FIELDS 1 field
    HEXPIREAT timedkey (4102444800|4200000000) FIELDS 2 field field
    (HTTL|HPTTL|HEXPIRETIME|HPEXPIRETIME) timedkey FIELDS (1 field|2 field field|int field)
    (HTTL|HPTTL|HEXPIRETIME|HPEXPIRETIME) timedkey FIELDS 4 a b c field
    (HTTL|HPERSIST|HEXPIRE) timedkey [FIELDS|x] [1 field]
    HPERSIST timedkey FIELDS (1 field|2 field field|int field)
    HGETDEL timedkey FIELDS (1 field|2 field field|int field)
    HGETEX timedkey [EX seconds|PX millis|EXAT at|PXAT atmillis|PERSIST] FIELDS (1 field|2 field field|int field)
    HGETEX timedkey [EX seconds|PERSIST]... FIELDS 1 field
    HSETEX timedkey [FNX|FXX] [EX seconds|PX millis|EXAT at|PXAT atmillis|KEEPTTL] FIELDS (1 field value|2 field value field value)
    HSETEX timedkey [FNX|FXX|EX seconds|KEEPTTL]... FIELDS (1 field value|2 field value|int field value)
    HSETEX timedkey FIELDS 1 field value
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
    ZRANK key member WITHSCORE
    ZREVRANK key member [WITHSCORE|x]
    CLIENT NO-TOUCH (ON|OFF|x)
    CLIENT SETINFO (LIB-NAME|LIB-VER|x) value
    WAITAOF (0|1|-1|x) (0|x|-1) (1|x|-1)
";

/// Of Valkey 9 alone.
pub const VALKEY: &str = "
    SET key value IFEQ value
    SET key value [IFEQ value|NX|XX|GET|KEEPTTL]...
    DELIFEQ key value
    MSETEX (1 key value|2 key value key value|int key value) [EX seconds|PX millis|EXAT at|PXAT atmillis|KEEPTTL|NX|XX]...
    GEOSEARCH key BYPOLYGON (3 30 30 40 30 35 40|4 30 30 40 30 40 40 30 40|2 1 1 2 2|x) (ASC|DESC) [COUNT int|WITHDIST|WITHCOORD|WITHHASH]...
";
