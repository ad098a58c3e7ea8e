/** Where the write logs of indexes are, in words. */
import type { z } from "zod";

import { writesView } from "../../worker/admin/schemas.ts";
import type { Client } from "./client.ts";

export type Writes = z.infer<typeof writesView>;

export async function writesOf(
  client: Client,
  uids: readonly string[],
): Promise<readonly Writes[]> {
  const views: Writes[] = [];
  for (const uid of uids) {
    const path = `/_miroir/indexes/${encodeURIComponent(uid)}/writes`;
    views.push(await client.ask("GET", path, writesView));
  }
  return views;
}

/** Why tasks wait; empty when they do not. */
export function waitingForText({ waiting, minInSync, replicas }: Writes): string {
  if (waiting === null) return "";
  const nodes = waiting.nodes.map((node) => {
    const trouble = replicas.find((replica) => replica.node === node)?.trouble ?? null;
    return trouble === null ? node : `${node} (${trouble})`;
  });
  const least = waiting.reason === "replicas" ? "" : `for ${minInSync} replicas in sync, `;
  return `tasks wait ${least}for ${nodes.join(", ")}`;
}
