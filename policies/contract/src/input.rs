//! What a policy needs to know beyond who is there, so that a host can say what it cannot tell it.

use crate::words;

words! {
    /// A measured column of the view.
    pub enum Input {
        /// Cpu and memory in use on machines.
        MachineUse = "machine-use",
        /// Cpu and memory in use by containers.
        ContainerUse = "container-use",
        /// When somebody was last at a tenant.
        LastActive = "last-active",
        /// Whether somebody is at a tenant now.
        Sessions = "sessions",
        /// Since when somebody waits for a tenant.
        Waiting = "waiting",
        /// How often a tenant is asked for something.
        Requests = "requests",
        /// Connections of each tier that are used, waited for and allowed.
        Connections = "connections",
        /// Replicas of services: which there are, how they are, and their cpu and memory in use.
        Replicas = "replicas",
        /// How often a service is called.
        ServiceCalls = "service-calls",
        /// How many calls wait at a service.
        ServiceWaiting = "service-waiting",
        /// How replicas of services answer.
        ReplicaAnswers = "replica-answers",
        /// How databases are, and which backups there are of them.
        Databases = "databases",
    }
}
