/**
 * Ranking rules that work on the query graph: each gives the steps between terms costs and
 * conditions, and its n-th bucket is the documents that satisfy some path of the n-th lowest cost.
 * The paths that found documents make the smaller graph which the next rule works on.
 */
import { DocSet } from "../doc-set.ts";
import { END, graphOfPaths, type PathStep, type QueryGraph, START } from "../search/query-graph.ts";
import type { TermPart } from "../search/term.ts";
import type { Bucket, Iteration, RankingRule } from "./rule.ts";
import type { Rank, ScoreDetail } from "./score-details.ts";

export interface Condition {
  /** Equal conditions have equal keys: they are resolved once. */
  readonly key: string;
  readonly cost: number;
  readonly step: PathStep;
  resolve(universe: DocSet): DocSet;
}

/** Leaving a node out of the path, as the matching strategy allows. */
export interface Skip {
  readonly cost: number;
  /** Nodes that must not be on the same path. */
  readonly forbids: ReadonlySet<number>;
}

interface Edge {
  readonly to: number;
  readonly cost: number;
  readonly condition: Condition | null;
  readonly forbids: ReadonlySet<number>;
}

export interface GraphRuleKind {
  conditions(from: TermPart | null, to: TermPart, universe: DocSet): readonly Condition[];
  /** Which nodes may be left out; undefined for rules without a matching strategy. */
  skips?(graph: QueryGraph): {
    readonly byNode: ReadonlyMap<number, Skip>;
    readonly extraCost: number;
  };
  score(rank: Rank): ScoreDetail;
}

const NOTHING: ReadonlySet<number> = new Set();

function buildEdges(
  kind: GraphRuleKind,
  graph: QueryGraph,
  skips: ReadonlyMap<number, Skip>,
  universe: DocSet,
): Edge[][] {
  return graph.nodes.map((node) => {
    const edges: Edge[] = [];
    for (const to of node.successors) {
      const target = graph.nodes[to]?.part ?? null;
      if (target === null) {
        edges.push({ to, cost: 0, condition: null, forbids: NOTHING });
        continue;
      }
      const skip = skips.get(to);
      if (skip !== undefined) {
        const words = target.lastId - target.firstId + 1;
        edges.push({ to, cost: skip.cost * words, condition: null, forbids: skip.forbids });
      }
      for (const condition of kind.conditions(node.part, target, universe)) {
        edges.push({ to, cost: condition.cost, condition, forbids: NOTHING });
      }
    }
    return edges;
  });
}

/** For each node, the costs of all paths from it to the end, ascending. */
function costsToEnd(edges: readonly (readonly Edge[])[]): (readonly number[])[] {
  const costs: (readonly number[] | undefined)[] = edges.map(() => undefined);
  costs[END] = [0];
  const visit = (node: number): readonly number[] => {
    const known = costs[node];
    if (known !== undefined) return known;
    const found = new Set<number>();
    for (const edge of edges[node] ?? [])
      for (const cost of visit(edge.to)) found.add(cost + edge.cost);
    const sorted = [...found].toSorted((a, b) => a - b);
    costs[node] = sorted;
    return sorted;
  };
  visit(START);
  return costs.map((list) => list ?? []);
}

/** Finds the paths of one cost, depth first, and the documents of each that no earlier path had. */
class PathSearch {
  readonly found: DocSet;
  readonly paths: (readonly PathStep[])[] = [];
  private readonly edges: readonly (readonly Edge[])[];
  private readonly costs: readonly (readonly number[])[];
  private readonly resolve: (condition: Condition) => DocSet;
  private readonly left: DocSet;
  private readonly stack: DocSet[] = [];
  private readonly steps: PathStep[] = [];
  private readonly visited = new Set<number>();
  private readonly skipped: ReadonlySet<number>[] = [];

  constructor(
    edges: readonly (readonly Edge[])[],
    costs: readonly (readonly number[])[],
    universe: DocSet,
    empty: DocSet,
    resolve: (condition: Condition) => DocSet,
  ) {
    this.edges = edges;
    this.costs = costs;
    this.left = universe.clone();
    this.found = empty;
    this.resolve = resolve;
  }

  /** False when every document has been found. */
  visit(node: number, budget: number): boolean {
    for (const edge of this.edges[node] ?? []) {
      const rest = budget - edge.cost;
      if (rest < 0 || !(this.costs[edge.to] ?? []).includes(rest)) continue;
      const goOn =
        edge.condition === null ? this.pass(edge, rest) : this.take(edge, edge.condition, rest);
      if (!goOn) return false;
      if (this.stack.at(-1)?.isEmpty() === true) return true;
    }
    return true;
  }

  private pass(edge: Edge, rest: number): boolean {
    if (edge.to === END) return this.complete();
    this.skipped.push(edge.forbids);
    const goOn = this.visit(edge.to, rest);
    this.skipped.pop();
    return goOn;
  }

  private take(edge: Edge, condition: Condition, rest: number): boolean {
    if (this.skipped.some((nodes) => nodes.has(edge.to))) return true;
    const docs = this.resolve(condition)
      .clone()
      .intersect(this.stack.at(-1) ?? this.left);
    if (docs.isEmpty()) return true;
    this.stack.push(docs);
    this.steps.push(condition.step);
    this.visited.add(edge.to);
    const goOn = this.visit(edge.to, rest);
    this.visited.delete(edge.to);
    this.steps.pop();
    this.stack.pop();
    return goOn;
  }

  private complete(): boolean {
    const docs = (this.stack.at(-1) ?? this.left).clone();
    if (docs.isEmpty()) return !this.left.isEmpty();
    this.paths.push([...this.steps]);
    this.found.unite(docs);
    this.left.subtract(docs);
    for (const set of this.stack) set.subtract(docs);
    return !this.left.isEmpty();
  }
}

class GraphIteration implements Iteration<QueryGraph> {
  private readonly kind: GraphRuleKind;
  private readonly edges: readonly (readonly Edge[])[];
  private readonly costs: readonly (readonly number[])[];
  private readonly resolved = new Map<string, DocSet>();
  private readonly costMax: number;
  private nextCost = 0;

  constructor(kind: GraphRuleKind, universe: DocSet, graph: QueryGraph) {
    this.kind = kind;
    const skips = kind.skips?.(graph);
    this.edges = buildEdges(kind, graph, skips?.byNode ?? new Map(), universe);
    this.costs = costsToEnd(this.edges);
    this.costMax = 1 + (skips?.extraCost ?? 0) + (this.costs[START]?.at(-1) ?? 0);
  }

  next(universe: DocSet): Bucket<QueryGraph> | null {
    const cost = this.costs[START]?.find((candidate) => candidate >= this.nextCost);
    if (cost === undefined) return null;
    this.nextCost = cost + 1;
    const empty = new DocSet(universe.capacity);
    const search = new PathSearch(this.edges, this.costs, universe, empty, (condition) =>
      this.docsOf(condition, universe),
    );
    search.visit(START, cost);
    return {
      query: graphOfPaths(search.paths),
      docs: search.found,
      score: this.kind.score({ rank: this.costMax - cost, max: this.costMax }),
    };
  }

  private docsOf(condition: Condition, universe: DocSet): DocSet {
    const known = this.resolved.get(condition.key);
    if (known !== undefined) return known;
    const docs = condition.resolve(universe);
    this.resolved.set(condition.key, docs);
    return docs;
  }
}

export function graphRule(kind: GraphRuleKind): RankingRule<QueryGraph> {
  return { start: (universe, graph) => new GraphIteration(kind, universe, graph) };
}
