//! VP8: the payload descriptor, read, and renumbered in place (RFC 7741 §4.2).

use super::Glance;

/// A number in a descriptor and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    /// 15 bits if wide, else 7; wraps.
    pub value: u16,
    /// Whether it has two bytes.
    pub wide: bool,
    /// Its offset in the payload.
    pub at: u8,
}

/// What stands in front of the picture's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Whether the payload starts a partition.
    pub start: bool,
    /// Which partition it belongs to; the first has the number zero.
    pub partition: u8,
    /// Whether no other picture needs this one.
    pub non_reference: bool,
    /// Counts pictures.
    pub picture_id: Option<PictureId>,
    /// Counts the pictures of the lowest temporal layer, with its offset in the payload.
    pub tl0: Option<(u8, u8)>,
    /// The temporal layer; zero is the lowest.
    pub temporal_id: Option<u8>,
    /// Whether a receiver of lower layers alone can go up with this picture.
    pub layer_sync: bool,
    /// Bytes: where the picture's bytes start.
    pub length: u8,
}

impl Descriptor {
    /// Reads the descriptor at the start of a payload; `None` if the payload is shorter.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let flags = *payload.first()?;
        let mut descriptor = Self {
            start: flags & 0x10 != 0,
            partition: flags & 0x07,
            non_reference: flags & 0x20 != 0,
            length: 1,
            ..Self::default()
        };
        if flags & 0x80 != 0 {
            descriptor.length = 2;
            descriptor.read_extension(*payload.get(1)?, payload)?;
        }
        Some(descriptor)
    }

    /// Whether the payload is the first of a picture.
    pub const fn starts_picture(&self) -> bool {
        self.start && self.partition == 0
    }

    fn read_extension(&mut self, flags: u8, payload: &[u8]) -> Option<()> {
        let byte = |at: u8| payload.get(usize::from(at)).copied();
        if flags & 0x80 != 0 {
            let (at, first) = (self.length, byte(self.length)?);
            let wide = first & 0x80 != 0;
            let value = if wide { u16::from_be_bytes([first & 0x7f, byte(at + 1)?]) } else { u16::from(first) };
            self.picture_id = Some(PictureId { value, wide, at });
            self.length += 1 + u8::from(wide);
        }
        if flags & 0x40 != 0 {
            self.tl0 = Some((byte(self.length)?, self.length));
            self.length += 1;
        }
        if flags & 0x30 != 0 {
            let layer = byte(self.length)?;
            if flags & 0x20 != 0 {
                self.temporal_id = Some(layer >> 6);
                self.layer_sync = layer & 0x20 != 0;
            }
            self.length += 1;
        }
        Some(())
    }
}

/// Changes picture id and TL0PICIDX where the descriptor has them, each in the width that it has.
///
/// `false`, with nothing changed, if the payload does not start with a whole descriptor.
#[must_use]
pub fn rewrite(payload: &mut [u8], picture_id: u16, tl0: u8) -> bool {
    let Some(descriptor) = Descriptor::read(payload) else { return false };
    let [high, low] = picture_id.to_be_bytes();
    if let Some(PictureId { wide, at, .. }) = descriptor.picture_id {
        let at = usize::from(at);
        match payload.get_mut(at..) {
            Some([first, second, ..]) if wide => [*first, *second] = [high | 0x80, low],
            Some([only, ..]) => *only = low & 0x7f,
            _ => {}
        }
    }
    if let Some(place) = descriptor.tl0.and_then(|(_, at)| payload.get_mut(usize::from(at))) {
        *place = tl0;
    }
    true
}

/// A keyframe's first byte has its lowest bit clear (RFC 7741 §4.3).
pub(super) fn glance(payload: &[u8]) -> Glance {
    let Some(descriptor) = Descriptor::read(payload) else { return Glance::default() };
    let Some(first) = payload.get(usize::from(descriptor.length)) else { return Glance::default() };
    let frame_start = descriptor.starts_picture();
    Glance { keyframe_start: frame_start && first & 1 == 0, frame_start }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: u8 = 0x10;
    const DELTA: u8 = 0x11;

    #[test]
    fn a_keyframe_starts_where_its_first_partition_starts() {
        assert_eq!(glance(&[0x10, KEY]), Glance { keyframe_start: true, frame_start: true });
        assert_eq!(glance(&[0x10, DELTA]), Glance { keyframe_start: false, frame_start: true });
        assert_eq!(glance(&[0x00, KEY]), Glance::default(), "goes on with a partition");
        assert_eq!(glance(&[0x11, KEY]), Glance::default(), "a later partition");
        assert_eq!(glance(&[0x10]), Glance::default(), "a descriptor with nothing after it");
    }

    #[test]
    fn every_field_is_found_whatever_stands_before_it() {
        let wide = Descriptor::read(&[0x90, 0xe0, 0x92, 0x34, 7, 0x60, KEY]).unwrap();
        assert_eq!(wide.picture_id, Some(PictureId { value: 0x1234, wide: true, at: 2 }));
        assert_eq!((wide.tl0, wide.temporal_id, wide.layer_sync), (Some((7, 4)), Some(1), true));
        assert_eq!(wide.length, 6);
        let narrow = Descriptor::read(&[0x80, 0x80, 0x34, KEY]).unwrap();
        assert_eq!(narrow.picture_id, Some(PictureId { value: 0x34, wide: false, at: 2 }));
        assert_eq!((narrow.tl0, narrow.temporal_id, narrow.length), (None, None, 3));
        let keyed = Descriptor::read(&[0x80, 0x10, 0xff, KEY]).unwrap();
        assert_eq!((keyed.temporal_id, keyed.layer_sync, keyed.length), (None, false, 3), "only KEYIDX is there");
    }

    #[test]
    fn renumbering_keeps_every_width_and_touches_nothing_else() {
        let mut wide = [0x90, 0xe0, 0x92, 0x34, 7, 0x60, KEY];
        assert!(rewrite(&mut wide, 0x0001, 9));
        assert_eq!(wide, [0x90, 0xe0, 0x80, 0x01, 9, 0x60, KEY]);
        let mut narrow = [0x90, 0x80, 0x34, KEY];
        assert!(rewrite(&mut narrow, 0x1285, 9));
        assert_eq!(narrow, [0x90, 0x80, 0x05, KEY]);
        let mut without = [0x10, KEY];
        assert!(rewrite(&mut without, 1, 2));
        assert_eq!(without, [0x10, KEY]);
    }

    #[test]
    fn a_cut_descriptor_is_left_alone() {
        let whole = [0x90, 0xe0, 0x92, 0x34, 7, 0x60];
        for length in 0..whole.len() {
            let mut cut = whole;
            assert!(!rewrite(&mut cut[..length], 1, 2), "{length} bytes");
            assert_eq!(cut, whole);
        }
    }
}
