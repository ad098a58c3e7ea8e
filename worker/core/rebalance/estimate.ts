/** What carrying out a plan costs, from what an average shard of each index holds. */
import type { PhysicalUid } from "../ids.ts";
import type { PlannedChange } from "./placement-plan.ts";

export interface ShardSize {
  readonly documents: number;
  readonly bytes: number;
}

export interface PlanEstimate {
  readonly moves: number;
  readonly adds: number;
  readonly drops: number;
  /** Documents and bytes that are copied. */
  readonly documents: number;
  readonly bytes: number;
}

export function estimate(
  changes: readonly PlannedChange[],
  sizes: ReadonlyMap<PhysicalUid, ShardSize>,
): PlanEstimate {
  const copied = changes.filter(({ target }) => target !== null);
  const moves = copied.filter(({ drop }) => drop !== null).length;
  const sum = (of: (size: ShardSize) => number): number =>
    Math.round(copied.reduce((total, { index }) => total + of(sizes.get(index) ?? NONE), 0));
  return {
    moves,
    adds: copied.length - moves,
    drops: changes.length - copied.length,
    documents: sum(({ documents }) => documents),
    bytes: sum(({ bytes }) => bytes),
  };
}

const NONE: ShardSize = { documents: 0, bytes: 0 };
