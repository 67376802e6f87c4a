//! The nearest name to one that is not known.

/// The candidate that `word` is likely to mean: the same but for case and underscores, or few letters away.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |w: &str| w.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect::<String>();
    let wanted = plain(word);
    let allowed = (wanted.chars().count() / 3).max(1);
    if wanted.chars().count() > 60 {
        return None;
    }
    let distance = |c: &&str| strsim::damerau_levenshtein(&wanted, &plain(c));
    let (best, distance) =
        candidates.into_iter().filter(|c| c.len() <= 100).map(|c| (c, distance(&c))).min_by_key(|(_, d)| *d)?;
    // A name of one letter is as near to any other.
    (distance <= allowed && (wanted.chars().count() > 1 || distance == 0)).then_some(best)
}
