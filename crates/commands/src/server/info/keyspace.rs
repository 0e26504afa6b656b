//! INFO's section `Keyspace`: a line for every database that is not empty.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let keyspace = ctx.keys.keyspace();
    for database in 0..keyspace.database_count() {
        let (keys, expires) = (keyspace.len(database), keyspace.expires_len(database));
        // Redis before 7.4 has no such number; it stands there when there is something to tell.
        let field_expires = match keyspace.field_expires_len(database) {
            0 => String::new(),
            count => format!(",subexpiry={count}"),
        };
        let ttl_ms = keyspace.average_ttl_ms(database);
        if keys > 0 {
            info.field(
                &format!("db{database}"),
                format_args!("keys={keys},expires={expires},avg_ttl={ttl_ms}{field_expires}"),
            );
        }
    }
}
