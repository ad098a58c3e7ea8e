/** What a scattered read gives: the response, and how complete it is. */
import type { ShardId } from "../core/ids.ts";
import type { Answered } from "./scatter.ts";

/** A response's text, and the shards that it lacks. */
export interface ReadAnswer {
  readonly body: string;
  readonly missing: readonly ShardId[];
}

/** Answers in an order that does not depend on which came first. */
export function inShardOrder(answers: readonly Answered[]): readonly Answered[] {
  return answers.toSorted((a, b) => (a.part.shards[0] ?? 0) - (b.part.shards[0] ?? 0));
}
