//! INFO's section `Keyspace`: a line for every database that is not empty.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let keyspace = ctx.keys.keyspace();
    for database in 0..keyspace.database_count() {
        let (keys, expires) = (keyspace.len(database), keyspace.expires_len(database));
        let field_expires = keyspace.field_expires_len(database);
        let ttl_ms = keyspace.average_ttl_ms(database);
        if keys > 0 {
            info.field(
                &format!("db{database}"),
                format_args!("keys={keys},expires={expires},avg_ttl={ttl_ms},subexpiry={field_expires}"),
            );
        }
    }
}
