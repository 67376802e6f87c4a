//! What generated code leaves out by cargo feature.

#[test]
fn tokens_are_kept_by_feature() {
    let mut kept = vec!["always"];
    lightconv_runtime::__if_alloc! { kept.push("alloc"); }
    lightconv_runtime::__if_std! { kept.push("std"); }
    lightconv_runtime::__if_rayon! { kept.push("rayon"); }
    let mut expected = vec!["always"];
    for (feature, on) in
        [("alloc", cfg!(feature = "alloc")), ("std", cfg!(feature = "std")), ("rayon", cfg!(feature = "rayon"))]
    {
        if on {
            expected.push(feature);
        }
    }
    assert_eq!(kept, expected);
}
