/** Load the golden corpus into an endpoint, replay the recorded requests and compare the answers. */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { firstDifference, parseExactly } from "./same-answer.ts";
import { GOLDEN_FOLDER, GOLDEN_INDEXES, goldenDocuments } from "./setup.ts";

const TASK_WITHIN_MS = 180_000;

export interface Endpoint {
  readonly url: string;
  readonly key: string;
}

export interface Difference {
  readonly id: string;
  readonly group: string;
  readonly request: string;
  /** Where the answers differ first. */
  readonly path: string;
  readonly want: string;
  readonly got: string;
}

export interface GroupResult {
  readonly group: string;
  readonly total: number;
  readonly same: number;
}

export interface Replay {
  readonly groups: readonly GroupResult[];
  readonly differences: readonly Difference[];
}

interface Recorded {
  readonly id: string;
  readonly group: string;
  readonly method: string;
  readonly path: string;
  /** JSON text; undefined when there is none. */
  readonly body: string | undefined;
  readonly status: number;
  readonly response: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Make the indexes and wait until every document can be found; the endpoint must be empty. */
export async function loadGolden(endpoint: Endpoint): Promise<void> {
  for (const { uid, primaryKey, settings } of GOLDEN_INDEXES) {
    await succeed(endpoint, "POST", "/indexes", JSON.stringify({ uid, primaryKey }));
    await succeed(endpoint, "PATCH", `/indexes/${uid}/settings`, JSON.stringify(settings));
    const documents = goldenDocuments(uid);
    await succeed(endpoint, "POST", `/indexes/${uid}/documents`, documents, "application/x-ndjson");
  }
}

/** Ask everything that was recorded, one request after the other. */
export async function replayGolden(
  endpoint: Endpoint,
  isWanted: (group: string) => boolean = () => true,
): Promise<Replay> {
  const groups = new Map<string, { total: number; same: number }>();
  const differences: Difference[] = [];
  for (const recorded of recordings()) {
    if (!isWanted(recorded.group)) continue;
    const result = groups.get(recorded.group) ?? { total: 0, same: 0 };
    groups.set(recorded.group, result);
    result.total += 1;
    const answer = await call(endpoint, recorded.method, recorded.path, recorded.body);
    const path =
      answer.status === recorded.status
        ? firstDifference(recorded.response, answer.body)
        : "status";
    if (path === undefined) result.same += 1;
    else differences.push(described(recorded, answer, path));
  }
  return {
    groups: [...groups].map(([group, result]) => ({ group, ...result })),
    differences,
  };
}

function recordings(): Recorded[] {
  const lines = readFileSync(`${GOLDEN_FOLDER}golden.jsonl`, "utf8").split("\n");
  return lines.filter((line) => line !== "").map(recordingOf);
}

function recordingOf(line: string): Recorded {
  const value = parseExactly(line);
  if (typeof value !== "object" || value === null) throw new Error("a recording is an object");
  const field = (name: string): unknown => Reflect.get(value, name);
  const body = field("body");
  return {
    id: String(field("id")),
    group: String(field("group")),
    method: String(field("method")),
    path: String(field("path")),
    body: body === null ? undefined : JSON.stringify(body),
    status: Number(field("status")),
    response: field("response"),
  };
}

async function call(
  { url, key }: Endpoint,
  method: string,
  path: string,
  body: string | undefined,
  contentType = "application/json",
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "Content-Type": contentType }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  try {
    // An error without a body was recorded as an empty text.
    const empty = response.ok ? null : "";
    return { status: response.status, body: text === "" ? empty : parseExactly(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

async function succeed(
  endpoint: Endpoint,
  method: string,
  path: string,
  body: string,
  contentType?: string,
): Promise<void> {
  const accepted = await call(endpoint, method, path, body, contentType);
  const uid = memberOf(accepted.body, "taskUid");
  if (typeof uid !== "number") {
    throw new Error(`${method} ${path}: ${accepted.status} ${textOf(accepted.body)}`);
  }
  const end = performance.now() + TASK_WITHIN_MS;
  while (performance.now() < end) {
    const task = await call(endpoint, "GET", `/tasks/${uid}`, undefined);
    const status = memberOf(task.body, "status");
    if (status === "succeeded") return;
    if (status !== "enqueued" && status !== "processing") {
      throw new Error(`${method} ${path}: ${textOf(task.body)}`);
    }
    await pause(50);
  }
  throw new Error(`${method} ${path}: task ${uid} did not end`);
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

function described(recorded: Recorded, answer: Answer, path: string): Difference {
  return {
    id: recorded.id,
    group: recorded.group,
    request: `${recorded.method} ${recorded.path} ${recorded.body ?? ""}`,
    path,
    want: `${recorded.status} ${textOf(recorded.response)}`,
    got: `${answer.status} ${textOf(answer.body)}`,
  };
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "bigint" ? String(member) : member,
  ).slice(0, 600);
