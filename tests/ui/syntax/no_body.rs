use lightconv::lightnet;

lightnet! {
    pub net N(x: [4, 8, 8]);
    pub net M(x: [4, 8, 8]) { x -> ReLU }
}

fn main() { let _ = N::COST; let _ = M::COST; }
