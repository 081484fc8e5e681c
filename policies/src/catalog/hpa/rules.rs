//! How one service is to be scaled, as a policy file says it. Knows nothing of what is seen.

use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::ops::Deref;
use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Ppm, Span, percent};
use seatrial_contract::{Input, Measure, choice, element, words};

element! {
    /// How one service is scaled.
    pub struct Scaling {
        /// The fewest replicas that it may have; with 0 it may sleep, and calls in all or those who
        /// wait must wake it.
        least: u32 = 1,
        /// The most replicas that it may have.
        most: NonZeroU32,
        /// What calls for replicas; of several, whichever calls for most.
        metrics: Vec<Metric>,
        /// How fast it grows. Where neither this nor `down` is said, by no more than twice at once.
        up: Option<Up> = None,
        /// How fast it shrinks.
        down: Option<Down> = None,
    }
}

element! {
    /// How fast a service grows.
    pub struct Up {
        /// It grows to no more than were called for at any time within this.
        window: Span = Span::ZERO,
        /// Which of the rates holds.
        select: Select = Select::Most,
        /// By how much it may grow within a time.
        rates: Vec<Rate> = vec![
            Rate::Replicas(ReplicasPer { count: 4, per: Span::seconds(15) }),
            Rate::Share(SharePer { share: percent(100), per: Span::seconds(15) }),
        ],
    }
}

element! {
    /// How fast a service shrinks.
    pub struct Down {
        /// It shrinks to no fewer than were called for at any time within this; `down_window` where
        /// left out.
        window: Option<Span> = None,
        /// Which of the rates holds.
        select: Select = Select::Most,
        /// By how much it may shrink within a time.
        rates: Vec<Rate> =
            vec![Rate::Share(SharePer { share: percent(100), per: Span::seconds(15) })],
    }
}

words! {
    /// Which of several rates holds.
    pub enum Select {
        /// The one that lets most come or go.
        Most = "most",
        /// The one that lets fewest.
        Least = "least",
        /// None: it does not go that way at all.
        Off = "off",
    }
}

choice! {
    /// How many may come or go within a time.
    pub enum Rate {
        /// So many.
        Replicas(ReplicasPer) = "replicas",
        /// This share of those there were before.
        Share(SharePer) = "share",
    }
}

element! {
    /// So many replicas within a time.
    pub struct ReplicasPer {
        /// How many.
        count: u32,
        /// Within this.
        per: Span,
    }
}

element! {
    /// A share of those there were within a time.
    pub struct SharePer {
        /// Which share.
        share: Ppm,
        /// Within this.
        per: Span,
    }
}

choice! {
    /// What calls for replicas.
    pub enum Metric {
        /// Cpu in use, as a share of what is asked for.
        Cpu(CpuTarget) = "cpu",
        /// Cpu in use by a replica on the average.
        CpuEach(CpuEach) = "cpu-each",
        /// Memory in use, as a share of what is asked for.
        Memory(MemoryTarget) = "memory",
        /// Memory in use by a replica on the average.
        MemoryEach(MemoryEach) = "memory-each",
        /// Calls for each replica.
        Calls(CallsEach) = "calls",
        /// Calls of all ready replicas together.
        CallsInAll(CallsInAll) = "calls-in-all",
        /// Calls that wait, for each replica.
        Waiting(WaitingEach) = "waiting",
        /// Calls that wait at all ready replicas together.
        WaitingInAll(WaitingInAll) = "waiting-in-all",
    }
}

element! {
    /// A share of the cpu that is asked for.
    pub struct CpuTarget {
        /// Which share should be in use.
        target: Ppm,
    }
}
element! {
    /// Cpu of a replica.
    pub struct CpuEach {
        /// So much should be in use.
        each: MilliCores,
    }
}
element! {
    /// A share of the memory that is asked for.
    pub struct MemoryTarget {
        /// Which share should be in use.
        target: Ppm,
    }
}
element! {
    /// Memory of a replica.
    pub struct MemoryEach {
        /// So much should be in use.
        each: Bytes,
    }
}
element! {
    /// Calls of a replica.
    pub struct CallsEach {
        /// So often each should be called.
        each: Frequency,
    }
}
element! {
    /// Calls of all replicas.
    pub struct CallsInAll {
        /// So often those that are ready should be called together.
        target: Frequency,
    }
}
element! {
    /// Those who wait for a replica.
    pub struct WaitingEach {
        /// So many should wait for each.
        each: NonZeroU32,
    }
}
element! {
    /// Those who wait for all replicas.
    pub struct WaitingInAll {
        /// So many should wait for those that are ready together.
        target: NonZeroU32,
    }
}

impl Rate {
    pub(super) fn per(&self) -> Span {
        match self {
            Self::Replicas(of) => of.per,
            Self::Share(of) => of.per,
        }
    }
}

impl Metric {
    pub(super) fn input(&self) -> Input {
        match self.measure() {
            Measure::Cpu | Measure::Memory => Input::Replicas,
            Measure::Calls => Input::ServiceCalls,
            Measure::Waiting => Input::ServiceWaiting,
        }
    }

    pub(super) fn measure(&self) -> Measure {
        match self {
            Self::Cpu(_) | Self::CpuEach(_) => Measure::Cpu,
            Self::Memory(_) | Self::MemoryEach(_) => Measure::Memory,
            Self::Calls(_) | Self::CallsInAll(_) => Measure::Calls,
            Self::Waiting(_) | Self::WaitingInAll(_) => Measure::Waiting,
        }
    }

    /// Whether it aims at something: nothing can be divided by a target of none.
    fn has_target(&self) -> bool {
        match self {
            Self::Cpu(of) => of.target > Ppm::ZERO,
            Self::Memory(of) => of.target > Ppm::ZERO,
            Self::CpuEach(of) => of.each > MilliCores::ZERO,
            Self::MemoryEach(of) => of.each > Bytes::ZERO,
            Self::Calls(of) => of.each.millionths > 0,
            Self::CallsInAll(of) => of.target.millionths > 0,
            Self::Waiting(_) | Self::WaitingInAll(_) => true,
        }
    }
}

/// How one service is scaled, once that was found to make sense.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled(Scaling);

impl Deref for Scaled {
    type Target = Scaling;
    fn deref(&self) -> &Scaling {
        &self.0
    }
}

impl Element for Scaled {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let scaling = Scaling::read(node, path, problems)?;
        let before = problems.len();
        let most = scaling.most.get();
        if scaling.least > most {
            let message = alloc::format!("no fewer than {} and no more than {most}", scaling.least);
            let remedy = "write a `least` that is not over `most`";
            problems.add(&Path::Key(path, "least"), at(node, &["least"]).place, message, remedy);
        }
        let metrics = (Path::Key(path, "metrics"), at(node, &["metrics"]));
        if scaling.metrics.is_empty() {
            let remedy = "write metrics = [{ kind = \"cpu\", target = \"80 %\" }] or others";
            problems.add(&metrics.0, metrics.1.place, "nothing calls for replicas", remedy);
        }
        for (index, _) in scaling.metrics.iter().enumerate().filter(|(_, of)| !of.has_target()) {
            let (path, place) = (Path::Index(&metrics.0, index), item(metrics.1, index).place);
            problems.add(&path, place, "it aims at nothing", "write a target over none");
        }
        let ups = scaling.up.as_ref().map(|up| ("up", &up.rates));
        let downs = scaling.down.as_ref().map(|down| ("down", &down.rates));
        for (key, rates) in ups.into_iter().chain(downs) {
            let way = Path::Key(path, key);
            check_rates(&Path::Key(&way, "rates"), at(node, &[key, "rates"]), rates, problems);
        }
        (problems.len() == before).then_some(Self(scaling))
    }
    fn shape() -> Shape {
        Scaling::shape()
    }
    fn write(&self) -> Value {
        self.0.write()
    }
}

fn check_rates(path: &Path<'_>, node: &Node, rates: &[Rate], problems: &mut Problems) {
    if rates.is_empty() {
        let remedy = "leave it out for the usual ones, or write select = \"off\"";
        problems.add(path, node.place, "there is no rate", remedy);
    }
    for (index, _) in rates.iter().enumerate().filter(|(_, of)| of.per() == Span::ZERO) {
        let (path, place) = (Path::Index(path, index), item(node, index).place);
        problems.add(&path, place, "within no time", "write a `per` over none");
    }
}

/// What stands under these keys, or the nearest that there is.
fn at<'a>(node: &'a Node, keys: &[&str]) -> &'a Node {
    keys.iter().fold(node, |node, key| node.get(key).unwrap_or(node))
}

fn item(node: &Node, index: usize) -> &Node {
    match &node.value {
        Value::List(all) => all.get(index).unwrap_or(node),
        Value::Bool(_)
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::Text(_)
        | Value::Table(_)
        | Value::Other(_) => node,
    }
}
