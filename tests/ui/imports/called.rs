mod blocks {
    lightconv::lightnet! { pub block Ghost(x; out) { x -> Conv2d(out, 1) } }
}

fn main() {
    let _ = blocks::Ghost!(8);
}
