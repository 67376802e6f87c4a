//! Labels and texts with their values filled in.

use super::Elaborator;
use super::number::Fault;
use super::value::Value;
use crate::syntax::ast::{Label, Piece, Text};

/// Most characters of a label.
const MAX_LABEL: usize = 500;

impl Elaborator<'_> {
    /// The text with its values filled in, those that are not known as `…`; and whether all are.
    pub(super) fn text(&mut self, text: &Text) -> (String, bool) {
        let (mut out, mut known) = (String::new(), true);
        for piece in &text.pieces {
            match piece {
                Piece::Plain(plain) => out.push_str(plain),
                Piece::Value(e) => match self.eval(e) {
                    Value::Unknown => {
                        known = false;
                        out.push('…');
                    }
                    Value::Tensor(t) => out.push_str(&self.graph.shape(t).to_string()),
                    value => out.push_str(&value.show()),
                },
            }
        }
        (out, known)
    }

    /// The label as it stands in the path of the weights; `None` after an error.
    pub(super) fn label(&mut self, label: &Label) -> Option<String> {
        let (text, true) = self.text(&label.text) else { return None };
        let is_name = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
        let fault = if text.len() > MAX_LABEL {
            Fault::new(format!("a label has at most {MAX_LABEL} characters"))
        } else if !text.split('.').all(is_name) {
            let fault =
                Fault::new(format!("`{text}` is no label: a label is made of names without spaces, joined by `.`"));
            fault.help("such as `stem`, `model.6` or `\"layer{i + 1}\"`")
        } else if text.bytes().all(|c| c.is_ascii_digit()) && text.parse::<u32>().is_err() {
            let fault = Fault::new(format!("`{text}` is too large for an index, which later entries count on from"));
            fault.help(format!("an index is at most {}", u32::MAX))
        } else {
            return Some(text);
        };
        self.fault(label.text.region, fault);
        None
    }
}
