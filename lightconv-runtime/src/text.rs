//! Small pieces of text for tables and errors, written without a heap.

use core::fmt::{self, Display, Write};

/// A shape as people write it: `[3, 224, 224]`.
pub(crate) struct Dims<'a>(pub &'a [usize]);

/// A number with a comma before each three digits: `1,234,567`.
pub(crate) struct Grouped(pub u64);

/// At which side of its column a text stands.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Left,
    Right,
}

/// How many characters `value` prints.
pub(crate) fn width(value: &dyn Display) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write_str(&mut self, s: &str) -> fmt::Result {
            self.0 += s.chars().count();
            Ok(())
        }
    }
    let mut count = Count(0);
    // counting never fails; a value that fails to print fails again, and is told of, when it is printed
    let _ = write!(count, "{value}");
    count.0
}

/// Writes `value` and the blanks that fill its column of `columns` characters.
pub(crate) fn cell(f: &mut fmt::Formatter<'_>, value: &dyn Display, columns: usize, side: Side) -> fmt::Result {
    let blanks = columns.saturating_sub(width(value));
    match side {
        Side::Left => write!(f, "{value}{:blanks$}", ""),
        Side::Right => write!(f, "{:blanks$}{value}", ""),
    }
}

/// Writes a line of `columns` times `mark`.
pub(crate) fn rule(f: &mut fmt::Formatter<'_>, mark: char, columns: usize) -> fmt::Result {
    for _ in 0..columns {
        f.write_char(mark)?;
    }
    f.write_char('\n')
}

impl Display for Dims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        for (i, dim) in self.0.iter().enumerate() {
            write!(f, "{}{dim}", if i == 0 { "" } else { ", " })?;
        }
        f.write_char(']')
    }
}

impl Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut unit, mut groups) = (1_u64, 1);
        while self.0 / unit >= 1000 {
            unit *= 1000;
            groups += 1;
        }
        write!(f, "{}", self.0 / unit)?;
        for _ in 1..groups {
            unit /= 1000;
            write!(f, ",{:03}", self.0 / unit % 1000)?;
        }
        Ok(())
    }
}
