//! INFO's section `Persistence`: loading, snapshots, the append-only file.

use engine::execute::context::Context;
use engine::facts::health::{Health, Job, Outcome};
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let changes = ctx.keys.keyspace().changes().dirty;
    let now_s = ctx.now_ms() / 1000;
    let health = &ctx.engine.health;
    let loading = health.loading.as_ref();
    info.flag("loading", loading.is_some_and(|loading| !loading.is_async));
    info.flag("async_loading", loading.is_some_and(|loading| loading.is_async));
    walk(health, info);
    snapshots(health, info, changes, now_s);
    append_only(health, info, now_s);
    info.field("module_fork_in_progress", 0);
    info.field("module_fork_last_cow_size", 0);
    if health.append_only.is_enabled {
        files(health, info);
    }
    if loading.is_some() {
        progress(health, info, now_s);
    }
}

/// The snapshot that is being taken: for a save or for a rewrite.
fn walk(health: &Health, info: &mut InfoWriter) {
    let job = health.save.job.as_ref().or(health.append_only.rewrite.as_ref());
    let (done, total) = job.map_or((0, 0), |job| (job.keys_done, job.keys_total));
    let share = if total == 0 { 0.0 } else { done as f64 * 100.0 / total as f64 };
    info.field("current_cow_peak", 0);
    info.field("current_cow_size", 0);
    info.field("current_cow_size_age", 0);
    info.field("current_fork_perc", format_args!("{share:.2}"));
    info.field("current_save_keys_processed", done);
    info.field("current_save_keys_total", total);
}

fn snapshots(health: &Health, info: &mut InfoWriter, changes: u64, now_s: i64) {
    let save = &health.save;
    info.field("rdb_changes_since_last_save", changes);
    info.flag("rdb_bgsave_in_progress", save.job.is_some());
    info.field("rdb_last_save_time", save.last_save_s);
    info.field("rdb_last_bgsave_status", save.last_outcome.text());
    info.field("rdb_last_bgsave_time_sec", save.last_duration_s.unwrap_or(-1));
    info.field("rdb_current_bgsave_time_sec", running_s(save.job.as_ref(), now_s));
    info.field("rdb_saves", save.saves);
    info.field("rdb_last_cow_size", save.last_copied_bytes);
    info.field("rdb_last_load_keys_expired", save.last_load_expired);
    info.field("rdb_last_load_keys_loaded", save.last_load_loaded);
}

fn append_only(health: &Health, info: &mut InfoWriter, now_s: i64) {
    let log = &health.append_only;
    info.flag("aof_enabled", log.is_enabled);
    info.flag("aof_rewrite_in_progress", log.rewrite.is_some());
    info.flag("aof_rewrite_scheduled", log.is_rewrite_scheduled);
    info.field("aof_last_rewrite_time_sec", log.last_rewrite_duration_s.unwrap_or(-1));
    info.field("aof_current_rewrite_time_sec", running_s(log.rewrite.as_ref(), now_s));
    info.field("aof_last_bgrewrite_status", log.last_rewrite.text());
    info.field("aof_rewrites", log.rewrites);
    info.field("aof_rewrites_consecutive_failures", log.failed_rewrites);
    info.field("aof_last_write_status", Outcome::of(log.write_error.is_none()).text());
    info.field("aof_last_cow_size", 0);
}

fn running_s(job: Option<&Job>, now_s: i64) -> i64 {
    job.map_or(-1, |job| (now_s - job.started_s).max(0))
}

fn files(health: &Health, info: &mut InfoWriter) {
    let log = &health.append_only;
    info.field("aof_current_size", log.current_bytes);
    info.field("aof_base_size", log.base_bytes);
    info.flag("aof_pending_rewrite", false);
    info.field("aof_buffer_length", log.buffer_bytes);
    info.field("aof_pending_bio_fsync", 0);
    info.field("aof_delayed_fsync", log.delayed_fsyncs);
    info.field("aof_kept_files", log.held.kept_files);
    info.field("aof_kept_size", log.held.kept_bytes);
    let (start, end) = log.held.range.unwrap_or_default();
    info.field("repl_log_first_byte_offset", log.held.range.map_or(0, |_| start.next_byte()));
    info.field("repl_log_histlen", end.bytes_since(start));
}

fn progress(health: &Health, info: &mut InfoWriter, now_s: i64) {
    let Some(loading) = &health.loading else { return };
    let spent_s = (now_s - loading.started_s).max(0);
    let (loaded, total) = (loading.loaded_bytes, loading.total_bytes);
    let share = if total == 0 { 0.0 } else { loaded as f64 * 100.0 / total as f64 };
    let left = total.saturating_sub(loaded);
    let eta_s = if loaded == 0 { 1 } else { (left as f64 / loaded as f64 * spent_s as f64) as i64 };
    info.field("loading_start_time", loading.started_s);
    info.field("loading_total_bytes", total);
    info.field("loading_rdb_used_mem", 0);
    info.field("loading_loaded_bytes", loaded);
    info.field("loading_loaded_perc", format_args!("{share:.2}"));
    info.field("loading_eta_seconds", eta_s);
}
