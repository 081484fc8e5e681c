//! Protocol buffers as bytes: as much of them as a trace needs. Knows no message.

/// A message on its way to bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

/// How the value of a field is laid down.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Eight = 1,
    Length = 2,
}

impl Message {
    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn key(&mut self, field: u32, wire: Wire) {
        self.raw(u64::from(field) << 3 | wire as u64);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more come.
    fn raw(&mut self, mut value: u64) {
        loop {
            let low = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                return self.0.push(low);
            }
            self.0.push(low | 0x80);
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, field: u32, value: u64) {
        self.key(field, Wire::Varint);
        self.raw(value);
    }

    /// A whole number in eight bytes.
    pub(super) fn fixed(&mut self, field: u32, value: u64) {
        self.key(field, Wire::Eight);
        self.0.extend(value.to_le_bytes());
    }

    /// A number.
    pub(super) fn double(&mut self, field: u32, value: f64) {
        self.fixed(field, value.to_bits());
    }

    /// Text.
    pub(super) fn text(&mut self, field: u32, text: &str) {
        self.length(field, text.as_bytes());
    }

    /// A message inside.
    pub(super) fn message(&mut self, field: u32, inner: &Self) {
        self.length(field, &inner.0);
    }

    fn length(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, Wire::Length);
        self.raw(bytes.len() as u64);
        self.0.extend(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_laid_down_as_the_specification_shows_them() {
        // Both examples are those of protobuf.dev/programming-guides/encoding.
        let mut message = Message::default();
        message.number(1, 150);
        assert_eq!(message.bytes(), [0x08, 0x96, 0x01]);
        let mut message = Message::default();
        message.text(2, "testing");
        assert_eq!(message.bytes(), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    }

    #[test]
    fn the_largest_number_takes_ten_bytes_and_eight_are_eight() {
        let mut message = Message::default();
        message.number(1, u64::MAX);
        assert_eq!(message.bytes().len(), 11);
        assert_eq!(message.bytes()[10], 1);
        let mut message = Message::default();
        message.double(44, 1.0);
        // Field 44 in eight bytes: 44 << 3 | 1 = 353, which is 0xe1 0x02.
        assert_eq!(message.bytes(), [0xe1, 0x02, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    }
}
