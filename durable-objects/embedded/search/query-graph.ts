/**
 * Every way to read a query as a chain of terms: a directed graph from a start to an end, whose nodes
 * are parts of terms. `sun flower` is two nodes in a row, and `sunflower` one that goes around both.
 * Ranking rules hand each other smaller graphs: only what the documents of a bucket matched.
 */
import type { SearchContext } from "./context.ts";
import { wordTerm } from "./derivations.ts";
import { WORD_BYTES_MAX } from "./limits.ts";
import { typosAllowed } from "./query-parser.ts";
import {
  fullPart,
  intersection,
  type LocatedTerm,
  originalPhrase,
  partKey,
  type TermPart,
} from "./term.ts";
import { termDocs } from "./term-docs.ts";
import { byteLength } from "../../../worker/core/text/lengths.ts";

export interface QueryNode {
  /** Null at the start and the end. */
  readonly part: TermPart | null;
  readonly successors: number[];
  readonly predecessors: number[];
}

export const START = 0;
export const END = 1;
const NGRAM_LENGTH_MAX = 3;

export interface QueryGraph {
  readonly nodes: readonly QueryNode[];
}

function newNode(part: TermPart | null): QueryNode {
  return { part, successors: [], predecessors: [] };
}

function connect(nodes: readonly QueryNode[], from: number, to: number): void {
  const source = nodes[from];
  const target = nodes[to];
  if (source === undefined || target === undefined || source.successors.includes(to)) return;
  source.successors.push(to);
  target.predecessors.push(from);
}

/** The term that joins neighbouring words; null when they cannot be joined. */
function ngram(context: SearchContext, parts: readonly LocatedTerm[]): LocatedTerm | null {
  const first = parts[0];
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return null;
  if (parts.some(({ term }) => term.zero.phrase !== null || term.ngramWords !== null)) return null;
  if (parts.some((part, at) => at > 0 && parts[at - 1]?.last !== part.first - 1)) return null;
  const words = parts.map(({ term }) => term.original);
  const joined = words.join("");
  if (byteLength(joined) > WORD_BYTES_MAX) return null;
  const typos = typosAllowed(context, joined) - (parts.length - 1);
  const typosMax = typos >= 2 ? 2 : typos === 1 ? 1 : 0;
  const base = wordTerm(context, joined, {
    typosMax,
    isPrefix: last.term.isPrefix,
    ngramWords: words,
  });
  const synonyms = (context.synonyms.get(words.join("\0")) ?? []).map((synonym) =>
    context.phrase(synonym),
  );
  const zero = { ...base.zero, synonyms: [...base.zero.synonyms, ...synonyms] };
  return {
    term: { ...base, isPrefix: last.term.isPrefix, ngramWords: words, typosMax, zero, typos: null },
    first: first.first,
    last: last.last,
  };
}

export interface BuiltGraph {
  readonly graph: QueryGraph;
  /** The terms with the n-grams made of them. */
  readonly terms: readonly LocatedTerm[];
}

export function buildGraph(context: SearchContext, terms: readonly LocatedTerm[]): BuiltGraph {
  const nodes = [newNode(null), newNode(null)];
  const all: LocatedTerm[] = [...terms];
  terms.forEach((located, at) => {
    nodes.push(newNode(fullPart(located, at, at)));
    for (let length = 2; length <= Math.min(NGRAM_LENGTH_MAX, at + 1); length += 1) {
      const joined = ngram(context, terms.slice(at + 1 - length, at + 1));
      if (joined === null) continue;
      all.push(joined);
      nodes.push(newNode(fullPart(joined, at + 1 - length, at)));
    }
  });
  connectNeighbours(nodes);
  return { graph: { nodes }, terms: all };
}

/** Each node leads to the nodes that start nearest after it. */
function connectNeighbours(nodes: readonly QueryNode[]): void {
  nodes.forEach((node, from) => {
    if (from === END) return;
    const end = node.part === null ? -1 : node.part.lastId;
    let nearest = Infinity;
    let targets: number[] = [];
    nodes.forEach((target, to) => {
      if (to === START) return;
      const start = target.part === null ? Number.MAX_SAFE_INTEGER : target.part.firstId;
      if (start <= end || start > nearest) return;
      if (start < nearest) targets = [];
      nearest = start;
      targets.push(to);
    });
    for (const to of targets) connect(nodes, from, to);
  });
}

/** The graph without these nodes: their predecessors lead on to their successors. */
export function bridged(graph: QueryGraph, removed: ReadonlySet<number>): QueryGraph {
  const nodes = graph.nodes.map((node) => newNode(node.part));
  const reach = (from: number, to: number, seen: Set<number>): void => {
    if (!removed.has(to)) {
      connect(nodes, from, to);
      return;
    }
    if (seen.has(to)) return;
    seen.add(to);
    for (const next of graph.nodes[to]?.successors ?? []) reach(from, next, seen);
  };
  graph.nodes.forEach((node, from) => {
    if (removed.has(from)) return;
    for (const to of node.successors) reach(from, to, new Set());
  });
  return { nodes };
}

/** A step of a path through a ranking rule's graph: the parts that its condition used. */
export interface PathStep {
  readonly from: TermPart | null;
  readonly to: TermPart;
}

function partsOfPath(path: readonly PathStep[]): TermPart[] {
  const parts: TermPart[] = [];
  for (const { from, to } of path) {
    if (from !== null) {
      const previous = parts.at(-1);
      const same =
        previous !== undefined &&
        previous.firstId === from.firstId &&
        previous.lastId === from.lastId;
      if (same) parts[parts.length - 1] = intersection(from, previous);
      else parts.push(from);
    }
    parts.push(to);
  }
  return parts;
}

/** The graph of exactly these paths; paths that end alike share their ends. */
export function graphOfPaths(paths: readonly (readonly PathStep[])[]): QueryGraph {
  const nodes = [newNode(null), newNode(null)];
  const known = new Map<string, number>();
  for (const path of paths) {
    const parts = partsOfPath(path);
    const suffixes: string[] = [];
    let suffix = "";
    for (const part of parts.toReversed()) {
      suffix = `${partKey(part)}|${suffix}`;
      suffixes.unshift(suffix);
    }
    let previous = START;
    parts.forEach((part, at) => {
      const key = suffixes[at] ?? "";
      let node = known.get(key);
      if (node === undefined) {
        node = nodes.push(newNode(part)) - 1;
        known.set(key, node);
      }
      connect(nodes, previous, node);
      previous = node;
    });
    connect(nodes, previous, END);
  }
  for (const node of nodes) {
    node.successors.sort((a, b) => a - b);
    node.predecessors.sort((a, b) => a - b);
  }
  return { nodes };
}

/** Groups of nodes that may be left out, the first ones first, by a cost per query word. */
function removalOrder(graph: QueryGraph, costOf: (termId: number) => number): number[][] {
  const byCost = new Map<number, number[]>();
  let hasMandatory = false;
  graph.nodes.forEach(({ part }, node) => {
    if (part === null) return;
    if (part.mandatory || originalPhrase(part) !== null) {
      hasMandatory = true;
      return;
    }
    let cost = 0;
    for (let id = part.firstId; id <= part.lastId; id += 1) cost = Math.max(cost, costOf(id));
    byCost.set(cost, [...(byCost.get(cost) ?? []), node]);
  });
  const groups = [...byCost].toSorted(([a], [b]) => a - b).map(([, nodes]) => nodes);
  return hasMandatory ? groups : groups.slice(0, -1);
}

/** Strategy `last`: the last words of the query go first. */
export function removalOrderLast(graph: QueryGraph): number[][] {
  const parts = graph.nodes.flatMap(({ part }) => (part === null ? [] : [part]));
  const first = Math.min(...parts.map((part) => part.firstId));
  const last = Math.max(...parts.map((part) => part.lastId));
  if (parts.length === 0 || first >= last) return [];
  return removalOrder(graph, (id) => 1 + last - id);
}

/** Strategy `frequency`: words of many documents go first, and before them words of none. */
export function removalOrderFrequency(context: SearchContext, graph: QueryGraph): number[][] {
  const docsById = new Map<number, ReturnType<typeof termDocs>>();
  for (const { part } of graph.nodes) {
    if (part === null) continue;
    const docs = termDocs(context, part);
    for (let id = part.firstId; id <= part.lastId; id += 1) {
      docsById.set(id, (docsById.get(id) ?? context.emptySet()).unite(docs));
    }
  }
  const frequencies = [...docsById].map(([id, docs]) => [id, docs.count() || Infinity] as const);
  const distinct = [...new Set(frequencies.map(([, frequency]) => frequency))].toSorted(
    (a, b) => b - a,
  );
  const weights = new Map(
    frequencies.map(([id, frequency]) => [id, 1 + distinct.indexOf(frequency)]),
  );
  return removalOrder(graph, (id) => weights.get(id) ?? 0);
}

export function wordsInPhrases(graph: QueryGraph): number {
  let count = 0;
  for (const { part } of graph.nodes) {
    const phrase = part === null ? null : originalPhrase(part);
    count += phrase?.words.filter((word) => word !== null).length ?? 0;
  }
  return count;
}
