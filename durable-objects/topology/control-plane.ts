/**
 * The Cluster's control plane: what an operator may change and see of nodes and placement, and the
 * loop that carries it out. A change is checked, recorded and answered in one turn; everything that
 * takes time is the loop's, which an alarm and Cron start again whenever it was cut off.
 */
import { instant, type Epoch, type IndexUid } from "../../worker/core/ids.ts";
import { acceptOperation } from "../../worker/core/rebalance/accept-operation.ts";
import { startsRebalance, type AutoRebalance } from "../../worker/core/rebalance/auto-rebalance.ts";
import { steer } from "../../worker/core/rebalance/steer-operation.ts";
import {
  newOperation,
  type OperationIntent,
  type TopologyOperation,
} from "../../worker/core/rebalance/operation.ts";
import { placementPlan, type PlannedChange } from "../../worker/core/rebalance/placement-plan.ts";
import type { NodeChange } from "../../worker/core/rebalance/reconcile.ts";
import type { Node } from "../../worker/core/topology/topology.ts";
import { changedAliases, type AliasChange } from "../../worker/core/topology/aliases.ts";
import { isStaying, writable } from "../../worker/core/topology/registry.ts";
import type { OperationHistory } from "../../worker/tasklog/operation-history.ts";
import type { NodeRoster } from "../node-roster.ts";
import { Repeater } from "../repeater.ts";
import { report } from "../report.ts";
import type { AliasStore } from "../storage/alias-store.ts";
import type { RegisteredIndex } from "../storage/registry-store.ts";
import { ControlLoop } from "./control-loop.ts";
import type {
  ControlChange,
  ControlReply,
  ControlRequest,
  IndexStatus,
  OperationStatus,
  Overview,
} from "./control-rpc.ts";
import { changedNode, joiningNode, urlHolder } from "./node-changes.ts";
import type { OperationRecords } from "./operation-records.ts";
import type { ControlRegistry, ShardLogs } from "./ports.ts";

export interface ControlPlaneTools {
  readonly records: OperationRecords;
  readonly history: OperationHistory;
  readonly roster: NodeRoster;
  readonly logs: ShardLogs;
  readonly indexes: () => readonly RegisteredIndex[];
  readonly aliases: AliasStore;
  readonly putIndex: (index: RegisteredIndex) => Epoch;
  readonly epoch: () => Epoch;
  /** Tells readers that nodes have changed. */
  readonly advance: () => Epoch;
  readonly waitUntil: (work: Promise<void>) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly failAfterMs: number;
  readonly movesMax: number;
  readonly autoRebalance: AutoRebalance;
}

/** Between two looks while an operation goes on. */
const LOOK_MS = 500;
/** Rows that go into the history in one batch. */
const HISTORY_ROWS = 40;

export class ControlPlane implements ControlRegistry {
  readonly #tools: ControlPlaneTools;
  readonly #loop: ControlLoop;
  readonly #repeater = new Repeater(() => this.#lookUntilDone());

  constructor(tools: ControlPlaneTools) {
    this.#tools = tools;
    this.#loop = new ControlLoop({ ...tools, registry: this });
  }

  nodes(): readonly Node[] {
    return this.#tools.roster.all();
  }

  downSince = () => this.#tools.roster.downSince();

  indexes(): readonly IndexStatus[] {
    return this.#tools
      .indexes()
      .filter(({ phase }) => isStaying(phase))
      .map(({ uid, physical, phase, builtFor, replicationFactor, shardMap, lagging: behind }) => {
        // One that has left with nothing on it is nobody's concern.
        const lagging = behind.filter((node) => shardMap.some((nodes) => nodes.includes(node)));
        const built = phase === "building" ? { builtFor } : {};
        return { uid, physical, replicationFactor, shardMap, lagging, ...built };
      });
  }

  changeNodes(changes: readonly NodeChange[]): void {
    this.#tools.roster.decide(changes.map(({ node, state }) => ({ id: node, state })));
    this.#tools.advance();
  }

  /** Looks until no operation goes on; a call meanwhile makes it look once more. */
  async run(): Promise<void> {
    await this.#repeater.run();
  }

  /** Cron's visit: begins a rebalance where that is wanted, and carries on whatever was cut off. */
  async visit(): Promise<void> {
    const { records, autoRebalance, now } = this.#tools;
    const replicas = this.indexes().reduce((sum, { shardMap }) => sum + shardMap.flat().length, 0);
    const unfinished = records.unfinished();
    if (startsRebalance(autoRebalance, this.#drift().length, replicas, unfinished, now())) {
      this.#begin({ kind: "rebalance" });
    }
    await this.run();
  }

  overview(): Overview {
    const { records, roster, epoch } = this.#tools;
    const downSince = roster.downSince();
    const steps = records.underWay();
    return {
      epoch: epoch(),
      nodes: roster.all().map((node) => ({
        node,
        problem: roster.problem(node.id),
        downSince: downSince.get(node.id),
      })),
      indexes: this.indexes(),
      aliases: this.#tools.aliases.wire(),
      operations: records.unfinished().map((operation) => ({
        operation,
        steps: steps.filter((step) => step.operation === operation.id),
      })),
      drift: this.#drift(),
    };
  }

  /** As long as it is kept here; older ones are in the history. */
  operation(id: number): OperationStatus | undefined {
    const { records } = this.#tools;
    const operation = records.operation(id);
    return operation === undefined ? undefined : { operation, steps: records.stepsOf(id) };
  }

  change({ change, epoch }: ControlRequest): ControlReply {
    const now = this.#tools.epoch();
    if (epoch !== undefined && epoch !== now) {
      const reason = `The topology is at epoch ${now}, not ${epoch}: it was changed meanwhile.`;
      return { kind: "conflict", reason };
    }
    const reply = this.#apply(change);
    this.#tools.waitUntil(this.run());
    return reply;
  }

  #apply(change: ControlChange): ControlReply {
    switch (change.kind) {
      case "addNode": {
        const { roster } = this.#tools;
        const holder = urlHolder(roster.all(), change.node.url, change.node.id);
        if (holder !== undefined) return conflict(`Node \`${holder}\` has this url already.`);
        if (this.#node(change.node.id) !== undefined) {
          return conflict(`There is a node \`${change.node.id}\` already.`);
        }
        return this.#putNode(joiningNode(change.node));
      }
      case "changeNode": {
        const node = this.#node(change.node);
        if (node === undefined) return { kind: "unknownNode", node: change.node };
        const changed = changedNode(node, change.patch);
        const holder = urlHolder(this.nodes(), changed.url, node.id);
        if (holder !== undefined) return conflict(`Node \`${holder}\` has this url already.`);
        return this.#putNode(changed);
      }
      case "resumeNode":
        return this.#resume(change.node);
      case "drain":
      case "remove":
      case "replace":
        if (this.#node(change.node) === undefined) {
          return { kind: "unknownNode", node: change.node };
        }
        return this.#submit(change);
      case "rebalance":
        return this.#submit(change);
      case "aliases":
        return this.#changeAliases(change.changes);
      case "replicas":
      case "repair":
      case "reshard":
        return this.#submitForIndex(change);
      case "steer":
        return this.#steer(change.operation, change.to);
    }
  }

  #changeAliases(changes: readonly AliasChange[]): ControlReply {
    const { aliases, indexes } = this.#tools;
    const changed = changedAliases(aliases.all, changes, indexes());
    if (changed.kind !== "changed") return changed;
    aliases.replace(changed.aliases);
    return this.#accepted(undefined);
  }

  #submitForIndex(change: Extract<ControlChange, { uid: IndexUid }>): ControlReply {
    const { uid } = change;
    const index = writable(this.#tools.indexes(), uid);
    if (index === undefined) return { kind: "unknownIndex", uid };
    const { physical, replicationFactor: from, shardMap } = index;
    if (change.kind === "repair") {
      return this.#submit({ kind: "repair", index: physical, uid, shards: shardMap.length });
    }
    const { to } = change;
    if (change.kind === "reshard") {
      return this.#submit({ kind: "reshard", index: physical, uid, from: shardMap.length, to });
    }
    const reply = this.#submit({ kind: "replicas", index: physical, uid, from, to });
    if (reply.kind !== "accepted") return reply;
    const epoch = this.#tools.putIndex({ ...index, replicationFactor: to });
    return { ...reply, epoch };
  }

  #submit(intent: OperationIntent): ControlReply {
    const { records, roster } = this.#tools;
    const operations = records.unfinished();
    const view = { nodes: this.nodes(), indexes: this.indexes(), operations };
    const acceptance = acceptOperation(intent, view);
    if (acceptance.kind === "refused") return conflict(sentence(acceptance.reason));
    for (const one of acceptance.replaces) records.put({ ...one, state: "canceling" });
    const seats = [...acceptance.seats].flatMap(([id, seat]) => {
      const node = this.#node(id);
      return node === undefined ? [] : [{ id, state: node.state, seat }];
    });
    roster.decide([...acceptance.nodes.map(({ node, state }) => ({ id: node, state })), ...seats]);
    const operation = this.#begin(intent);
    return this.#accepted(operation);
  }

  #begin(intent: OperationIntent): TopologyOperation {
    const { records, now } = this.#tools;
    const operation = newOperation(records.nextId(), intent, instant(now()));
    records.put(operation);
    report("operation_accepted", { id: operation.id, ...intent });
    return operation;
  }

  /** The node takes shards again; operations that bring shards off it end where they are. */
  #resume(id: Node["id"]): ControlReply {
    const node = this.#node(id);
    if (node === undefined) return { kind: "unknownNode", node: id };
    if (node.state !== "draining")
      return conflict(`Node \`${id}\` is ${node.state}, not draining.`);
    const leaving = this.#tools.records
      .unfinished()
      .find(({ intent }) => "node" in intent && intent.node === id);
    if (leaving !== undefined) return this.#steer(leaving.id, "cancel");
    this.changeNodes([{ node: id, state: "active" }]);
    return this.#accepted(undefined);
  }

  #steer(id: number, to: "pause" | "resume" | "cancel"): ControlReply {
    const { records, indexes, putIndex } = this.#tools;
    const operation = records.operation(id);
    if (operation === undefined) return { kind: "unknownOperation", operation: id };
    const steered = steer(operation, to);
    if (steered.kind === "refused") return conflict(sentence(steered.reason));
    records.put(steered.operation);
    const { intent } = operation;
    if (to === "cancel") {
      const node = "node" in intent ? this.#node(intent.node) : undefined;
      if (node?.state === "draining") this.changeNodes([{ node: node.id, state: "active" }]);
      const index = indexes().find(
        ({ physical }) => "index" in intent && physical === intent.index,
      );
      if (intent.kind === "replicas" && index !== undefined) {
        putIndex({ ...index, replicationFactor: intent.from });
      }
    }
    return this.#accepted(steered.operation);
  }

  #node(id: Node["id"]): Node | undefined {
    return this.nodes().find((node) => node.id === id);
  }

  #putNode(node: Node): ControlReply {
    const { roster, advance, waitUntil } = this.#tools;
    roster.put(node);
    waitUntil(roster.probe());
    return { kind: "accepted", epoch: advance(), operation: undefined, node };
  }

  #accepted(operation: TopologyOperation | undefined): ControlReply {
    return { kind: "accepted", epoch: this.#tools.advance(), operation, node: undefined };
  }

  #drift(): readonly PlannedChange[] {
    return placementPlan(this.indexes(), this.nodes(), { kind: "everything" }).changes;
  }

  async #lookUntilDone(): Promise<void> {
    for (;;) {
      const isBusy = await this.#loop.look();
      await this.#tellHistory();
      if (!isBusy) return;
      await this.#tools.sleep(LOOK_MS);
    }
  }

  /** The history follows; when D1 cannot be written it follows later. */
  async #tellHistory(): Promise<void> {
    const { records, history } = this.#tools;
    try {
      for (;;) {
        const operations = records.changedOperations(HISTORY_ROWS);
        const steps = records.changedSteps(HISTORY_ROWS);
        if (operations.length + steps.length === 0) break;
        await history.put(
          operations.map(({ value }) => value),
          steps.map(({ value }) => value),
        );
        records.told(operations, steps);
      }
      records.trim();
    } catch (error) {
      report("history_unwritten", { error: String(error) });
    }
  }
}

function conflict(reason: string): ControlReply {
  return { kind: "conflict", reason };
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}
