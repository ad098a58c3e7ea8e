/**
 * Brings the placement to what is wanted. Each look asks the logs how far the steps under way are,
 * decides in one commit (`core/rebalance`), and then tells the logs; whatever of that is cut off is
 * said again at the next look, because a step that a log does not know is asked for once more.
 */
import { instant, type Instant, type PhysicalUid } from "../../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS, VERIFY_DEADLINE_MS } from "../../worker/core/limits.ts";
import { nodeStates } from "../../worker/core/rebalance/node-states.ts";
import {
  abandoned,
  counted,
  observed,
  observedReshard,
} from "../../worker/core/rebalance/observe.ts";
import { newOperation, nodeOf, type OperationStep } from "../../worker/core/rebalance/operation.ts";
import { reconcile, type Decisions } from "../../worker/core/rebalance/reconcile.ts";
import type { ShardReport, TransferStatus } from "../../worker/core/transfer/shard-change.ts";
import { isOver } from "../../worker/core/transfer/shard-change.ts";
import { report } from "../report.ts";
import type { ControlRegistry, Records, ShardLogs } from "./ports.ts";

export interface ControlTools {
  readonly records: Records;
  readonly registry: ControlRegistry;
  readonly logs: ShardLogs;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** How long a node may be away before its shards are rebuilt elsewhere. */
  readonly failAfterMs: number;
  /** Steps under way at a time, over all indexes. */
  readonly movesMax: number;
}

/** What the logs said: of each step under way, its state, or that its log does not know it. */
type Seen = ReadonlyMap<string, OperationStep | "unknown">;

export class ControlLoop {
  readonly #tools: ControlTools;

  constructor(tools: ControlTools) {
    this.#tools = tools;
  }

  /** One look; whether to look again soon. What only waits is looked at by the next alarm. */
  async look(): Promise<boolean> {
    const { records } = this.#tools;
    const seen = await this.#ask(records.underWay());
    const decisions = this.#decide(seen);
    await this.#tell(decisions, seen);
    if (records.underWay().length > 0) return true;
    return records
      .unfinished()
      .some(({ state, planned }) => state === "canceling" || (state === "running" && planned > 0));
  }

  async #ask(steps: readonly OperationStep[]): Promise<Seen> {
    const seen = new Map<string, OperationStep | "unknown">();
    const now = instant(this.#tools.now());
    const present = new Set(this.#tools.registry.indexes().map(({ physical }) => physical));
    for (const step of steps) {
      if (step.kind === "reshard") seen.set(step.change.id, await this.#resharded(step));
    }
    for (const [index, own] of byIndex(steps.filter(({ kind }) => kind !== "reshard"))) {
      if (!present.has(index)) {
        for (const step of own) seen.set(step.change.id, abandoned(step, now));
        continue;
      }
      const moves = own.filter(({ kind }) => kind === "move");
      if (moves.length > 0) await this.#askTransfers(index, moves, seen);
      for (const step of own) {
        if (step.kind === "verify") seen.set(step.change.id, await this.#verified(step));
      }
    }
    return seen;
  }

  async #askTransfers(
    index: PhysicalUid,
    steps: readonly OperationStep[],
    seen: Map<string, OperationStep | "unknown">,
  ): Promise<void> {
    try {
      const statuses = await this.#within(this.#tools.logs.transfers(index));
      const byId = new Map(statuses.map((status: TransferStatus) => [status.id, status]));
      for (const step of steps) {
        const status = byId.get(step.change.id);
        seen.set(step.change.id, status === undefined ? "unknown" : observed(step, status));
      }
    } catch (error) {
      report("transfers_unread", { index, error: String(error) });
    }
  }

  /** The comparison that a step stands for; one that is cut off is made again. */
  async #verified(step: OperationStep): Promise<OperationStep> {
    const { logs, now } = this.#tools;
    const startedAt = instant(now());
    try {
      const found = await this.#within(
        logs.verify(step.index, step.change.shard),
        VERIFY_DEADLINE_MS,
      );
      const finishedAt = instant(now());
      return { ...step, phase: "done", note: noteOf(found), startedAt, finishedAt };
    } catch (error) {
      return { ...step, phase: "failed", error: String(error), startedAt, finishedAt: startedAt };
    }
  }

  /**
   * How far a reshard is. Its log says so also when its index has been succeeded; one that does not
   * know it is asked for it, unless nobody wants it any more.
   */
  async #resharded(step: OperationStep): Promise<OperationStep> {
    const { logs, records, now } = this.#tools;
    const { id } = step.change;
    const operation = records.unfinished().find((one) => one.id === step.operation);
    if (operation?.intent.kind !== "reshard") return abandoned(step, instant(now()));
    const isCanceled = operation.state === "canceling";
    try {
      if (isCanceled) await this.#within(logs.cancelReshard(step.index, id));
      const state = await this.#within(logs.reshardState(step.index));
      if (state?.id === id) return observedReshard(step, { ...state, isCanceled }, instant(now()));
      if (isCanceled) return { ...step, phase: "canceled", finishedAt: instant(now()) };
      const isTaken = await this.#within(logs.reshard(step.index, id, operation.intent.to));
      if (isTaken) return step;
      const error = "the index is ending, or another reshard of it is under way";
      return { ...step, phase: "failed", error, finishedAt: instant(now()) };
    } catch (error) {
      report("reshard_unread", { index: step.index, error: String(error) });
      return step;
    }
  }

  /** Everything that follows from what is known now, in one commit: nothing here may wait. */
  #decide(seen: Seen): Decisions {
    const { records, registry, movesMax } = this.#tools;
    const now = instant(this.#tools.now());
    this.#record(seen, now);
    this.#judgeHealth(now);
    const decisions = reconcile({
      now,
      nodes: registry.nodes(),
      indexes: registry.indexes(),
      operations: records.unfinished(),
      steps: records.underWay(),
      movesMax,
    });
    for (const operation of decisions.operations) {
      records.put(operation);
      const { id, state, intent, error } = operation;
      if (state !== "running") report("operation_ended", { id, state, ...intent, error });
    }
    for (const step of decisions.steps) records.putStep(step);
    if (decisions.nodes.length > 0) registry.changeNodes(decisions.nodes);
    return decisions;
  }

  #record(seen: Seen, now: Instant): void {
    const { records } = this.#tools;
    const operations = new Map(records.unfinished().map((one) => [one.id, one]));
    for (const step of records.underWay()) {
      const operation = operations.get(step.operation);
      const found = seen.get(step.change.id);
      if (operation === undefined || found === undefined) continue;
      const next = found === "unknown" ? unsent(step, operation.state, now) : found;
      if (JSON.stringify(next) === JSON.stringify(step)) continue;
      records.putStep(next);
      if (!isOver(next.phase)) continue;
      const after = counted(operation, next, now);
      operations.set(after.id, after);
      records.put(after);
    }
  }

  #judgeHealth(now: Instant): void {
    const { records, registry, failAfterMs } = this.#tools;
    const operations = records.unfinished();
    const view = { now, nodes: registry.nodes(), downSince: registry.downSince(), operations };
    const changes = nodeStates({ ...view, failAfterMs });
    if (changes.length > 0) registry.changeNodes(changes);
    for (const { node, state } of changes) {
      report("node_state", { node, state });
      if (state !== "failed") continue;
      // One that leaves for good is brought off by the operation that it leaves by.
      if (operations.some(({ intent }) => nodeOf(intent) === node)) continue;
      records.put(newOperation(records.nextId(), { kind: "fail", node }, now));
    }
  }

  async #tell(decisions: Decisions, seen: Seen): Promise<void> {
    const { records, logs } = this.#tools;
    const isNew = new Set(decisions.steps.map(({ change }) => change.id));
    const isCanceled = new Set(decisions.cancel.map(({ change }) => change.id));
    const open = records
      .underWay()
      .filter(({ kind, change }) => kind === "move" && !isCanceled.has(change.id))
      .filter(({ change }) => isNew.has(change.id) || seen.get(change.id) === "unknown");
    for (const [index, steps] of byIndex(open)) {
      const changes = steps.map(({ change }) => change);
      await this.#try("transfer_unsent", index, logs.transfer(index, changes));
    }
    const moves = decisions.cancel.filter(({ kind }) => kind === "move");
    for (const [index, steps] of byIndex(moves)) {
      const ids = steps.map(({ change }) => change.id);
      await this.#try("cancel_unsent", index, logs.cancel(index, ids));
    }
  }

  async #try(event: string, index: PhysicalUid, call: Promise<void>): Promise<void> {
    try {
      await this.#within(call);
    } catch (error) {
      report(event, { index, error: String(error) });
    }
  }

  /** A log that does not answer must not keep the others waiting. */
  async #within<T>(call: Promise<T>, deadlineMs = NODE_CALL_DEADLINE_MS): Promise<T> {
    const late = this.#tools.sleep(deadlineMs).then(() => undefined);
    const reply = await Promise.race([call.then((value) => ({ value })), late]);
    if (reply === undefined) throw new Error("the log does not answer");
    return reply.value;
  }
}

/** A step that its log does not know: asked for again, unless nobody wants it, or not now. */
function unsent(step: OperationStep, state: string, now: Instant): OperationStep {
  return state === "canceling" || state === "paused"
    ? { ...step, phase: "canceled", finishedAt: now }
    : step;
}

function byIndex(
  steps: readonly OperationStep[],
): ReadonlyMap<PhysicalUid, readonly OperationStep[]> {
  return Map.groupBy(steps, ({ index }) => index);
}

function noteOf(found: ShardReport): string {
  switch (found.kind) {
    case "same":
      return `${found.replicas.length} replicas are the same: ${found.replicas[0]?.documents ?? 0} documents`;
    case "skipped":
      return `not compared: ${found.reason}`;
    case "different":
      return `replicas differ in ${found.ranges} ranges; copied anew: ${found.repaired.join(", ") || "none"}`;
  }
}
