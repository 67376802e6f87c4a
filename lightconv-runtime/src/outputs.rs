//! The outputs of a net that has several: a tuple of tensors, or a tuple of references to them.

use crate::tensor::TensorData;

/// Where a net with several outputs writes them; `T` is the tuple of their [`TensorData`], `N` how many there are.
///
/// Implemented for `&mut (Tensor<…>, Tensor<…>)` and `(&mut Tensor<…>, &mut Tensor<…>)`, up to twelve.
pub trait Outputs<T, const N: usize> {
    /// The elements of each, channels-last.
    fn slices(&mut self) -> [&mut [f32]; N];
}

macro_rules! tuples {
    ($n:literal: $(($ty:ident $c:ident $h:ident $w:ident $i:tt)),*) => {
        impl<$($ty: AsMut<TensorData<$c, $h, $w>>,)* $(const $c: usize, const $h: usize, const $w: usize),*>
            Outputs<($(TensorData<$c, $h, $w>,)*), $n> for &mut ($($ty,)*)
        {
            fn slices(&mut self) -> [&mut [f32]; $n] {
                [$(self.$i.as_mut().as_mut_slice()),*]
            }
        }
        impl<$($ty: AsMut<TensorData<$c, $h, $w>> + ?Sized,)* $(const $c: usize, const $h: usize, const $w: usize),*>
            Outputs<($(TensorData<$c, $h, $w>,)*), $n> for ($(&mut $ty,)*)
        {
            fn slices(&mut self) -> [&mut [f32]; $n] {
                [$(self.$i.as_mut().as_mut_slice()),*]
            }
        }
    };
}

tuples!(2: (A CA HA WA 0), (B CB HB WB 1));
tuples!(3: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2));
tuples!(4: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3));
tuples!(5: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4));
tuples!(6: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5));
tuples!(7: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5), (G CG HG WG 6));
tuples!(8: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5), (G CG HG WG 6), (H CH HH WH 7));
tuples!(9: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5), (G CG HG WG 6), (H CH HH WH 7), (I CI HI WI 8));
tuples!(10: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5), (G CG HG WG 6), (H CH HH WH 7), (I CI HI WI 8), (J CJ HJ WJ 9));
tuples!(11: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5), (G CG HG WG 6), (H CH HH WH 7), (I CI HI WI 8), (J CJ HJ WJ 9), (K CK HK WK 10));
tuples!(12: (A CA HA WA 0), (B CB HB WB 1), (C CC HC WC 2), (D CD HD WD 3), (E CE HE WE 4), (F CF HF WF 5), (G CG HG WG 6), (H CH HH WH 7), (I CI HI WI 8), (J CJ HJ WJ 9), (K CK HK WK 10), (L CL HL WL 11));
