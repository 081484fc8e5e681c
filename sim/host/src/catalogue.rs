//! Every metric that a run can make: its unit, the section that makes it, and what it means. Measures
//! nothing; a test holds it against the metrics of scenarios.

use seatrial_record::Unit;

/// A metric, or several of one form.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name. Words in capitals stand for a name of the scenario; `FIGURE` for mean, p50, p95, max.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The section that makes it.
    pub made_by: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// What a metric of an earlier version is called now.
pub(crate) fn renamed(name: &str) -> Option<String> {
    name.strip_prefix("sojourn_").map(|rest| format!("response_{rest}"))
}

/// A row for each metric, beneath the section that makes it.
macro_rules! catalogue {
    ($($made_by:literal { $($name:literal: $unit:ident, $meaning:literal;)+ })+) => {
        /// All of them, by what makes them. What happens within `warm_up` counts in none but the bill.
        pub const CATALOGUE: &[Known] = &[$($(
            Known { name: $name, unit: Unit::$unit, made_by: $made_by, meaning: $meaning },
        )+)+];
    };
}

catalogue! {
    "[policies]" {
        "decided.ACTION": Count, "Actions of a kind that policies decided, such as `decided.drain`.";
    }
    "[[tiers]]" {
        "tenants_mean": Count, "Tenants that there were, on average over time.";
        "awake_mean": Count, "Tenants that were awake, on average over time.";
        "awake_per_login": Seconds, "Time awake of all tenants, over logins.";
        "awake_share": Share, "Tenant time awake, of all tenant time.";
        "asleep_share": Share, "Tenant time asleep, of all tenant time.";
        "asleep_share_end": Share, "Tenants asleep at the end of the run, of all then.";
        "active_mean": Count, "Tenants with somebody there, on average over time.";
        "active_most": Count, "The most tenants with somebody there at once.";
        "serving_mean": Count, "Tenants that could serve a visitor, on average over time.";
        "serving_most": Count, "The most tenants that could serve at once.";
        "signups": Count, "Tenants that signed up.";
        "churned": Count, "Tenants that left for good.";
        "logins": Count, "Sessions that began.";
        "logins_cold_share": Share, "Logins that found their tenant asleep, of all logins.";
        "logins_unserved": Count, "Logins whose visitor left before the tenant served.";
        "logins_unserved_share": Share, "Those, of all logins.";
        "logins_unserved_no_room": Count, "Those for which no machine had room.";
        "tenants_unserved": Count, "Tenants with at least one login that was not served.";
        "wakes": Count, "Wake-ups that came about.";
        "wake_wait_FIGURE": Seconds, "How long those who came to a sleeping tenant waited until it served.";
        "gave_up_after_p50": Seconds, "How long those waited who gave up: the median.";
        "hibernations": Count, "Steps of tenants into deeper sleep.";
        "moves": Count, "Tenants moved to another machine.";
        "resizes": Count, "Changes of what a container requests.";
        "sessions_interrupted": Count, "Sessions during which their tenant was taken off its machine.";
        "kills": Count, "Containers killed for want of memory.";
        "actions_refused": Count, "Actions of policies that the cluster refused.";
        "starts_failed": Count, "Starts of tenants whose call failed for good; with traffic of kind `starts` only.";
    }
    "[[faults]]" {
        "machines_lost": Count, "Machines that were lost with all that ran on them, as often as they were.";
        "strikes.FAULT": Count, "How often a fault has come, by its name.";
        "back_FIGURE.FAULT": Seconds, "From a strike of that fault until all that it took served again, of its first incidents.";
        "not_back.FAULT": Count, "Incidents of that fault of which something did not serve at the end, or that never end by themselves.";
        "ticks_missed": Count, "Ticks at which nobody decided, since the policies were down.";
        "losses_in_bursts_share": Share, "Losses within two minutes of another one, of all.";
        "bursts_same_rack_share": Share, "Of those, losses that share their rack with another one of their burst.";
        "machines_down_mean.POOL": Count, "Machines of a pool that were down, on average over time.";
        "machines_down_most.POOL": Count, "The most of them at once.";
        "machine_time_down.POOL": Seconds, "How long its machines were down, added up.";
        "machine_time_down_share.POOL": Share, "That, of the time for which they should have been up.";
        "all_up_share.POOL": Share, "Time in which none of them was down.";
        "enough_up_share.POOL": Share, "Time in which as many were up as the pool `needs`.";
        "shortages.POOL": Count, "Times that fewer were up than the pool `needs`.";
        "tenants_down": Count, "Tenants that served their users until their machine was lost.";
        "tenants_down_end": Count, "Those of them that do not serve again at the end.";
        "tenants_restored": Count, "Tenants brought up on another machine with data from elsewhere.";
        "tenants_ran_twice": Count, "Tenants that ran on where nobody reached them, and were placed elsewhere too.";
        "tenants_without_data": Count, "Tenants brought up on another machine without their data.";
        "recovery_point_FIGURE": Seconds, "How old the oldest write was that a restored tenant lost; nothing where it lost none.";
        "recovery_FIGURE": Seconds, "How long it took from the loss until such a tenant served again.";
        "tenants_down.TIER": Count, "Tenants of a tier that served their users until their machine was lost.";
        "tenants_down_end.TIER": Count, "Those of them that do not serve again at the end.";
        "served_share.TIER": Share, "Tenant time in which tenants were not down with a machine that was lost, of all tenant time.";
        "error_budget_spent.TIER": Share, "The rest of that, of what `served` allows; with `served` only.";
        "recovery_p50.TIER": Seconds, "How long it took until such a tenant served again: the median.";
        "recovery_p95.TIER": Seconds, "The same: what 95 % of them took at the most.";
        "recovery_max.TIER": Seconds, "The same: the longest.";
        "recovery_point_p50.TIER": Seconds, "How old the oldest write was that a restored tenant lost: the median.";
        "recovery_point_p95.TIER": Seconds, "The same: what 95 % of them lost at the most.";
        "recovery_point_max.TIER": Seconds, "The same: the oldest.";
        "rto_missed_share.TIER": Share, "Recoveries that took longer than `rto`; with `rto` only.";
        "rpo_missed_share.TIER": Share, "Restores that lost older writes than `rpo`; with `rpo` only.";
    }
    "each of [[tiers]]" {
        "asleep_share.TIER": Share, "Tenant time asleep, of all tenant time.";
        "logins.TIER": Count, "Sessions that began.";
        "logins_cold_share.TIER": Share, "Logins that found their tenant asleep, of all logins.";
        "logins_unserved_share.TIER": Share, "Logins whose visitor left before the tenant served, of all logins.";
        "tenants_unserved.TIER": Count, "Tenants with at least one login that was not served.";
        "wakes.TIER": Count, "Wake-ups that came about.";
        "wake_wait_p95.TIER": Seconds, "How long those who came to a sleeping tenant waited: the 95th percentile.";
        "kills.TIER": Count, "Containers killed for want of memory.";
    }
    "[[pools]]" {
        "nodes_mean": Count, "Machines in service, on average over time.";
        "cpu_requested_mean": Cores, "Cpu that all tenants together request, on average over time.";
        "memory_requested_mean": Bytes, "Memory that all tenants together request, on average over time.";
        "cpu_used_share": Share, "Cpu in use, of the cpu of machines in service.";
        "cpu_overload_share": Share, "Machine time in which more cpu was wanted than there is.";
        "cpu_shed_cores": Cores, "Cpu that was wanted and not there, for a machine on average.";
        "memory_used_share": Share, "Memory in use, of the memory of machines in service.";
    }
    "each of [[pools]]" {
        "nodes_mean.POOL": Count, "Machines in service, on average over time.";
        "nodes_most.POOL": Count, "The most machines in service at once.";
        "cpu_used_share.POOL": Share, "Cpu in use, of the cpu of machines in service.";
        "cpu_overload_share.POOL": Share, "Machine time in which more cpu was wanted than there is.";
        "cpu_shed_cores.POOL": Cores, "Cpu that was wanted and not there, for a machine on average.";
        "memory_used_share.POOL": Share, "Memory in use, of the memory of machines in service.";
    }
    "[[pools]], [[servers]] and all that has a price" {
        "bill_total": Dollars, "What the whole run costs, its warm-up included.";
        "bill_month": Dollars, "What a month of 730 hours costs at that rate.";
        "bill_month.LINE": Dollars, "The month's cost of one pool, server, store, cache, database or pooler.";
        "bill_month.tier.TIER": Dollars, "A tier's part of the month's bill, by what its tenants use.";
    }
    "[[alerts]] and [pager]" {
        "alerts": Count, "Alerts that fired.";
        "pages": Count, "Calls to a person.";
        "pages_at_night": Count, "Calls to a person between 22:00 and 8:00.";
        "page_acknowledged_p95": Seconds, "From a call until somebody looks: the 95th percentile.";
        "people_at_work_mean": Count, "People at work on alerts, on average over time.";
        "alerts.ALERT": Count, "How often this alert fired.";
        "alert_share.ALERT": Share, "The share of time in which it was firing.";
        "alert_longest.ALERT": Seconds, "The longest that it was firing without a break.";
    }
    "each of [[services]]" {
        "arrivals.SERVICE": Count, "Requests that came.";
        "served.SERVICE": Count, "Requests that were served.";
        "refused.SERVICE": Count, "Requests that were refused at once: no waiting place, or shed.";
        "abandoned.SERVICE": Count, "Requests that gave up waiting.";
        "lost.SERVICE": Count, "Requests lost with their replica; with `on` only.";
        "shed.SERVICE": Count, "Requests refused because others waited too long; with `shedding` only.";
        "prob_wait.SERVICE": Share, "Requests that had to wait, of those served or given up.";
        "prob_refused.SERVICE": Share, "Requests refused, of those that came.";
        "prob_abandoned.SERVICE": Share, "Requests that gave up waiting, of those settled.";
        "wait_FIGURE.SERVICE": Seconds, "How long requests waited before they were served.";
        "response_FIGURE.SERVICE": Seconds, "From a request's arrival until it was served.";
        "slowdown_mean.SERVICE": Ratio, "Time in the service over service time alone; with processor-sharing only.";
        "queue_mean.SERVICE": Count, "Requests that waited, on average over time.";
        "in_system_mean.SERVICE": Count, "Requests that waited or were served, on average over time.";
        "utilisation.SERVICE": Share, "Places in use, of those of replicas that took requests.";
        "throughput.SERVICE": PerSecond, "Requests served in a second.";
    }
    "each kind of [[traffic]] of a service that several call" {
        "arrivals.SERVICE.TRAFFIC": Count, "Requests that came.";
        "prob_refused.SERVICE.TRAFFIC": Share, "Requests refused, of those that came.";
        "prob_abandoned.SERVICE.TRAFFIC": Share, "Requests that gave up waiting, of those settled.";
        "wait_FIGURE.SERVICE.TRAFFIC": Seconds, "How long requests waited before they were served.";
        "response_FIGURE.SERVICE.TRAFFIC": Seconds, "From a request's arrival until it was served.";
    }
    "each of [[services]] with `on`" {
        "replicas_mean.SERVICE": Count, "Replicas that were ready, on average over time.";
        "replicas_most.SERVICE": Count, "The most replicas that were ready at once.";
        "replicas_end.SERVICE": Count, "Replicas that were ready at the end of the run.";
        "replicas_started.SERVICE": Count, "Replicas that were started.";
        "replicas_lost.SERVICE": Count, "Replicas whose process ended without being told to.";
        "scalings.SERVICE": Count, "Changes of how many replicas there should be.";
        "cpu_mean.SERVICE": Cores, "Cpu that all replicas together used, on average over time.";
        "memory_mean.SERVICE": Bytes, "Memory that all replicas together used, on average over time.";
        "short_time.SERVICE": Seconds, "How long there were fewer replicas than wanted.";
    }
    "each of [[caches]]" {
        "hits.CACHE": Count, "Calls that found what they asked for.";
        "misses.CACHE": Count, "Calls that did not.";
        "hit_ratio.CACHE": Share, "Hits, of hits and misses.";
        "writes.CACHE": Count, "Entries written.";
        "writes_refused.CACHE": Count, "Entries that were not written for want of memory.";
        "response_FIGURE.CACHE": Seconds, "From a call to its answer, by the cache or, after a miss, by the service.";
        "evictions.CACHE": Count, "Entries pushed out by others.";
        "entries_mean.CACHE": Count, "Entries held, on average over time.";
        "memory_mean.CACHE": Bytes, "Memory that entries take, on average over time.";
        "memory_most.CACHE": Bytes, "The most memory that entries took; with `one_per`, of the cache that had most.";
        "caches.CACHE": Count, "Caches that there were; with `one_per` only.";
        "clients_most.CACHE": Count, "The most connections at once; where tenants keep connections.";
        "clients_refused.CACHE": Count, "Connections refused beyond `maxclients`; where tenants keep connections.";
        "calls_past.CACHE": Count, "Calls that went past the cache for want of connections; where tenants keep connections.";
    }
    "each kind of [[traffic]] of a cache that several ask" {
        "hits.CACHE.TRAFFIC": Count, "Calls that found what they asked for.";
        "misses.CACHE.TRAFFIC": Count, "Calls that did not.";
        "hit_ratio.CACHE.TRAFFIC": Share, "Hits, of hits and misses.";
        "writes.CACHE.TRAFFIC": Count, "Entries written.";
        "writes_refused.CACHE.TRAFFIC": Count, "Entries that were not written for want of memory.";
        "response_FIGURE.CACHE.TRAFFIC": Seconds, "From a call to its answer, by the cache or, after a miss, by the service.";
        "evictions.CACHE.TRAFFIC": Count, "Entries of these calls pushed out by others.";
        "entries_mean.CACHE.TRAFFIC": Count, "Entries of these calls held, on average over time.";
    }
    "each of [[databases]]" {
        "connections_mean.DATABASE": Count, "Open connections, on average over time.";
        "connections_most.DATABASE": Count, "The most connections open at once; with `one_per`, of the server that had most.";
        "connections_opened.DATABASE": Count, "Connections that were opened.";
        "connections_refused.DATABASE": Count, "Connections refused beyond `max_connections`.";
        "connections_lost.DATABASE": Count, "Connections cut off by an outage or a crash.";
        "active_mean.DATABASE": Count, "Queries at work, on average over time.";
        "active_most.DATABASE": Count, "The most queries at work at once.";
        "utilisation.DATABASE": Share, "Work done, of the most that it can do.";
        "queries.DATABASE": Count, "Queries done.";
        "query_FIGURE.DATABASE": Seconds, "How long queries took, crowding included.";
        "written.DATABASE": Bytes, "What was written to the log.";
        "memory_most.DATABASE": Bytes, "The most memory in use at once; with `memory` only.";
        "crashes.DATABASE": Count, "Crashes for want of memory; with `memory` only.";
        "down.DATABASE": Seconds, "How long it could not be reached.";
        "down_share.DATABASE": Share, "That, of the time.";
        "behind_most.DATABASE.STANDBY": Seconds, "How far the standby was behind at most.";
        "servers.DATABASE": Count, "Servers that there were; with `one_per` only.";
        "utilisation_most.DATABASE": Share, "The utilisation of the busiest server; with `one_per` only.";
    }
    "`failover`, `backups`, `rto` or `rpo` of [[databases]]" {
        "primary_losses.DATABASE": Count, "Times that its primary was lost, or handed over in a drill, and one took writes again.";
        "failovers.DATABASE": Count, "Those of them in which a standby took over.";
        "rto_verified_FIGURE.DATABASE": Seconds, "From the loss until who sends callers there had seen that it takes writes.";
        "rto_clients_FIGURE.DATABASE": Seconds, "From the loss until callers were back.";
        "rpo_FIGURE.DATABASE": Seconds, "How old the oldest acknowledged write was that a loss took with it; nothing where it took none.";
        "writes_lost.DATABASE": Count, "Acknowledged writes that were lost.";
        "two_primaries.DATABASE": Seconds, "How long two of its servers took writes, the network between them being cut; of all managers `probing` alone lets that be.";
        "down_without_standby.DATABASE": Seconds, "How long it was lost with no standby that could take over.";
        "rto_missed_share.DATABASE": Share, "Losses after which callers were back later than `rto`; with `rto` only.";
        "rpo_missed_share.DATABASE": Share, "Losses that took older writes with them than `rpo`; with `rpo` only.";
    }
    "`backups` of [[databases]]" {
        "archive_behind_most.DATABASE": Seconds, "The oldest that a write was before the archive had it; with `archive` only.";
        "backups.DATABASE": Count, "Backups that were made, those included that cannot be restored.";
        "backups_cut_short.DATABASE": Count, "Backups that were under way when the database was lost.";
        "backups_unusable.DATABASE": Count, "Backups that cannot be restored, known or not.";
        "backup_FIGURE.DATABASE": Seconds, "How long a backup took.";
        "backups_copied.DATABASE": Bytes, "What backups copied.";
        "backups_stored_end.DATABASE": Bytes, "What all backups that are kept take, at the end.";
        "backups_stored_most.DATABASE": Bytes, "The most that they took.";
        "backups_tried_in_vain.DATABASE": Count, "Backups that were fetched and found not to be usable.";
        "restores.DATABASE": Count, "Times that it was brought back from a backup.";
        "restore_drills.DATABASE": Count, "Restores beside it that succeeded.";
        "restore_drills_failed.DATABASE": Count, "Restores beside it for which no backup was any good.";
        "backup_age_end.DATABASE": Seconds, "How old the newest backup is at the end, proven or not.";
        "backup_age_most.DATABASE": Seconds, "The oldest that the newest backup was.";
        "proven_age_end.DATABASE": Seconds, "How old what was restored last with success is at the end; nothing where nobody ever tried.";
        "proven_age_most.DATABASE": Seconds, "The oldest that it was.";
    }
    "`outages` of [[databases]]" {
        "outages_from": Seconds, "When the first outage began, counted from the start of the run.";
        "outages_until": Seconds, "When the last outage ended, counted from the start of the run.";
    }
    "each of [[poolers]]" {
        "asked.POOLER": Count, "Connections asked for.";
        "refused.POOLER": Count, "Callers refused beyond `clients_most`.";
        "timed_out.POOLER": Count, "Callers that waited longer than `wait_timeout`.";
        "prob_timed_out.POOLER": Share, "Those, of connections asked for.";
        "wait_FIGURE.POOLER": Seconds, "How long those waited who were given a connection.";
        "clients_most.POOLER": Count, "The most callers at once, with a connection or waiting for one.";
        "queue_mean.POOLER": Count, "Callers waiting for a connection, on average over time.";
        "queue_most.POOLER": Count, "The most callers waiting at once.";
        "connections_mean.POOLER": Count, "Connections open to the database, on average over time.";
        "connections_most.POOLER": Count, "The most connections open to the database at once.";
    }
    "each kind of [[traffic]] with queries, a time-out, retries, or calls of tenants" {
        "calls.TRAFFIC": Count, "Calls that were made, however many attempts each took.";
        "answered.TRAFFIC": Count, "Calls that were answered.";
        "failed.TRAFFIC": Count, "Calls that failed for good.";
        "prob_failed.TRAFFIC": Share, "Calls that failed, of those answered or failed.";
        "response_FIGURE.TRAFFIC": Seconds, "From a call to its answer, retries included, of calls that were answered.";
        "attempts.TRAFFIC": Count, "Attempts of calls, first ones and retries.";
        "retries.TRAFFIC": Count, "Attempts after the first.";
        "retries_unbudgeted.TRAFFIC": Count, "Retries that were not made because the budget was spent.";
        "attempts_refused.TRAFFIC": Count, "Attempts refused, for whatever reason.";
        "attempts_lost.TRAFFIC": Count, "Attempts lost, for whatever reason.";
        "attempts_refused_full.TRAFFIC": Count, "Attempts refused by a full waiting room or a service that sheds.";
        "attempts_refused_absent.TRAFFIC": Count, "Attempts refused because no replica took them.";
        "attempts_impatient.TRAFFIC": Count, "Attempts that gave up waiting for the service.";
        "attempts_unconnected.TRAFFIC": Count, "Attempts that were given no connection to a database.";
        "attempts_lost_outage.TRAFFIC": Count, "Attempts cut off by a database's outage.";
        "attempts_lost_crash.TRAFFIC": Count, "Attempts cut off by a database's crash.";
        "attempts_lost_replica.TRAFFIC": Count, "Attempts lost with a replica that was lost.";
        "attempts_lost_ended.TRAFFIC": Count, "Attempts lost with a replica that ended before they were done.";
        "attempts_timed_out.TRAFFIC": Count, "Attempts whose caller waited longer than `time_out`.";
        "attempts_faulty.TRAFFIC": Count, "Attempts that were answered with a failure.";
        "attempts_wasted.TRAFFIC": Count, "Attempts on which work was done although their caller left.";
        "trouble_time.TRAFFIC": Seconds, "Windows in which more than one call in twenty failed, together.";
        "trouble_from.TRAFFIC": Seconds, "When the first such window began, counted from the start of the run.";
        "trouble_until.TRAFFIC": Seconds, "When the last such window ended; 0 where there was none.";
        "trouble_outlived.TRAFFIC": Seconds, "How long trouble went on after its cause was over.";
        "trouble_down.TRAFFIC": Seconds, "How long a database that these calls ask could not be reached.";
        "trouble_overloaded.TRAFFIC.STATION": Seconds, "How long more came to that service, pooler or database than it can do.";
    }
    "each of [[objects]]" {
        "stored.STORE": Bytes, "What is stored at the end.";
        "stored.STORE.CLASS": Bytes, "What is stored at the end in one of several classes.";
        "objects_written.STORE": Bytes, "What was written.";
        "objects_expired.STORE": Bytes, "What was deleted because of its age.";
    }
}
