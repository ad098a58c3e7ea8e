/**
 * One request to each node of a covering set, and again to other replicas for the shards of nodes
 * that fail, all inside one deadline. Every shard ends up in exactly one answer or in `missing`.
 *
 * A node that says the request is wrong (4xx) speaks for all: its error is thrown. A node that is
 * unreachable, overloaded or broken is passed over, and asked again in no case. Shards of a node that
 * is slow are asked of other replicas as well (`hedging.ts`), and the first whole answer counts.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { scrubRefusal, type Refusal } from "../core/errors/scrub.ts";
import type { GroupId, NodeId, ShardId } from "../core/ids.ts";
import { coveringSet, type Cover, type CoverPart } from "../core/placement/covering-set.ts";
import { groupCover } from "../core/placement/group-cover.ts";
import { namedIndex } from "../core/topology/aliases.ts";
import type { IndexEntry, Node, Topology } from "../core/topology/topology.ts";
import type { NodeReply, NodeRequest } from "../nodes/node-client.ts";
import { attempt } from "./attempt.ts";
import { isTrusted, mayRead } from "./doubted-node.ts";
import type { ReadContext } from "./read-context.ts";

export type ScatterRequest = Omit<NodeRequest, "timeoutMs" | "signal">;

export interface Answered {
  readonly part: CoverPart;
  readonly text: string;
}

export interface Scattered {
  readonly answers: readonly Answered[];
  /** Shards that no replica answered for, in ascending order. */
  readonly missing: readonly ShardId[];
}

/**
 * Ask every shard of `index` (or those of `shards`). Throws the scrubbed error of a node that
 * refuses the request; `miroir_shard_unavailable` when shards are missing and the policy is `error`,
 * or when no shard answered at all.
 */
export async function scatter(
  read: ReadContext,
  index: IndexEntry,
  request: (part: CoverPart) => ScatterRequest,
  shards?: readonly ShardId[],
): Promise<Scattered> {
  const run = new ScatterRun(read, index, request);
  const cancel = (): void => run.cancel();
  read.signal?.addEventListener("abort", cancel);
  try {
    await run.ask(shards);
    await run.askAgain();
    await run.confirm();
  } catch (error) {
    // One node's error is the answer: nobody waits for the others.
    cancel();
    throw error;
  } finally {
    read.signal?.removeEventListener("abort", cancel);
  }
  return run.outcome();
}

/** The cover of a first try: what `scatter` will ask when every node answers. */
export function plannedCover(read: ReadContext, index: IndexEntry): Cover {
  return new ScatterRun(read, index, unasked).cover(undefined);
}

function unasked(): never {
  throw new Error("a planned cover asks nothing");
}

class ScatterRun {
  readonly #read: ReadContext;
  #index: IndexEntry;
  #topology: Topology;
  readonly #request: (part: CoverPart) => ScatterRequest;
  #nodes: ReadonlyMap<NodeId, Node>;
  readonly #failed: Set<NodeId>;
  readonly #answers: Answered[] = [];
  readonly #missing: ShardId[] = [];
  /** Answers may be those of an older topology than is followed now. */
  #isMoved = false;
  readonly #underWay = new Set<AbortController>();
  readonly #spares = new Set<ScatterRun>();
  #lastRefusal: Refusal | undefined;

  constructor(
    read: ReadContext,
    index: IndexEntry,
    request: (part: CoverPart) => ScatterRequest,
    failed: Iterable<NodeId> = [],
  ) {
    this.#read = read;
    this.#topology = read.topology;
    this.#failed = new Set(failed);
    this.#index = index;
    this.#request = request;
    this.#nodes = new Map(read.topology.nodes.map((node) => [node.id, node]));
  }

  /** Healthy nodes cover what they can; nodes in doubt are tried for what is left over. */
  cover(shards: readonly ShardId[] | undefined): Cover {
    const groupOf = (node: NodeId): GroupId | undefined => this.#nodes.get(node)?.group;
    const trusted = (node: NodeId): number | undefined => this.#cost(node, isTrusted);
    const latencyMs = (node: NodeId): number => this.#read.latencyMs?.(node) ?? 0;
    const first = groupCover(this.#index, groupOf, trusted, latencyMs, shards);
    if (first.missing.length === 0) return first;
    const rest = coveringSet(this.#index, (node) => this.#cost(node, isUsable), first.missing);
    return { parts: [...first.parts, ...rest.parts], missing: rest.missing };
  }

  #cost(id: NodeId, accepts: (node: Node) => boolean): number | undefined {
    const node = this.#nodes.get(id);
    if (node === undefined || this.#failed.has(id) || !accepts(node)) return undefined;
    return this.#read.load?.(id) ?? 0;
  }

  async ask(shards: readonly ShardId[] | undefined): Promise<void> {
    const cover = this.cover(shards);
    this.#missing.push(...cover.missing);
    await Promise.all(cover.parts.map((part) => this.#askPart(part)));
  }

  /**
   * What is missing by a snapshot may be there by now: a replica that has come back since. Asked
   * again only when the topology really is another.
   */
  async askAgain(): Promise<void> {
    if (this.#missing.length === 0 || this.#read.refreshed === undefined) return;
    const topology = await this.#read.refreshed();
    const index = namedIndex(topology, this.#index.uid);
    const isSame = topology.epoch === this.#topology.epoch;
    if (isSame || index?.physical !== this.#index.physical) return;
    this.#follow(topology, index);
    await this.ask(this.#missing.splice(0));
  }

  /**
   * While a lease lasts nothing is taken from a node that its topology leads to, and nothing foreign
   * is put on it. Answers that are only here after that count if the newest topology would ask the
   * same of the same nodes; shards that have moved meanwhile are asked for where they are now.
   */
  async confirm(): Promise<void> {
    while ((await this.#renewed()) || this.#isMoved) {
      this.#isMoved = false;
      const outdated = this.#answers.filter(({ part }) => !isCurrent(this.#index, part));
      if (outdated.length === 0) return;
      const current = this.#answers.splice(0).filter((answer) => !outdated.includes(answer));
      this.#answers.push(...current);
      // Who failed before may be the only one left.
      this.#failed.clear();
      await this.ask(outdated.flatMap(({ part }) => part.shards));
    }
  }

  /** Whether the lease was over, so that a newer topology is followed now. */
  async #renewed(): Promise<boolean> {
    const { isLeased, refreshed } = this.#read;
    if (isLeased === undefined || refreshed === undefined || isLeased(this.#topology)) return false;
    const topology = await refreshed();
    const index = namedIndex(topology, this.#index.uid);
    // Deleted or renamed meanwhile: the answer is as of the read's beginning.
    if (index?.physical !== this.#index.physical) return false;
    this.#follow(topology, index);
    return true;
  }

  #follow(topology: Topology, index: IndexEntry): void {
    this.#isMoved = true;
    this.#topology = topology;
    this.#index = index;
    this.#nodes = new Map(topology.nodes.map((node) => [node.id, node]));
  }

  /** Gives up what is under way. */
  cancel(): void {
    for (const abort of this.#underWay) abort.abort();
    for (const spare of this.#spares) spare.cancel();
  }

  async #askPart(part: CoverPart): Promise<void> {
    const abort = new AbortController();
    if (this.#read.signal?.aborted === true) abort.abort();
    this.#underWay.add(abort);
    try {
      const first = this.#send(part, abort.signal);
      if (await this.#isLate(part, first)) await this.#race(part, first, abort);
      else await this.#take(part, await first);
    } finally {
      this.#underWay.delete(abort);
    }
  }

  /** A node that is late against other replicas: whoever answers whole first, answers. */
  async #race(part: CoverPart, first: Promise<NodeReply>, abort: AbortController): Promise<void> {
    const { hedging: _, ...read } = this.#read;
    const failed = [...this.#failed, part.node];
    const spare = new ScatterRun(read, this.#index, this.#request, failed);
    this.#spares.add(spare);
    const spared = spare.ask(part.shards).then(() => undefined);
    // Nobody may be waiting for it any more when it fails.
    spared.catch(() => undefined);
    const early = await Promise.race([first, spared]);
    const isSpared =
      early === undefined
        ? spare.#missing.length === 0 || isTrouble(await first)
        : isTrouble(early);
    if (!isSpared) {
      spare.cancel();
      return await this.#take(part, await first);
    }
    await spared;
    abort.abort();
    this.#adopt(spare);
  }

  async #send(part: CoverPart, cancel: AbortSignal): Promise<NodeReply> {
    const node = this.#nodes.get(part.node);
    if (node === undefined) throw new Error("a cover has known nodes only");
    const { now, hedging } = this.#read;
    if (!(await mayRead(this.#read, node, this.#index.physical, this.#timeLeft(part)))) {
      return { kind: "unreachable", reason: "nobody knows what it has", timedOut: false };
    }
    const startedAt = now();
    const read = { ...this.#read, signal: cancel };
    const reply = await attempt(read, node, this.#request(part), this.#timeLeft(part));
    if (reply.kind === "answered") hedging?.answered(now() - startedAt);
    return reply;
  }

  async #take(part: CoverPart, reply: NodeReply): Promise<void> {
    if (reply.kind === "answered") {
      this.#answers.push({ part, text: reply.text });
      return;
    }
    const isFinal = reply.kind === "refused" && !isNodesTrouble(reply);
    // A node that holds the shard no more does not know its documents either.
    if (isFinal && (await this.#renewed()) && !isCurrent(this.#index, part)) {
      this.#failed.clear();
      return await this.ask(part.shards);
    }
    if (reply.kind === "refused") this.#refuse(reply);
    this.#failed.add(part.node);
    await this.ask(part.shards);
  }

  /** Whether the answer takes longer than is usual and other replicas may be asked as well. */
  async #isLate(part: CoverPart, first: Promise<NodeReply>): Promise<boolean> {
    const { hedging } = this.#read;
    const delayMs = hedging?.delayMs;
    if (hedging === undefined || delayMs === undefined) return false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), delayMs);
    });
    const isLate = await Promise.race([first.then(() => false), late]);
    clearTimeout(timer);
    return isLate && this.#hasOtherReplicas(part) && hedging.spend();
  }

  /** Takes over what other replicas answered. */
  #adopt(spare: ScatterRun): void {
    this.#answers.push(...spare.#answers);
    this.#missing.push(...spare.#missing);
    for (const node of spare.#failed) this.#failed.add(node);
    this.#lastRefusal = spare.#lastRefusal ?? this.#lastRefusal;
  }

  /** Throws when the refusal is about the request and not about the node. */
  #refuse(reply: Extract<NodeReply, { kind: "refused" }>): void {
    this.#lastRefusal = reply;
    if (!isNodesTrouble(reply)) throw scrubRefusal(reply, this.#index);
  }

  /** All the time there is, or half of it while another replica could still be asked. */
  #timeLeft(part: CoverPart): number {
    const left = this.#read.deadlineAt - this.#read.now();
    return this.#hasOtherReplicas(part) ? Math.ceil(left / 2) : left;
  }

  #hasOtherReplicas(part: CoverPart): boolean {
    const rest = coveringSet(
      this.#index,
      (node) => (node === part.node ? undefined : this.#cost(node, isUsable)),
      part.shards,
    );
    return rest.missing.length === 0;
  }

  outcome(): Scattered {
    const missing = this.#missing.toSorted((a, b) => a - b);
    if (missing.length > 0 && (this.#read.policy === "error" || this.#answers.length === 0)) {
      const refusal = this.#lastRefusal;
      const speaksForAll = refusal?.status === 503 || refusal?.error.code === "index_not_found";
      if (this.#answers.length === 0 && refusal !== undefined && speaksForAll) {
        throw scrubRefusal(refusal, this.#index);
      }
      throw new ApiError(
        "miroir_shard_unavailable",
        `No replica of ${missing.length === 1 ? "shard" : "shards"} ${missing.join(", ")} of index \`${this.#index.uid}\` answered.`,
      );
    }
    // In the order of shards, not of arrival: equal hits and spellings must not depend on luck.
    const answers = this.#answers.toSorted((a, b) => firstShard(a) - firstShard(b));
    return { answers, missing };
  }
}

function firstShard({ part }: Answered): number {
  return part.shards[0] ?? 0;
}

/** Whether the part's node still holds what it was asked for, and nothing that no filter kept out. */
function isCurrent({ shardMap, lagging, mixed }: IndexEntry, part: CoverPart): boolean {
  const { node, shards, needsFilter } = part;
  if (lagging.includes(node)) return false;
  const held = shardMap.filter((nodes) => nodes.includes(node)).length;
  if (!needsFilter && (mixed.includes(node) || held > shards.length)) return false;
  return shards.every((shard) => shardMap[shard]?.includes(node) === true);
}

function isUsable(node: Node): boolean {
  return node.state !== "removed";
}

/**
 * Refusals that another replica may not share: its own trouble (5xx), a wrong node key, an index
 * that this node has not got yet, or a node that was not set up for merging (`network`).
 */
function isNodesTrouble({ status, error }: Refusal): boolean {
  if (status >= 500 || status === 401 || status === 403 || status === 408 || status === 429) {
    return true;
  }
  if (error.code === "index_not_found") return true;
  return error.code === "feature_not_enabled" && error.message.includes("`network`");
}

/** No answer, and no fault of the request either. */
function isTrouble(reply: NodeReply): boolean {
  return reply.kind === "unreachable" || (reply.kind === "refused" && isNodesTrouble(reply));
}
