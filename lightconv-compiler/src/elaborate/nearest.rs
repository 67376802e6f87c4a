//! The nearest name to one that is not known.

/// The candidate that `word` is likely to mean: the same but for case and underscores, few letters away, or an abbreviation.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |w: &str| w.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect::<String>();
    let wanted = plain(word);
    let allowed = (wanted.chars().count() / 3).max(1);
    if wanted.chars().count() > 60 {
        return None;
    }
    let distance = |c: &&str| strsim::damerau_levenshtein(&wanted, &plain(c));
    let candidates: Vec<&str> = candidates.into_iter().filter(|c| c.len() <= 100).collect();
    let (best, distance) = candidates.iter().map(|c| (*c, distance(c))).min_by_key(|(_, d)| *d)?;
    // A name of one letter is as near to any other.
    if distance <= allowed && (wanted.chars().count() > 1 || distance == 0) {
        return Some(best);
    }
    // `epsilon` for `eps`, `num` for `num_features`: where just one comes into question.
    let mut abbreviated = candidates.into_iter().filter(|c| is_abbreviation(&wanted, &plain(c)));
    abbreviated.next().filter(|_| abbreviated.next().is_none())
}

fn is_abbreviation(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= 3 && (a.starts_with(b) || b.starts_with(a))
}
