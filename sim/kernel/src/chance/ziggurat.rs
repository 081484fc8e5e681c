//! Layers of equal area under a falling density (Marsaglia and Tsang 2000, in the form of
//! Doornik 2005). Draws nothing itself.

/// How many layers: one byte of random bits chooses among them.
const LAYERS: usize = 256;

/// The right edges of the layers and the density there, widest first.
pub(super) struct Layers {
    /// `edge[0]` is the base layer's width as if its tail were laid flat; `edge[256]` is 0.
    pub edge: [f64; LAYERS + 1],
    /// The density at each edge.
    pub density: [f64; LAYERS + 1],
}

/// Cuts a density into layers of `area` each, the lowest ending at `tail`, where the tail begins.
pub(super) fn cut(
    tail: f64,
    area: f64,
    density: fn(f64) -> f64,
    inverse: fn(f64) -> f64,
) -> Layers {
    let mut edge = [0.0; LAYERS + 1];
    edge[0] = area / density(tail);
    edge[1] = tail;
    for layer in 2..LAYERS {
        let below = edge[layer - 1];
        edge[layer] = inverse(area / below + density(below));
    }
    Layers { edge, density: edge.map(density) }
}

#[cfg(test)]
mod tests {
    use super::super::{exponential::layers_exponential, normal::layers_normal};

    #[test]
    fn layers_close_at_the_top() {
        for (layers, area) in [
            (layers_exponential(), super::super::exponential::AREA),
            (layers_normal(), super::super::normal::AREA),
        ] {
            // The last layer must have the area of the others: width × height up to density 1.
            let top = layers.edge[255] * (1.0 - layers.density[255]);
            // The published areas have ten digits, and the error of each layer adds up.
            assert!((top / area - 1.0).abs() < 1e-8, "{top} against {area}");
            assert!(layers.edge.windows(2).all(|pair| pair[0] > pair[1]));
        }
    }
}
