//! How much memory there is, and who says so.
//!
//! The limit is whatever leaves the least room. A container's is enforced by the kernel; a dyno's quota by the platform,
//! which shows no cgroup file; a limit of the process's own (`ulimit`) makes `malloc` fail, which ends Node.js as well; and
//! the machine's kernel kills as readily.

use leakhunt_host::Platform;
use leakhunt_host::heroku::{HerokuFacts, Quota, QuotaSource};

use crate::data::{Bound, Machine, NodeProcess};

/// The limit that leaves the least room, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) limit: u64,
    /// What counts against it now, the process's own resident set included.
    pub(crate) charged: u64,
    pub(crate) bound: Bound,
}

impl Room {
    /// What leaves the least room to a process whose resident set is `rss` now.
    ///
    /// What others use was seen once, before anything was taken; `constrained` is what the process itself knows.
    pub(crate) fn of(
        process: &NodeProcess,
        machine: &Machine,
        quota: Option<&Quota>,
        constrained: Option<u64>,
        rss: u64,
    ) -> Option<Self> {
        // Whatever is charged besides the process's resident set stays as it was when it was looked at.
        let with = |limit, charged: u64, bound| {
            let others = charged.saturating_sub(process.rss);
            Self { limit, charged: others.saturating_add(rss), bound }
        };
        let container = [process.memory_limit, constrained].into_iter().flatten().min();
        let container =
            container.map(|limit| with(limit, process.memory_used.unwrap_or(0), Bound::Container));
        let dyno = quota.map(|quota| {
            let bound = match quota.source {
                QuotaSource::DynoType => Bound::DynoType,
                QuotaSource::RuntimeMetrics => Bound::RuntimeMetrics,
                QuotaSource::Smallest => Bound::UnknownDynoType,
            };
            with(quota.bytes, machine.node_resident, bound)
        });
        let own = [process.address_space, process.data]
            .into_iter()
            .flatten()
            .map(|(limit, used)| with(limit, used, Bound::Process));
        let whole = machine
            .memory_total
            .zip(machine.memory_available)
            .map(|(total, available)| with(total, total.saturating_sub(available), Bound::Machine));
        container
            .into_iter()
            .chain(dyno)
            .chain(own)
            .chain(whole)
            .min_by_key(|room| room.limit.saturating_sub(room.charged))
    }
}

/// What the platform lets a process use, where it says so.
pub(crate) fn quota(platform: Option<&Platform>) -> Option<Quota> {
    platform.and_then(Platform::heroku).map(HerokuFacts::memory_quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn process() -> NodeProcess {
        NodeProcess { rss: 100 * MB, ..NodeProcess::default() }
    }

    fn machine(available: u64) -> Machine {
        Machine {
            memory_total: Some(25_000 * MB),
            memory_available: Some(available * MB),
            node_resident: 130 * MB,
            ..Machine::default()
        }
    }

    #[track_caller]
    fn check(process: &NodeProcess, available: u64, quota: Option<&Quota>, expected: (u64, u64, Bound)) {
        let room = Room::of(process, &machine(available), quota, None, 110 * MB).unwrap();
        assert_eq!((room.limit / MB, room.charged / MB, room.bound), expected);
    }

    fn quota(megabytes: u64, source: QuotaSource) -> Quota {
        Quota { dyno_type: None, bytes: megabytes * MB, source }
    }

    #[test]
    fn the_limit_is_the_one_that_leaves_the_least_room() {
        let limited = NodeProcess { memory_limit: Some(512 * MB), memory_used: Some(150 * MB), ..process() };
        check(&limited, 3_000, None, (512, 160, Bound::Container));
        check(&limited, 200, None, (25_000, 24_810, Bound::Machine));
        check(&process(), 3_000, None, (25_000, 22_010, Bound::Machine));
    }

    #[test]
    fn a_dyno_without_a_cgroup_file_has_its_types_quota_not_the_hosts_memory() {
        check(&process(), 20_000, Some(&quota(537, QuotaSource::DynoType)), (537, 140, Bound::DynoType));
        let metered = quota(1_000, QuotaSource::RuntimeMetrics);
        check(&process(), 20_000, Some(&metered), (1_000, 140, Bound::RuntimeMetrics));
        let smallest = quota(537, QuotaSource::Smallest);
        check(&process(), 20_000, Some(&smallest), (537, 140, Bound::UnknownDynoType));
        let limited = NodeProcess { memory_limit: Some(400 * MB), memory_used: Some(150 * MB), ..process() };
        check(&limited, 20_000, Some(&quota(537, QuotaSource::DynoType)), (400, 160, Bound::Container));
    }

    #[test]
    fn a_ulimit_is_a_limit() {
        let own = NodeProcess { address_space: Some((1_300 * MB, 1_000 * MB)), ..process() };
        check(&own, 20_000, None, (1_300, 1_010, Bound::Process));
        let own = NodeProcess { data: Some((300 * MB, 120 * MB)), ..process() };
        check(&own, 20_000, Some(&quota(537, QuotaSource::DynoType)), (300, 130, Bound::Process));
    }
}
