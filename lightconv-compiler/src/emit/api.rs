//! The type of a net, its constants and its methods.

use super::{Backends, Net, doc};
use crate::shape::Shape;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// The type itself, in the scope of the invocation.
pub(super) fn item(net: Net, krate: &TokenStream) -> TokenStream {
    let (attrs, vis, name) = (&net.graph.attrs, &net.graph.vis, &net.graph.name);
    let documentation = doc::text(net);
    quote! {
        #attrs
        #[doc = #documentation]
        #vis struct #name {
            packed: #krate::__private::Packed,
            backend: #krate::__private::Available,
            threads: #krate::__private::Threads,
        }
    }
}

/// Everything that stands in `impl`s.
pub(super) fn methods(net: Net, backends: Backends, krate: &TokenStream) -> TokenStream {
    let name = &net.graph.name;
    let constants = constants(net);
    let making = making(net, backends, krate);
    let running = running(net, krate);
    let net_trait = net_trait(net);
    let (sources, destinations) = (net.graph.inputs.len(), net.graph.outputs.len());
    let (text, arena_bytes) = (name.to_string(), arena_bytes(net));
    quote! {
        impl #name {
            #constants
            #making
            #running
        }
        // generic in nothing, so that its crate compiles the net and those that call its methods do not
        fn unobserved(net: &#name, inputs: [rt::Src<'_>; #sources], outputs: [rt::Dst<'_>; #destinations], arena: rt::Dst<'_>) {
            dispatch(&net.threads, net.backend, inputs, outputs, arena, rt::Src::from(net.packed.as_slice()), &mut rt::NoProbe);
        }
        impl rt::Planned for #name {
            const ARENA_BYTES: usize = #arena_bytes;
        }
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#text).field("backend", &self.backend()).finish_non_exhaustive()
            }
        }
        #net_trait
    }
}

fn arena_bytes(net: Net) -> usize {
    net.layout.len * size_of::<f32>()
}

fn constants(net: Net) -> TokenStream {
    let inputs: Vec<_> = net.graph.inputs.iter().map(|(_, t)| net.graph.shape(*t)).collect();
    let outputs: Vec<_> = net.graph.outputs.iter().map(|&t| net.graph.shape(t)).collect();
    let (input_type, input) = shapes(&inputs);
    let (output_type, output) = shapes(&outputs);
    let total = net.cost.total;
    let (params, macs, flops, ptflops, fvcore) = (total.params, total.macs, total.flops, total.ptflops, total.fvcore);
    let arena_bytes = arena_bytes(net);
    quote! {
        /// The shape of the input, `[C, H, W]` or `[C]`; a tuple of shapes where there are several.
        pub const INPUT: #input_type = #input;
        /// The shape of the output, `[C, H, W]` or `[C]`; a tuple of shapes where there are several.
        pub const OUTPUT: #output_type = #output;
        /// Parameters, multiply-accumulates, operations, and the totals that ptflops and fvcore report.
        pub const COST: rt::Cost = rt::Cost { params: #params, macs: #macs, flops: #flops, ptflops: #ptflops, fvcore: #fvcore };
        /// Every layer: path, operator, shapes, parameters, multiply-accumulates.
        pub const LAYERS: &'static [rt::LayerInfo] = LAYERS;
        /// Every tensor that `load` wants: its name in the `state_dict` and its shape.
        pub const WEIGHTS: &'static [rt::WeightInfo] = WEIGHTS;
        /// Bytes of scratch memory that a forward needs.
        pub const ARENA_BYTES: usize = #arena_bytes;
    }
}

/// Type and value of one shape or of a tuple of several.
fn shapes(shapes: &[Shape]) -> (TokenStream, TokenStream) {
    let one = |s: &Shape| {
        let dims = s.dims();
        let rank = dims.len();
        (quote!([usize; #rank]), quote!([#(#dims),*]))
    };
    match shapes {
        [single] => one(single),
        several => {
            let (types, values): (Vec<_>, Vec<_>) = several.iter().map(one).unzip();
            (quote!((#(#types),*)), quote!((#(#values),*)))
        }
    }
}

/// How a net comes to be: from weights, at random, on another backend.
fn making(net: Net, backends: Backends, krate: &TokenStream) -> TokenStream {
    let text = net.graph.name.to_string();
    let (packed_len, own_scratch) = (net.plan.packed_len, net.plan.own_scratch_len());
    let inputs = net.graph.inputs.iter().map(|(_, t)| net.graph.shape(*t).dims());
    let outputs = net.graph.outputs.iter().map(|&t| net.graph.shape(t).dims());
    let inputs: Vec<_> = inputs.map(|d| quote!(&[#(#d),*])).collect();
    let outputs: Vec<_> = outputs.map(|d| quote!(&[#(#d),*])).collect();
    let (plan, dot) = (super::text::plan(net, backends), super::text::dot(net.graph));
    quote! {
        rt::__if_std! {
            /// Loads the weights from a safetensors file, by the names of the PyTorch `state_dict`, on the best backend that
            /// the CPU has or on the one that the environment variable `LIGHTCONV_BACKEND` names.
            ///
            /// # Errors
            /// When the file cannot be read or is damaged, when tensors are missing, mis-shaped or not finite (all of them are
            /// named), when the backend is not to be had.
            pub fn load(path: impl ::core::convert::AsRef<rt::Path>) -> ::core::result::Result<Self, #krate::Error> {
                Self::from_weights(&#krate::Weights::load(path)?)
            }
        }

        /// Takes its weights from `weights`: checks them, folds batch norm, packs them for the kernels.
        ///
        /// # Errors
        /// When tensors are missing, mis-shaped or not finite (all of them are named), when the backend that the environment
        /// asks for is not to be had.
        pub fn from_weights(weights: &#krate::Weights) -> ::core::result::Result<Self, #krate::Error> {
            let backend = rt::Available::choose()?;
            let packed = rt::pack(#text, weights, WEIGHTS, PACKS, #packed_len)?;
            ::core::result::Result::Ok(Self { packed, backend, threads: rt::Threads::default() })
        }

        /// Weights drawn at random, the same for the same `seed` on every machine: for trying and for benchmarks.
        ///
        /// # Panics
        /// When the environment variable `LIGHTCONV_BACKEND` names a backend that is not to be had.
        #[must_use]
        pub fn random(seed: u64) -> Self {
            match Self::from_weights(&rt::random(WEIGHTS, seed)) {
                ::core::result::Result::Ok(net) => net,
                ::core::result::Result::Err(error) => ::core::panic!("{}", error),
            }
        }

        /// The same net on another backend.
        ///
        /// # Errors
        /// When this CPU or this build does not have it.
        pub fn with_backend(mut self, backend: #krate::Backend) -> ::core::result::Result<Self, #krate::Error> {
            self.backend = rt::Available::require(backend)?;
            ::core::result::Result::Ok(self)
        }

        /// The backend that runs it.
        #[must_use]
        pub fn backend(&self) -> #krate::Backend {
            self.backend.backend()
        }

        rt::__if_std! {
            /// The same net on `count` threads, the calling one among them, for each forward: 1 is the default. The result is the
            /// same to the last bit. Workers sleep between forwards. While a forward has them, another one at the same time runs on
            /// its own thread alone.
            ///
            /// # Errors
            /// When `count` is 0 or more than 256, or when the system has no memory or no thread left.
            pub fn with_threads(mut self, count: usize) -> ::core::result::Result<Self, #krate::Error> {
                self.threads = rt::Threads::new(count, #own_scratch)?;
                ::core::result::Result::Ok(self)
            }
        }

        /// The number of threads of a forward.
        #[must_use]
        pub fn threads(&self) -> usize {
            self.threads.count()
        }

        /// Scratch memory for `forward`.
        #[must_use]
        pub fn workspace() -> #krate::Workspace<Self> {
            #krate::Workspace::new()
        }

        /// The table of layers, with totals.
        #[must_use]
        pub fn summary() -> #krate::Summary {
            #krate::Summary {
                name: #text,
                inputs: &[#(#inputs),*],
                outputs: &[#(#outputs),*],
                layers: LAYERS,
                cost: Self::COST,
                arena_bytes: Self::ARENA_BYTES,
            }
        }

        /// What runs, a line a step: the layer that it is named by, the kernel, what it reads and writes; below it the tiles on
        /// each backend, and what was fused or joined, what was not, and why; at the end where the buffers lie.
        ///
        /// `x0` is an input, `y0` an output, `t3` a buffer in the arena, `w64` a tensor among the weights; `t3+8/24` begins at
        /// float 8 of it and has 24 floats from pixel to pixel. A tile `14x2+1` is 14 pixels by 2 vectors of output channels, 1
        /// for the channels left over; that of a depthwise kernel so many columns by a vector of channels.
        #[must_use]
        pub fn plan() -> &'static ::core::primitive::str {
            #plan
        }

        /// The layers and the shapes that flow between them, in the language of Graphviz: `dot -Tsvg` draws it.
        #[must_use]
        pub fn dot() -> &'static ::core::primitive::str {
            #dot
        }
    }
}

/// `forward`, `forward_with`, `run`, `run_batch`.
fn running(net: Net, krate: &TokenStream) -> TokenStream {
    let inputs: Vec<_> = input_names(net);
    let input_sizes: Vec<_> = net.graph.inputs.iter().map(|(_, t)| sizes(net.graph.shape(*t))).collect();
    let output_sizes: Vec<_> = net.graph.outputs.iter().map(|&t| sizes(net.graph.shape(t))).collect();
    let parameters = quote!(#(#inputs: &impl rt::Input<Data = #krate::TensorData<#input_sizes>>),*);
    let sources = quote!([#(rt::Src::from(rt::Input::data(#inputs).as_slice())),*]);
    let count = output_sizes.len();
    let (output_type, output_value, destination, destinations) = match &output_sizes[..] {
        [one] => (
            quote!(#krate::Tensor<#one>),
            quote!(#krate::Tensor::<#one>::zeros()),
            quote!(output: &mut #krate::TensorData<#one>),
            quote!([rt::Dst::from(output.as_mut_slice())]),
        ),
        several => (
            quote!((#(#krate::Tensor<#several>),*)),
            quote!((#(#krate::Tensor::<#several>::zeros()),*)),
            quote!(mut output: impl rt::Outputs<(#(#krate::TensorData<#several>),*), #count>),
            quote!(output.slices().map(rt::Dst::from)),
        ),
    };
    let item_type = match &input_sizes[..] {
        [one] => quote!(#krate::Tensor<#one>),
        several => quote!((#(#krate::Tensor<#several>),*)),
    };
    let item_pattern = match &inputs[..] {
        [one] => quote!(#one),
        several => quote!((#(#several),*)),
    };
    quote! {
        /// Runs the net; allocates nothing. `output` is a tensor, or a tuple of tensors where there are several.
        pub fn forward(&self, #parameters, workspace: &mut #krate::Workspace<Self>, #destination) {
            unobserved(self, #sources, #destinations, rt::Dst::from(workspace.as_mut_slice()));
        }

        rt::__if_std! {
            /// As [`forward`](Self::forward), telling `observer` the path and the time of each step.
            pub fn forward_with(
                &self, #parameters, workspace: &mut #krate::Workspace<Self>, #destination,
                observer: &mut (impl #krate::Observer + ?::core::marker::Sized),
            ) {
                dispatch(
                    &self.threads, self.backend, #sources, #destinations, rt::Dst::from(workspace.as_mut_slice()), rt::Src::from(self.packed.as_slice()),
                    &mut rt::Timed::new(observer),
                );
            }
        }

        /// Runs the net in the convenient form: allocates a workspace and the output.
        #[must_use]
        pub fn run(&self, #parameters) -> #output_type {
            let mut workspace = Self::workspace();
            let mut output = #output_value;
            self.forward(#(#inputs,)* &mut workspace, &mut output);
            output
        }

        rt::__if_rayon! {
            /// Runs the net on each of `items`, on all cores, a workspace each; the results are in the order of the items.
            #[must_use]
            pub fn run_batch(&self, items: &[#item_type]) -> rt::Vec<#output_type> {
                rt::run_batch(items, Self::workspace, |#item_pattern, workspace| {
                    let mut output = #output_value;
                    self.forward(#(#inputs,)* workspace, &mut output);
                    output
                })
            }
        }
    }
}

/// `C, H, W` for `Tensor<…>`.
fn sizes(shape: Shape) -> TokenStream {
    let (c, h, w) = (shape.channels(), shape.height(), shape.width());
    quote!(#c, #h, #w)
}

/// The inputs' names as parameters of `forward`, told apart from its other ones.
fn input_names(net: Net) -> Vec<Ident> {
    let taken = ["workspace", "output", "observer", "items"];
    let name = |text: &str| match syn::parse_str::<Ident>(text) {
        Ok(ident) if !taken.contains(&text) => Ident::new(&ident.to_string(), Span::call_site()),
        _ => format_ident!("{}_", text.trim_start_matches("r#")),
    };
    net.graph.inputs.iter().map(|(text, _)| name(text)).collect()
}

/// `impl Net`: flat slices in and out.
fn net_trait(net: Net) -> TokenStream {
    let name = &net.graph.name;
    let text = name.to_string();
    let arena_bytes = arena_bytes(net);
    let dims = |s: Shape| {
        let dims = s.dims();
        quote!(&[#(#dims),*])
    };
    let inputs: Vec<_> = net.graph.inputs.iter().map(|(_, t)| dims(net.graph.shape(*t))).collect();
    let outputs: Vec<_> = net.graph.outputs.iter().map(|&t| dims(net.graph.shape(t))).collect();
    quote! {
        impl rt::Net for #name {
            fn name(&self) -> &'static str {
                #text
            }
            fn cost(&self) -> rt::Cost {
                Self::COST
            }
            fn layers(&self) -> &'static [rt::LayerInfo] {
                LAYERS
            }
            fn weights(&self) -> &'static [rt::WeightInfo] {
                WEIGHTS
            }
            fn inputs(&self) -> &'static [&'static [usize]] {
                &[#(#inputs),*]
            }
            fn outputs(&self) -> &'static [&'static [usize]] {
                &[#(#outputs),*]
            }
            fn arena_bytes(&self) -> usize {
                #arena_bytes
            }
            fn backend(&self) -> rt::Backend {
                self.backend.backend()
            }
            fn forward_slices(
                &self, inputs: &[&[f32]], arena: &mut [f32], outputs: &mut [&mut [f32]],
            ) -> ::core::result::Result<(), rt::Error> {
                rt::Net::check_slices(self, inputs, arena, outputs)?;
                let mut outputs = outputs.iter_mut();
                unobserved(
                    self,
                    ::core::array::from_fn(|i| rt::Src::from(inputs[i])),
                    ::core::array::from_fn(|_| outputs.next().map_or(rt::Dst::empty(), |o| rt::Dst::from(&mut **o))),
                    rt::Dst::from(arena),
                );
                ::core::result::Result::Ok(())
            }
        }
    }
}
