//! Random numbers, the same ones that the other kernels draw. Knows no workload.

/// Xoshiro256++ (Blackman and Vigna), seeded by splitmix64, with an exponential ziggurat.
pub struct Chance {
    state: [u64; 4],
    /// Right edges of 256 layers, widest first: the base layer's virtual width, then the tail's
    /// beginning, down to 0.
    edges: [f64; 257],
    /// The density at each edge.
    heights: [f64; 257],
}

/// Where the tail begins, and the area of each layer (Marsaglia and Tsang, 256 layers).
const TAIL: f64 = 7.697_117_470_131_05;
const AREA: f64 = 0.003_949_659_822_581_572;
/// Distance of neighbouring doubles in `0.5..1`.
const STEP: f64 = 1.0 / (1_u64 << 53) as f64;

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut counter = seed;
        let state = std::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (counter ^ (counter >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        });
        let mut edges = [0.0; 257];
        edges[0] = AREA * TAIL.exp();
        edges[1] = TAIL;
        for layer in 2..256 {
            let below: f64 = edges[layer - 1];
            edges[layer] = -(AREA / below + (-below).exp()).ln();
        }
        let heights = edges.map(|edge: f64| (-edge).exp());
        Self { state, edges, heights }
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let (c1, d1) = (c ^ a, d ^ b);
        self.state = [a ^ d1, b ^ c1, c1 ^ (b << 17), d1.rotate_left(45)];
        a.wrapping_add(d).rotate_left(23).wrapping_add(a)
    }

    /// Evenly in `0..1`.
    #[inline]
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * STEP
    }

    /// Evenly in `0..n`, by the upper half of the bits.
    #[inline]
    pub fn below(&mut self, n: u64) -> usize {
        (((self.bits() >> 32) * n) >> 32) as usize
    }

    /// Exponential of this mean, in whole nanoseconds.
    #[inline]
    pub fn exponential(&mut self, mean: f64) -> u64 {
        let (layer, x) = self.throw();
        let unit = if x < self.edges[layer + 1] { x } else { self.beyond(layer, x) };
        (unit * mean) as u64
    }

    #[inline]
    fn throw(&mut self) -> (usize, f64) {
        let bits = self.bits();
        let layer = (bits % 256) as usize;
        (layer, (bits >> 11) as f64 * STEP * self.edges[layer])
    }

    /// The throw fell outside its layer's certain part.
    #[cold]
    #[inline(never)]
    fn beyond(&mut self, mut layer: usize, mut x: f64) -> f64 {
        loop {
            if layer == 0 {
                return TAIL - (1.0 - self.unit()).ln();
            }
            let (low, high) = (self.heights[layer], self.heights[layer + 1]);
            if high + (low - high) * self.unit() < (-x).exp() {
                return x;
            }
            (layer, x) = self.throw();
            if x < self.edges[layer + 1] {
                return x;
            }
        }
    }
}
