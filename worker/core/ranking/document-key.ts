/**
 * The primary key of a hit as the nodes sort by it: the value of the rule that names it, which every
 * hit has, whatever the client wants to retrieve.
 */
import type { RankStep } from "./score-details.ts";

/** Undefined when the search was cut off before that rule. */
export function documentKey(
  steps: readonly RankStep[],
  primaryKey: string,
): string | number | undefined {
  const named = steps.findLast(
    ({ rule }) => rule === `${primaryKey}:asc` || rule === `${primaryKey}:desc`,
  );
  // Where the key is not displayed its rule has no name, and is the last one.
  const step = named ?? steps.at(-1);
  return step?.kind === "sort" ? (step.value ?? undefined) : undefined;
}
