//! Every kind of fault there is, by the word that names it in a scenario. A new one is a file in this folder and
//! a line at the end of this file.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, Planned};
use seatrial_contract::config::{
    Element, Located, Node, Path, Problems, Shape, Value, Variant, choose,
};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;

macro_rules! catalog {
    ($($file:ident::$kind:ident = $word:literal),* $(,)?) => {
        $(mod $file;)*

        /// A fault of any kind, and its configuration.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum FaultConfig {
            $($kind($file::$kind)),*
        }

        impl FaultConfig {
            /// The word that names its kind.
            pub(crate) fn word(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $word),*
                }
            }

            /// What one of them is called that it may strike each on its own.
            pub(crate) fn each(&self) -> Option<&'static str> {
                match self {
                    $(Self::$kind(_) => <$file::$kind as Kind>::EACH),*
                }
            }

            /// Whether it may stop the process of the policies.
            pub(crate) fn stops_policies(&self) -> bool {
                match self {
                    $(Self::$kind(_) => <$file::$kind as Kind>::STOPS_POLICIES),*
                }
            }

            /// Those that other sections of a scenario say, kind by kind.
            pub(crate) fn elsewhere(scenario: &Scenario) -> Vec<Planned<Self>> {
                let mut all = Vec::new();
                $(all.extend(
                    $file::$kind::elsewhere(scenario).into_iter().map(|of| of.with(Self::$kind)),
                );)*
                all
            }

            /// The file beside the scenario that it reads.
            pub(crate) fn reads(&self) -> Option<&Located<String>> {
                match self {
                    $(Self::$kind(fault) => fault.reads()),*
                }
            }

            /// Says what it names and the scenario does not have.
            pub(crate) fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
                match self {
                    $(Self::$kind(fault) => fault.check(of, path, problems)),*
                }
            }

            /// All that it may strike each on its own.
            pub(crate) fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
                match self {
                    $(Self::$kind(fault) => fault.targets(fleet)),*
                }
            }

            /// Begins to disturb the fleet.
            pub(crate) fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
                match self {
                    $(Self::$kind(fault) => fault.begin(scene)),*
                }
            }

            /// Disturbs it no longer.
            pub(crate) fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
                match self {
                    $(Self::$kind(fault) => fault.end(scene, struck)),*
                }
            }
        }

        impl Element for FaultConfig {
            fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
                choose(node, path, problems, &[
                    $(($word, |node, path, problems| {
                        <$file::$kind>::read(node, path, problems).map(Self::$kind)
                    }),)*
                ])
            }

            fn shape() -> Shape {
                Shape::Choice(vec![$(Variant {
                    word: $word,
                    doc: <$file::$kind as Kind>::ABOUT.to_string(),
                    shape: <$file::$kind>::shape(),
                }),*])
            }

            fn write(&self) -> Value {
                Value::of_kind(self.word(), match self {
                    $(Self::$kind(config) => config.write(),)*
                })
            }
        }
    };
}

catalog! {
    replicas_lost::ReplicasLost = "replicas-lost",
    database_out::DatabaseOut = "database-out",
    primary_loss::PrimaryLoss = "primary-loss",
    database_crash::DatabaseCrash = "database-crash",
    standby_loss::StandbyLoss = "standby-loss",
    replica_lag::ReplicaLag = "replica-lag",
    cache_loss::CacheLoss = "cache-loss",
    pooler_loss::PoolerLoss = "pooler-loss",
    service_out::ServiceOut = "service-out",
    gray_failure::GrayFailure = "gray-failure",
    bad_deploy::BadDeploy = "bad-deploy",
    gray_machine::GrayMachine = "gray-machine",
    connections_taken::ConnectionsTaken = "connections-taken",
    dns_failure::DnsFailure = "dns-failure",
    disk_slow::DiskSlow = "disk-slow",
    network_slow::NetworkSlow = "network-slow",
    certificate_expired::CertificateExpired = "certificate-expired",
    disk_full::DiskFull = "disk-full",
    disk_lost::DiskLost = "disk-lost",
    data_deleted::DataDeleted = "data-deleted",
    backups_lost::BackupsLost = "backups-lost",
    backups_fail::BackupsFail = "backups-fail",
    archive_stops::ArchiveStops = "archive-stops",
    link_slow::LinkSlow = "link-slow",
    machine_slow::MachineSlow = "machine-slow",
    machine_crash::MachineCrash = "machine-crash",
    machine_burst::MachineBurst = "machine-burst",
    machine_disk_lost::MachineDiskLost = "machine-disk-lost",
    machine_disk_full::MachineDiskFull = "machine-disk-full",
    machine_io_slow::MachineIoSlow = "machine-io-slow",
    rack_loss::RackLoss = "rack-loss",
    zone_loss::ZoneLoss = "zone-loss",
    region_loss::RegionLoss = "region-loss",
    machine_drained::MachineDrained = "machine-drained",
    spot_reclaim::SpotReclaim = "spot-reclaim",
    partition::Partition = "partition",
    stock_out::StockOut = "stock-out",
    container_kill::ContainerKill = "container-kill",
    replay::Replay = "replay",
    policies_down::PoliciesDown = "policies-down",
    clock_skew::ClockSkew = "clock-skew",
    metrics_absent::MetricsAbsent = "metrics-absent",
    metrics_stale::MetricsStale = "metrics-stale",
    metrics_wrong::MetricsWrong = "metrics-wrong",
    actions_rejected::ActionsRejected = "actions-rejected",
    actions_delayed::ActionsDelayed = "actions-delayed",
    actions_lost::ActionsLost = "actions-lost",
    slow_people::SlowPeople = "slow-people",
}
