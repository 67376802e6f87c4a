//! What is not there raises no error for want of a type, though its own errors are told.

mod blocks {
    lightconv::lightnet! {
        #[cfg(any())]
        pub net Gone(x: [3, 8, 8]) { x -> Conv2d(8, 9) }
        #[cfg(all())]
        pub net There(x: [3, 8, 8]) { x -> Conv2d(8, 10) }
    }
}

lightconv::lightnet! {
    use blocks::Missing;
    #[cfg(any())]
    pub net Gone(x: [3, 8, 8]) { x -> Missing }
    #[cfg(all())]
    pub net There(x: [3, 8, 8]) { x -> Missing }
}

fn main() {
    let _ = (There::random(1), blocks::There::random(1));
}
