/**
 * The node requests that carry out one operation, in order. Each step is a write that the node
 * turns into a task of its own, and each may be repeated: `settledBy` names the refusals that
 * mean it was done before.
 */
import { nodeSettings, nodeSettingsPatch } from "../settings/node-settings.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../settings/settings.ts";
import type { PhysicalUid, ShardId } from "../ids.ts";
import { MARK_FIELD, shardMark } from "../placement/shard-mark.ts";
import type { Operation } from "../log/operation.ts";

export interface Step {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** `payload`: the rows of this node's shards; otherwise JSON text, or nothing. */
  readonly body:
    | { readonly kind: "payload" }
    | { readonly kind: "json"; readonly text: string }
    | null;
  /** Error codes of the node's task that mean "already done". */
  readonly settledBy: readonly string[];
  /** The route takes `customMetadata`, so a lost answer can be settled by the node's own tasks. */
  readonly traceable: boolean;
}

export interface StepContext {
  readonly physical: PhysicalUid;
  /** The primary key as of this entry. */
  readonly primaryKey: string | undefined;
  /** Settings before and after this entry. */
  readonly before: IndexSettings;
  readonly after: IndexSettings;
}

/** `part`: only these shards of the node, of an operation that names its documents by filter. */
export function stepsOf(
  operation: Operation,
  context: StepContext,
  part: ReadonlySet<ShardId> | null = null,
): readonly Step[] {
  const index = `/indexes/${context.physical}`;
  switch (operation.kind) {
    case "createIndex":
      return creationSteps(index, context.physical, operation.primaryKey);
    case "setPrimaryKey":
      return [
        {
          method: "PATCH",
          path: index,
          body: json({ primaryKey: operation.primaryKey }),
          settledBy: [],
          traceable: false,
        },
        settingsStep(
          index,
          nodeSettingsPatch(
            { settings: context.before, primaryKey: undefined },
            { settings: context.before, primaryKey: operation.primaryKey },
          ),
        ),
      ];
    case "changeSettings":
      return [
        settingsStep(
          index,
          nodeSettingsPatch(
            { settings: context.before, primaryKey: context.primaryKey },
            { settings: context.after, primaryKey: context.primaryKey },
          ),
        ),
      ];
    case "restoreSettings":
      return [settingsStep(index, restoredSettings(operation.embedders, context))];
    case "deleteIndex":
      return [deletionStep(index)];
    case "writeDocuments":
    case "restoreDocuments":
    case "deleteDocuments":
    case "deleteByFilter":
    case "deleteAllDocuments":
      return [documentStep(`${index}/documents`, operation)];
    case "editDocuments":
      return [documentStep(`${index}/documents`, editWithin(operation, part))];
    case "compactIndex":
      return [compactStep(index)];
    case "reshard":
    case "pass":
      return [];
  }
}

function creationSteps(
  index: string,
  physical: PhysicalUid,
  primaryKey: string | null,
): readonly Step[] {
  return [
    {
      method: "POST",
      path: "/indexes",
      body: json({ uid: physical, primaryKey }),
      settledBy: ["index_already_exists"],
      traceable: false,
    },
    settingsStep(index, nodeSettings(DEFAULT_SETTINGS, primaryKey ?? undefined)),
  ];
}

type DocumentOperation = Extract<
  Operation,
  {
    kind:
      | "writeDocuments"
      | "restoreDocuments"
      | "deleteDocuments"
      | "deleteByFilter"
      | "deleteAllDocuments"
      | "editDocuments";
  }
>;

function documentStep(path: string, operation: DocumentOperation): Step {
  const common = { settledBy: [], traceable: true };
  switch (operation.kind) {
    case "writeDocuments": {
      const primaryKey = encodeURIComponent(operation.primaryKey);
      const skip = operation.skipCreation ? "&skipCreation=true" : "";
      return {
        method: operation.mode === "replace" ? "POST" : "PUT",
        path: `${path}?primaryKey=${primaryKey}${skip}`,
        body: { kind: "payload" },
        ...common,
      };
    }
    case "restoreDocuments":
      return {
        method: "POST",
        path: `${path}?primaryKey=${encodeURIComponent(operation.primaryKey)}`,
        body: { kind: "payload" },
        ...common,
      };
    case "deleteDocuments":
      return { method: "POST", path: `${path}/delete-batch`, body: { kind: "payload" }, ...common };
    case "deleteByFilter":
      return {
        method: "POST",
        path: `${path}/delete`,
        body: { kind: "json", text: `{"filter":${operation.filter}}` },
        ...common,
      };
    case "deleteAllDocuments":
      return { method: "DELETE", path, body: null, ...common };
    case "editDocuments":
      return {
        method: "POST",
        path: `${path}/edit`,
        body: { kind: "json", text: editBody(operation) },
        ...common,
      };
  }
}

/** The body of a node's edit route. */
export function editBody(edit: {
  readonly function: string;
  readonly filter: string | null;
  readonly context: string | null;
}): string {
  const code = JSON.stringify(edit.function);
  return `{"function":${code},"filter":${edit.filter ?? "null"},"context":${edit.context ?? "null"}}`;
}

function editWithin<E extends { readonly filter: string | null }>(
  edit: E,
  part: ReadonlySet<ShardId> | null,
): E {
  return part === null ? edit : { ...edit, filter: filterWithin(edit.filter, part) };
}

/** The client's filter, as JSON text, for documents of some shards only. */
export function filterWithin(filter: string | null, shards: ReadonlySet<ShardId>): string {
  const marks = [...shards].map((shard) => `"${shardMark(shard)}"`).join(", ");
  const within = JSON.stringify(`${MARK_FIELD} IN [${marks}]`);
  if (filter === null) return within;
  // The elements of an outer list have to hold all; those of an inner one need not.
  if (!filter.startsWith("[")) return `[${filter},${within}]`;
  const elements = filter.slice(1, -1).trim();
  return elements === "" ? within : `[${elements},${within}]`;
}

function restoredSettings(embedders: readonly string[], context: StepContext): object {
  const settings = nodeSettings(context.before, context.primaryKey);
  const gone = Object.fromEntries(embedders.map((name) => [name, null]));
  return { ...settings, embedders: { ...gone, ...settings.embedders } };
}

function deletionStep(path: string): Step {
  return {
    method: "DELETE",
    path,
    body: null,
    settledBy: ["index_not_found"],
    traceable: false,
  };
}

function compactStep(index: string): Step {
  const path = `${index}/compact`;
  return { method: "POST", path, body: null, settledBy: [], traceable: false };
}

function settingsStep(index: string, settings: object): Step {
  return {
    method: "PATCH",
    path: `${index}/settings`,
    body: json(settings),
    settledBy: [],
    traceable: false,
  };
}

function json(value: object): Step["body"] {
  return { kind: "json", text: JSON.stringify(value) };
}
