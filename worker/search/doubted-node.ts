/**
 * A node that probes do not find, or that has failed, is read when nobody else answers. It may be on
 * its way back with an empty or an old disk: the Cluster looks who answers there before it is asked.
 */
import type { PhysicalUid } from "../core/ids.ts";
import type { Node } from "../core/topology/topology.ts";
import type { ReadContext } from "./read-context.ts";

export function isTrusted({ state, health }: Node): boolean {
  const isFound = health !== "unreachable" && health !== "incompatible";
  return isFound && state !== "failed" && state !== "removed";
}

/** Whether a node may be read, as far as anybody can say within that time. */
export async function mayRead(
  { isReadable }: Pick<ReadContext, "isReadable">,
  node: Node,
  physical: PhysicalUid,
  timeoutMs: number,
): Promise<boolean> {
  if (isReadable === undefined || isTrusted(node)) return true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const answer = isReadable(node.id, physical).catch(() => false);
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
