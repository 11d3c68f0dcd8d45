//! QR codes, as drawings.

use fast_qr::{
    ECL, QRBuilder,
    convert::{Builder, Shape, svg::SvgBuilder},
};

/// A text as a QR code that bears a fold and a stain, as the text of an SVG; nothing if it is too long for one.
pub fn drawing(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    Some(SvgBuilder::default().shape(Shape::Square).margin(4).to_str(&code))
}
