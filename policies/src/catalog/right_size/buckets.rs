//! Which bucket of a histogram a value falls into, and where a bucket begins. Knows no weight and no
//! unit.

/// Buckets of equal or of growing width, as VPA's histograms have them
/// (pkg/recommender/util/histogram_options.go).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Buckets {
    width: Width,
    count: u16,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Width {
    Equal(f64),
    /// The first bucket's width, and how much wider each is than the one before.
    Growing(f64, f64),
}

impl Buckets {
    /// Buckets of this width up to a largest value, which has the last one.
    #[must_use]
    pub fn equal(most: f64, width: f64) -> Self {
        Self { width: Width::Equal(width), count: whole(libm::ceil(most / width)) + 1 }
    }

    /// Buckets that grow by this factor, from the first one's width up to a largest value.
    #[must_use]
    pub fn growing(most: f64, first: f64, factor: f64) -> Self {
        let last = log(most * (factor - 1.0) / first + 1.0, factor);
        Self { width: Width::Growing(first, factor), count: whole(libm::ceil(last)) + 1 }
    }

    /// VPA's buckets of cpu in cores: 1 % of a core, then 5 % wider each, up to 1,000 cores.
    #[must_use]
    pub fn of_cores() -> Self {
        Self::growing(1_000.0, 0.01, 1.05)
    }

    /// VPA's buckets of memory in bytes: 10 MB, then 5 % wider each, up to 1 TB.
    #[must_use]
    pub fn of_bytes() -> Self {
        Self::growing(1e12, 1e7, 1.05)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u16 {
        self.count
    }

    /// The bucket that a value falls into.
    #[must_use]
    pub fn find(&self, value: f64) -> u16 {
        let bucket = match self.width {
            Width::Equal(width) => value / width,
            Width::Growing(first, _) if value < first => 0.0,
            Width::Growing(first, factor) => log(value * (factor - 1.0) / first + 1.0, factor),
        };
        whole(libm::floor(bucket)).min(self.count - 1)
    }

    /// Where a bucket begins.
    #[must_use]
    pub fn start(&self, bucket: u16) -> f64 {
        match self.width {
            Width::Equal(width) => f64::from(bucket) * width,
            Width::Growing(first, factor) => {
                first * (libm::pow(factor, f64::from(bucket)) - 1.0) / (factor - 1.0)
            }
        }
    }

    /// Where a bucket ends; the last one has no end, and tells its beginning.
    #[must_use]
    pub fn end(&self, bucket: u16) -> f64 {
        self.start((bucket + 1).min(self.count - 1))
    }
}

fn log(value: f64, base: f64) -> f64 {
    libm::log(value) / libm::log(base)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and a bucket past the last is the last"
)]
fn whole(bucket: f64) -> u16 {
    (bucket as u16).min(u16::MAX - 1)
}
