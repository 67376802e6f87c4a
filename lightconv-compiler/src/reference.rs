//! The plain evaluation of a graph in f64: the oracle of every test.

use crate::graph::{Graph, Node};
use crate::ops::Array;

/// Runs a net on its inputs, in the order of [`Graph::inputs`], and gives its outputs; everything is channel-first, as in
/// PyTorch, and in f64. `weights` finds a tensor by its name in the `state_dict`.
///
/// # Errors
/// When a weight is missing, or when a weight or an input has not the shape that the graph wants: the message says which.
pub fn evaluate(
    graph: &Graph,
    weights: &dyn Fn(&str) -> Option<Array>,
    inputs: &[Array],
) -> Result<Vec<Array>, String> {
    if inputs.len() != graph.inputs.len() {
        return Err(format!("`{}` takes {} inputs, found {}", graph.name, graph.inputs.len(), inputs.len()));
    }
    let mut tensors: Vec<Option<Array>> = vec![None; graph.tensors.len()];
    for ((name, id), array) in graph.inputs.iter().zip(inputs) {
        check(&format!("input `{name}`"), array, &graph.shape(*id).dims())?;
        tensors[id.0] = Some(array.clone());
    }
    let last_use = last_uses(graph);
    for (i, node) in graph.nodes.iter().enumerate() {
        for (id, array) in node.outputs.iter().zip(run(graph, node, weights, &tensors)?) {
            tensors[id.0] = Some(array);
        }
        // A tensor that nobody reads any more would only take memory.
        for id in node.inputs.iter().filter(|id| last_use[id.0] == i) {
            tensors[id.0] = None;
        }
    }
    let output = |id: &crate::graph::TensorId| {
        tensors[id.0].clone().ok_or_else(|| format!("output tensor {} was not computed", id.0))
    };
    graph.outputs.iter().map(output).collect()
}

fn run(
    graph: &Graph,
    node: &Node,
    weights: &dyn Fn(&str) -> Option<Array>,
    tensors: &[Option<Array>],
) -> Result<Vec<Array>, String> {
    let operand = |id: &crate::graph::TensorId| {
        tensors[id.0]
            .as_ref()
            .ok_or_else(|| format!("`{}` at `{}` reads a tensor that is not there yet", node.op.name(), node.path))
    };
    let inputs: Vec<&Array> = node.inputs.iter().map(operand).collect::<Result<_, _>>()?;
    let mut arrays = Vec::with_capacity(node.weights.len());
    for id in &node.weights {
        let wanted = &graph.weights[id.0];
        let array = weights(&wanted.name).ok_or_else(|| format!("weight `{}` is missing", wanted.name))?;
        check(&format!("weight `{}`", wanted.name), &array, &wanted.shape)?;
        arrays.push(array);
    }
    Ok(node.op.evaluate(&inputs, &arrays.iter().collect::<Vec<_>>()))
}

fn check(what: &str, array: &Array, dims: &[usize]) -> Result<(), String> {
    if array.dims != dims || array.data.len() != dims.iter().product::<usize>() {
        return Err(format!("{what} has shape {:?} and {} elements, expected {dims:?}", array.dims, array.data.len()));
    }
    Ok(())
}

/// The last node that reads each tensor; outputs of the net are read for ever.
fn last_uses(graph: &Graph) -> Vec<usize> {
    let mut last = vec![usize::MAX; graph.tensors.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        for id in &node.inputs {
            last[id.0] = i;
        }
    }
    for id in &graph.outputs {
        last[id.0] = usize::MAX;
    }
    last
}
