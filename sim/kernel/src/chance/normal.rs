//! The standard normal distribution, by a ziggurat of 256 layers. Knows no unit.

use super::exponential::exponential;
use super::rounding::grid;
use super::ziggurat::{Layers, cut};
use seatrial_contract::Stream;
use std::sync::LazyLock;

// Where 256 layers of equal area end, and that area: Marsaglia and Tsang 2000.
const TAIL: f64 = 3.654_152_885_361_009;
pub(super) const AREA: f64 = 0.004_928_673_233_992_336;

static LAYERS: LazyLock<Layers> = LazyLock::new(layers_normal);

/// One draw of mean 0 and deviation 1.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    let layers = &*LAYERS;
    // The lowest byte chooses the layer, the next bit the side, the highest 53 the place.
    let bits = stream.bits();
    let layer = usize::from(bits.to_le_bytes()[0]);
    let x = grid(bits >> 11) * layers.edge[layer];
    // Wholly under the density in 98.5% of all draws.
    if x < layers.edge[layer + 1] {
        signed(x, bits)
    } else {
        edge_case(layers, layer, x, bits, stream)
    }
}

/// Draws in the tail or at a layer's slope.
#[cold]
#[inline(never)]
fn edge_case(
    layers: &Layers,
    first: usize,
    first_x: f64,
    first_bits: u64,
    stream: &mut Stream,
) -> f64 {
    let (mut layer, mut x, mut bits) = (first, first_x, first_bits);
    loop {
        if layer == 0 {
            return signed(beyond_tail(stream), bits);
        }
        let (low, high) = (layers.density[layer], layers.density[layer + 1]);
        if low + stream.unit() * (high - low) < libm::exp(-0.5 * x * x) {
            return signed(x, bits);
        }
        bits = stream.bits();
        layer = usize::from(bits.to_le_bytes()[0]);
        x = grid(bits >> 11) * layers.edge[layer];
        if x < layers.edge[layer + 1] {
            return signed(x, bits);
        }
    }
}

/// On the side that the ninth bit says; without a branch, which would be mispredicted half the time.
#[inline]
fn signed(x: f64, bits: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ (bits & 0x100) << 55)
}

/// Marsaglia's method for the tail (1964).
fn beyond_tail(stream: &mut Stream) -> f64 {
    loop {
        let beyond = exponential(stream) / TAIL;
        if 2.0 * exponential(stream) > beyond * beyond {
            return TAIL + beyond;
        }
    }
}

pub(super) fn layers_normal() -> Layers {
    cut(TAIL, AREA, |x| libm::exp(-0.5 * x * x), |y| (-2.0 * libm::log(y)).sqrt())
}
