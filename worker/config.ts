/**
 * Configuration, from `wrangler.toml` vars and secrets, checked once: a wrong value stops with a
 * message that names it. Pure zod, so that the start scripts check their options with the same rules.
 */
import { z } from "zod";

import { groupId, nodeId } from "./core/ids.ts";
import { LOG_BYTES_MAX, SHARD_COUNT_MAX } from "./core/limits.ts";
import type { AutoRebalance, MaintenanceWindow } from "./core/rebalance/auto-rebalance.ts";

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));

export const nodeUrl = z
  .string()
  .regex(
    /^(https?:\/\/[^\s/?#]+|embedded:\/\/[\w-]+)\/?$/,
    "must be http(s)://host or embedded://name",
  )
  .transform((url) => url.replace(/\/$/, ""));

/** A node as the configuration and the admin API name it. */
export const nodeSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, - or _")
    .transform(nodeId),
  url: nodeUrl,
  key: z.string().min(1).optional(),
  group: z.string().min(1).default("default").transform(groupId),
  zone: z.string().min(1).optional(),
  weight: z.number().positive().default(1),
});

const nodes = z
  .string()
  .transform((text, context) => {
    try {
      const value: unknown = JSON.parse(text);
      return value;
    } catch {
      context.addIssue({ code: "custom", message: "must be a JSON array of nodes" });
      return z.NEVER;
    }
  })
  .pipe(z.array(nodeSchema).min(1, "must name at least one node"))
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "has a node id twice");

/** `HH:MM-HH:MM`, in UTC. */
const window = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "must be like 22:00-04:00, in UTC")
  .transform((text): MaintenanceWindow => {
    const [from = 0, to = 0] = text.split("-").map((time) => {
      const [hours = 0, minutes = 0] = time.split(":").map(Number);
      return hours * 60 + minutes;
    });
    return { fromMinute: from, toMinute: to };
  });

const schema = z.object({
  MIROIR_MASTER_KEY: z.string().min(1, "must not be empty"),
  MIROIR_NODES: nodes,
  MIROIR_NODE_KEY: z.string().min(1).optional(),
  MIROIR_SHARDS: integer(1, SHARD_COUNT_MAX).default(64),
  MIROIR_RF: integer(1, 16).default(1),
  MIROIR_MIN_IN_SYNC: integer(1, 16).default(1),
  MIROIR_LOG_BYTES: integer(1_000_000, LOG_BYTES_MAX).default(LOG_BYTES_MAX),
  MIROIR_LEASE_MS: integer(100, 60_000).default(5000),
  MIROIR_UNAVAILABLE_SHARDS: z.enum(["partial", "error"]).default("partial"),
  MIROIR_FAIL_AFTER_MS: integer(1000, 86_400_000).default(300_000),
  MIROIR_MOVES: integer(1, 64).default(4),
  MIROIR_COPY_BYTES_PER_SECOND: integer(1000, 100_000_000_000).optional(),
  MIROIR_AUTO_REBALANCE: z.enum(["on", "off"]).default("off"),
  MIROIR_DRIFT_PERCENT: integer(0, 100).default(5),
  MIROIR_WINDOW: window.optional(),
});

export type ConfiguredNode = z.infer<typeof nodeSchema>;

export interface Config {
  readonly masterKey: string;
  readonly nodes: readonly ConfiguredNode[];
  /** Key for nodes that name none of their own. */
  readonly nodeKey: string | undefined;
  /** Shards of a new index. */
  readonly shardCount: number;
  /** Replicas of each shard of a new index, per group. */
  readonly replicationFactor: number;
  /** Replicas of each shard of a new index that tasks do not end without. */
  readonly minInSync: number;
  /** Bytes that one index's log keeps until its nodes have them; above that, writes answer 503. */
  readonly logBytesMax: number;
  readonly leaseMs: number;
  readonly unavailableShards: "partial" | "error";
  /** How long a node may be away before its shards are rebuilt elsewhere. */
  readonly failAfterMs: number;
  /** Shards on their way at a time, over all indexes. */
  readonly movesMax: number;
  /** Bytes of documents that all moves together copy in a second; undefined: as fast as they can. */
  readonly copyBytesPerSecond: number | undefined;
  readonly autoRebalance: AutoRebalance;
}

/** A wrong value; the message names it and says what it must be. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The configuration of an environment's variables; throws ConfigError. */
export function parseConfig(variables: object): Config {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const missing = issue !== undefined && issue.path.length === 1 && issue.code === "invalid_type";
    throw new ConfigError(
      `${issue?.path.join(".") ?? "configuration"} ${missing ? "must be set" : (issue?.message ?? "is wrong")}`,
    );
  }
  const { data } = parsed;
  if (data.MIROIR_RF > data.MIROIR_NODES.length) {
    throw new ConfigError(
      `MIROIR_RF is ${data.MIROIR_RF}, but MIROIR_NODES has only ${data.MIROIR_NODES.length} nodes`,
    );
  }
  if (data.MIROIR_MIN_IN_SYNC > data.MIROIR_RF) {
    throw new ConfigError(
      `MIROIR_MIN_IN_SYNC is ${data.MIROIR_MIN_IN_SYNC}, but MIROIR_RF is only ${data.MIROIR_RF}`,
    );
  }
  return {
    masterKey: data.MIROIR_MASTER_KEY,
    nodes: data.MIROIR_NODES,
    nodeKey: data.MIROIR_NODE_KEY,
    shardCount: data.MIROIR_SHARDS,
    replicationFactor: data.MIROIR_RF,
    minInSync: data.MIROIR_MIN_IN_SYNC,
    logBytesMax: data.MIROIR_LOG_BYTES,
    leaseMs: data.MIROIR_LEASE_MS,
    unavailableShards: data.MIROIR_UNAVAILABLE_SHARDS,
    failAfterMs: data.MIROIR_FAIL_AFTER_MS,
    movesMax: data.MIROIR_MOVES,
    copyBytesPerSecond: data.MIROIR_COPY_BYTES_PER_SECOND,
    autoRebalance: {
      isOn: data.MIROIR_AUTO_REBALANCE === "on",
      window: data.MIROIR_WINDOW,
      driftMin: data.MIROIR_DRIFT_PERCENT / 100,
    },
  };
}
