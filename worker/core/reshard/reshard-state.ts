/**
 * How far a reshard is: an index is built anew with another number of shards, then takes the old
 * one's place. Pure: what each phase means, and what may still stop it.
 *
 * |           | readers | writers                  | the old index applies | may be given up |
 * | --------- | ------- | ------------------------ | --------------------- | --------------- |
 * | building  | old     | old log, behind a fence  | nothing               | yes             |
 * | copying   | old     | old log, behind a fence  | nothing               | yes             |
 * | checking  | old     | old log, behind a fence  | nothing               | yes             |
 * | moving    | old     | wait; the log moves over | nothing               | no              |
 * | switching | either  | new log                  | nothing               | no              |
 * | done      | new     | new log                  | its own deletion      | no              |
 * | abandoned | old     | old log                  | everything            |                 |
 */
import { z } from "zod";

import { physicalUid, shardId, type PhysicalUid, type ShardId } from "../ids.ts";

export type ReshardPhase =
  | "building"
  | "copying"
  | "checking"
  | "moving"
  | "switching"
  | "done"
  | "abandoned";

export interface ReshardState {
  readonly id: string;
  readonly shardCount: number;
  readonly phase: ReshardPhase;
  /** The index that is built; null until the registry has it. */
  readonly target: PhysicalUid | null;
  /** The copy goes on here: a shard of the old index, and how many of its documents are over. */
  readonly shard: ShardId;
  readonly offset: number;
  /** Documents copied so far, and how many there are. */
  readonly documents: number;
  readonly total: number;
  /** Why it was given up. */
  readonly error: string | null;
}

/** What speaks against going on. */
export interface Obstacles {
  readonly isCanceled: boolean;
  /** The index is being deleted. */
  readonly isClosed: boolean;
  /** A swap or a rename waits for this index. */
  readonly isHeld: boolean;
}

const state: z.ZodType<ReshardState> = z.object({
  id: z.string(),
  shardCount: z.number(),
  phase: z.enum(["building", "copying", "checking", "moving", "switching", "done", "abandoned"]),
  target: z.string().transform(physicalUid).nullable(),
  shard: z.number().transform(shardId),
  offset: z.number(),
  documents: z.number(),
  total: z.number(),
  error: z.string().nullable(),
});

export function reshardStateOf(text: string): ReshardState {
  return state.parse(JSON.parse(text));
}

export function beginReshard(id: string, shardCount: number): ReshardState {
  return {
    id,
    shardCount,
    phase: "building",
    target: null,
    shard: shardId(0),
    offset: 0,
    documents: 0,
    total: 0,
    error: null,
  };
}

/** Whether the index still stands as it was, so that a reshard can end without a trace. */
export function isRevocable({ phase }: ReshardState): boolean {
  return phase === "building" || phase === "copying" || phase === "checking";
}

export function isOver({ phase }: ReshardState): boolean {
  return phase === "done" || phase === "abandoned";
}

/** Why it has to be given up now; undefined when it may go on. */
export function reasonToStop(
  reshard: ReshardState,
  { isCanceled, isClosed, isHeld }: Obstacles,
): string | undefined {
  if (!isRevocable(reshard)) return undefined;
  if (isCanceled) return "it was canceled";
  if (isClosed) return "the index is being deleted";
  // The swap waits for what is behind the fence, and what is behind the fence for the reshard.
  if (isHeld) return "the index is being swapped or renamed";
  return undefined;
}

/** A page of the copy is over; of an old index of `shardCount` shards. */
export function copied(
  reshard: ReshardState,
  page: { readonly documents: number; readonly isLast: boolean },
  shardCount: number,
): ReshardState {
  const documents = reshard.documents + page.documents;
  if (!page.isLast) return { ...reshard, documents, offset: reshard.offset + page.documents };
  const shard = shardId(reshard.shard + 1);
  const phase = shard < shardCount ? "copying" : "checking";
  return { ...reshard, documents, shard, offset: 0, phase };
}
