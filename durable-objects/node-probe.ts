/**
 * What one probe of a node says, and the preparation of a node that answers for the first time:
 * Miroir's reads need the `network` feature, which every Community node of 1.50 has, and whatever
 * clients may switch on is on (see `core/features`).
 */
import { z } from "zod";

import { NODE_FLAGS } from "../worker/core/features/feature-flags.ts";
import { NODE_CALL_DEADLINE_MS } from "../worker/core/limits.ts";
import type { NodeEndpoint, NodeHealth } from "../worker/core/topology/topology.ts";
import type { NodeClient } from "../worker/nodes/node-client.ts";

export interface Probe {
  readonly health: NodeHealth;
  /** In plain words why the node is not healthy. */
  readonly problem: string | undefined;
}

const PROBE_DEADLINE_MS = 2000;
const version = z.object({ pkgVersion: z.string() });

/** The first Meilisearch whose answers Miroir can merge. */
const OLDEST = [1, 50] as const;

export async function probe(client: NodeClient, node: NodeEndpoint): Promise<Probe> {
  const reply = await client.send(node, {
    method: "GET",
    path: "/health",
    timeoutMs: PROBE_DEADLINE_MS,
  });
  if (reply.kind === "answered") return { health: "healthy", problem: undefined };
  const problem = reply.kind === "refused" ? reply.error.message : reply.reason;
  return { health: "unreachable", problem };
}

/** Checks version and key of a node, and switches on the features that reads need. */
export async function prepare(client: NodeClient, node: NodeEndpoint): Promise<Probe> {
  const answer = await client.send(node, {
    method: "GET",
    path: "/version",
    timeoutMs: PROBE_DEADLINE_MS,
  });
  if (answer.kind === "unreachable") return { health: "unreachable", problem: answer.reason };
  // Overloaded or broken for now: that says nothing of what it is.
  if (answer.kind === "refused" && answer.status >= 500) {
    return { health: "unreachable", problem: answer.error.message };
  }
  if (answer.kind === "refused") {
    return { health: "incompatible", problem: `the node refuses its key: ${answer.error.message}` };
  }
  const found = pkgVersion(answer.text);
  if (found === undefined || !isSupported(found)) {
    return { health: "incompatible", problem: `Meilisearch ${found ?? "of unknown version"}` };
  }
  const features = await client.send(node, {
    method: "PATCH",
    path: "/experimental-features",
    body: JSON.stringify(NODE_FLAGS),
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  if (features.kind === "unreachable") return { health: "unreachable", problem: features.reason };
  if (features.kind === "refused" && features.status >= 500) {
    return { health: "unreachable", problem: features.error.message };
  }
  if (features.kind === "refused") {
    return { health: "incompatible", problem: features.error.message };
  }
  return { health: "healthy", problem: undefined };
}

function pkgVersion(text: string): string | undefined {
  try {
    return version.parse(JSON.parse(text)).pkgVersion;
  } catch {
    return undefined;
  }
}

function isSupported(found: string): boolean {
  const [major = 0, minor = 0] = found.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
