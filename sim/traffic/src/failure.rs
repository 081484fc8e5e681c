//! Why attempts fail, and what each reason is called among the figures.

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A service had no room, or turned callers away.
    Refused,
    /// There was no replica of the service, or the one that it was sent to had been lost.
    Absent,
    /// It stood in a service's line for too long.
    Impatient,
    /// No connection was to be had, or none in time.
    Unconnected,
    /// The database could not be reached.
    Unreachable,
    /// The database had no memory left, and was not back yet.
    Crashed,
    /// The replica of its service that it was at was lost.
    ReplicaLost,
    /// The replica of its service that it was at had to end before it was done.
    ReplicaEnded,
    /// The caller waited long enough.
    TimedOut,
    /// It was answered, and the answer was a failure.
    Faulty,
}

impl Failure {
    pub(crate) const ALL: [(Self, &'static str); 10] = [
        (Self::Refused, "refused_full"),
        (Self::Absent, "refused_absent"),
        (Self::Impatient, "impatient"),
        (Self::Unconnected, "unconnected"),
        (Self::Unreachable, "lost_outage"),
        (Self::Crashed, "lost_crash"),
        (Self::ReplicaLost, "lost_replica"),
        (Self::ReplicaEnded, "lost_ended"),
        (Self::TimedOut, "timed_out"),
        (Self::Faulty, "faulty"),
    ];
}
