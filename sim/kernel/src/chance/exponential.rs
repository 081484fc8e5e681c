//! The exponential distribution with mean 1, by a ziggurat of 256 layers. Knows no unit.

use super::rounding::grid;
use super::ziggurat::{Layers, cut};
use seatrial_contract::Stream;
use std::sync::LazyLock;

// Where 256 layers of equal area end, and that area: Marsaglia and Tsang 2000.
const TAIL: f64 = 7.697_117_470_131_05;
pub(super) const AREA: f64 = 0.003_949_659_822_581_557;

static LAYERS: LazyLock<Layers> = LazyLock::new(layers_exponential);

/// One draw of mean 1.
#[inline]
pub fn exponential(stream: &mut Stream) -> f64 {
    let layers = &*LAYERS;
    let bits = stream.bits();
    let layer = usize::from(bits.to_le_bytes()[0]);
    let x = grid(bits >> 11) * layers.edge[layer];
    // Wholly under the density in 98.9% of all draws.
    if x < layers.edge[layer + 1] { x } else { edge_case(layers, layer, x, stream) }
}

/// Draws in the tail or at a layer's slope.
#[cold]
#[inline(never)]
fn edge_case(layers: &Layers, first: usize, first_x: f64, stream: &mut Stream) -> f64 {
    let (mut layer, mut x, mut passed) = (first, first_x, 0.0);
    loop {
        if layer == 0 {
            // Without memory: what lies beyond the tail's start is exponential again.
            passed += TAIL;
        } else {
            let (low, high) = (layers.density[layer], layers.density[layer + 1]);
            if low + stream.unit() * (high - low) < libm::exp(-x) {
                return passed + x;
            }
        }
        let bits = stream.bits();
        layer = usize::from(bits.to_le_bytes()[0]);
        x = grid(bits >> 11) * layers.edge[layer];
        if x < layers.edge[layer + 1] {
            return passed + x;
        }
    }
}

pub(super) fn layers_exponential() -> Layers {
    cut(TAIL, AREA, |x| libm::exp(-x), |y| -libm::log(y))
}
