/**
 * The smallest set of nodes that separates sources from sinks in a directed graph: a vertex cut by
 * augmenting paths (Ford & Fulkerson 1956), as Enzyme uses it to choose what to record (Moses et al.,
 * SC 2021). Among the smallest cuts it takes the one nearest to the sinks, so that least is
 * computed again.
 */
import { setOf } from "../ir/grouped.js";

export interface CutProblem<Node> {
  /** What cannot be computed in the reverse sweep: it is separated from the sinks. */
  readonly sources: Iterable<Node>;
  /** What the reverse sweep needs. */
  readonly sinks: Iterable<Node>;
  /** The nodes computed from a node. */
  readonly usersOf: (node: Node) => Iterable<Node>;
}

/** Each node is split into an entry and an exit with capacity one between them. */
type Half<Node> = { readonly node: Node; readonly side: "entry" | "exit" };

/** The nodes of the smallest cut that is nearest to the sinks. */
export function minimumCut<Node>({ sources, sinks, usersOf }: CutProblem<Node>): ReadonlySet<Node> {
  const sourceSet = new Set(sources);
  const sinkSet = new Set(sinks);
  const nodes = reachable(sourceSet, usersOf);
  const operandsOf = invert(nodes, usersOf);
  const used = new Set<Node>(); // flow through the node itself
  const flow = new Map<Node, Set<Node>>(); // flow along node -> user
  const backward = new Map<Node, Set<Node>>();

  for (const source of sourceSet) {
    while (augment(source)) {
      // one more path of the flow
    }
  }
  return nearestToSinks();

  /** Steps that the residual graph allows from one half of a node. */
  function* residualSteps({ node, side }: Half<Node>): Iterable<Half<Node>> {
    if (side === "entry") {
      if (!used.has(node)) yield { node, side: "exit" };
      for (const operand of backward.get(node) ?? []) yield { node: operand, side: "exit" };
    } else {
      for (const user of usersOf(node)) yield { node: user, side: "entry" };
      if (used.has(node)) yield { node, side: "entry" };
    }
  }

  function augment(source: Node): boolean {
    if (used.has(source)) return false;
    const cameFrom = new Map<Node, { entry?: Half<Node> | null; exit?: Half<Node> }>();
    const queue: Half<Node>[] = [{ node: source, side: "entry" }];
    cameFrom.set(source, { entry: null });
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (next.side === "exit" && sinkSet.has(next.node)) {
        apply(next, cameFrom);
        return true;
      }
      for (const step of residualSteps(next)) {
        const seen = cameFrom.get(step.node) ?? {};
        if (seen[step.side] !== undefined) continue;
        cameFrom.set(step.node, { ...seen, [step.side]: next });
        queue.push(step);
      }
    }
    return false;
  }

  function apply(end: Half<Node>, cameFrom: ReadonlyMap<Node, { entry?: Half<Node> | null; exit?: Half<Node> }>): void {
    let step: Half<Node> | null = end;
    while (step !== null) {
      const before: Half<Node> | null = cameFrom.get(step.node)?.[step.side] ?? null;
      if (before !== null) {
        if (before.node === step.node) {
          if (before.side === "entry") used.add(step.node);
          else used.delete(step.node);
        } else if (before.side === "exit") {
          setOf(flow, before.node).add(step.node);
          setOf(backward, step.node).add(before.node);
        } else {
          setOf(flow, step.node).delete(before.node);
          setOf(backward, before.node).delete(step.node);
        }
      }
      step = before;
    }
  }

  /** Walks the residual graph backwards from the sinks; saturated nodes on its rim are the cut. */
  function nearestToSinks(): ReadonlySet<Node> {
    const reached = new Map<Node, { entry?: true; exit?: true }>();
    const queue: Half<Node>[] = [];
    const reach = (node: Node, side: "entry" | "exit"): void => {
      const seen = reached.get(node) ?? {};
      if (seen[side]) return;
      reached.set(node, { ...seen, [side]: true });
      queue.push({ node, side });
    };
    for (const sink of sinkSet) if (nodes.has(sink)) reach(sink, "exit");
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { node, side } = next;
      if (side === "exit") {
        if (!used.has(node)) reach(node, "entry");
        for (const user of flow.get(node) ?? []) reach(user, "entry"); // undo flow node -> user
      } else {
        for (const operand of operandsOf.get(node) ?? []) reach(operand, "exit");
        if (used.has(node)) reach(node, "exit");
      }
    }
    const cut = new Set<Node>();
    for (const [node, halves] of reached) if (halves.exit && !halves.entry && used.has(node)) cut.add(node);
    return cut;
  }
}

function reachable<Node>(from: Iterable<Node>, usersOf: (node: Node) => Iterable<Node>): ReadonlySet<Node> {
  const seen = new Set(from);
  for (const node of seen) for (const user of usersOf(node)) seen.add(user);
  return seen;
}

function invert<Node>(
  nodes: Iterable<Node>,
  usersOf: (node: Node) => Iterable<Node>,
): ReadonlyMap<Node, ReadonlySet<Node>> {
  const inverse = new Map<Node, Set<Node>>();
  for (const node of nodes) for (const user of usersOf(node)) setOf(inverse, user).add(node);
  return inverse;
}
