use lightconv::lightnet;

lightnet! {
    pub net N<3, 8, 8> {
        x -> ReLU
    }
}

fn main() {
    println!("{}", N::summary());
    let _ = N::random(1).run(&lightconv::Tensor::<3, 8, 8>::zeros());
}
