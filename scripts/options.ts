/**
 * The options of `npm start` and `npm run serve`, read and checked as a whole: either every value is
 * usable or the first wrong one is named in a single line. The limits are those of the Worker itself.
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { ConfigError, parseConfig } from "../worker/config.ts";
import { SHARD_COUNT_MAX } from "../worker/core/limits.ts";

/** Nodes that one command starts: each is a Durable Object or a process on this machine. */
const NODE_COUNT_MAX = 64;
const RF_MAX = 16;
const NODE_NAME = /^[\w-]{1,64}$/;
/** What fits in an `Authorization: Bearer` header as it is. */
const KEY = /^[\x21-\x7e]+$/;

export interface NamedNode {
  readonly id: string;
  readonly url: string;
}

export type Fleet =
  | { readonly kind: "embedded"; readonly nodes: readonly NamedNode[] }
  /** Meilisearch processes that we start, from the program at `program`. */
  | { readonly kind: "started"; readonly names: readonly string[]; readonly program: string }
  /** Meilisearch processes that run already. */
  | { readonly kind: "given"; readonly nodes: readonly NamedNode[] };

export interface Options {
  readonly port: number;
  readonly key: string;
  readonly stateFolder: string;
  readonly shardCount: number;
  readonly replicationFactor: number;
  readonly fleet: Fleet;
  readonly nodeKey: string | undefined;
}

export type Command =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" };

/** A wrong option; the message is one line for the user. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** A row of the usage text per option. */
const OPTIONS = {
  port: { value: "N", help: "port to listen on (7700)" },
  nodes: { value: "N", help: "nodes to start (3)" },
  rf: { value: "N", help: "replicas of each shard (1)" },
  shards: { value: "N", help: "shards of a new index (16)" },
  key: { value: "K", help: "master key for clients (dev-key)" },
  state: { value: "DIR", help: "folder that everything is kept in (.miroir)" },
  node: { value: "NAME=URL", help: "a running Meilisearch instead; repeat for more" },
  "node-key": { value: "K", help: "master key of the nodes" },
  meilisearch: { value: "", help: "real Meilisearch nodes, from MEILISEARCH_BIN or PATH" },
  help: { value: "", help: "this text" },
} as const;

type OptionName = keyof typeof OPTIONS;

/** The text of `--help` for `npm start` or `npm run serve`. */
export function usage(command: string): string {
  const rows = Object.entries(OPTIONS).map(
    ([name, { value, help }]) => `  ${`--${name} ${value}`.padEnd(20)}${help}`,
  );
  return [`${command} -- [options]`, "", ...rows].join("\n");
}

/** Read a command line; throws OptionError. */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const given = readArguments(args);
  if (given.has("help")) return { kind: "help" };
  const fleet = fleetOf(given, environment);
  const count = fleet.kind === "started" ? fleet.names.length : fleet.nodes.length;
  const replicationFactor = wholeNumber(given, "rf", 1, 1, RF_MAX);
  if (replicationFactor > count) {
    throw new OptionError(
      `--rf is ${replicationFactor}, but there ${count === 1 ? "is 1 node" : `are only ${count} nodes`}`,
    );
  }
  const nodeKey = keyOf(given, "node-key");
  if (nodeKey !== undefined && fleet.kind === "embedded") {
    throw new OptionError("--node-key needs --node or --meilisearch");
  }
  const options: Options = {
    port: wholeNumber(given, "port", 7700, 1, 65_535),
    key: keyOf(given, "key") ?? "dev-key",
    stateFolder: stateFolderOf(last(given, "state") ?? ".miroir"),
    shardCount: wholeNumber(given, "shards", 16, 1, SHARD_COUNT_MAX),
    replicationFactor,
    fleet,
    nodeKey,
  };
  if (fleet.kind !== "started") checkAsTheWorkerDoes(options, fleet.nodes);
  return { kind: "run", options };
}

/** The Worker's variables that these options stand for, with the nodes as they really run. */
export function workerVariables(
  options: Pick<Options, "key" | "shardCount" | "replicationFactor">,
  nodes: readonly NamedNode[],
  nodeKey: string | undefined,
): Record<string, string> {
  return {
    MIROIR_MASTER_KEY: options.key,
    MIROIR_NODES: JSON.stringify(nodes.map(({ id, url }) => ({ id, url }))),
    MIROIR_SHARDS: String(options.shardCount),
    MIROIR_RF: String(options.replicationFactor),
    ...(nodeKey === undefined ? {} : { MIROIR_NODE_KEY: nodeKey }),
  };
}

type Given = ReadonlyMap<OptionName, readonly string[]>;

function readArguments(args: readonly string[]): Given {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(OPTIONS).map(([name, { value }]) => [
        name,
        { type: value === "" ? "boolean" : "string", multiple: true } as const,
      ]),
    ),
  });
  const given = new Map<OptionName, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new OptionError(
        `unexpected argument "${token.value}": options start with --, after "npm start --"`,
      );
    }
    if (token.kind === "option-terminator") continue;
    if (!isOptionName(token.name)) throw new OptionError(`unknown option ${token.rawName}`);
    const takesValue = OPTIONS[token.name].value !== "";
    if (takesValue && token.value === undefined) {
      throw new OptionError(`${token.rawName} needs a value`);
    }
    if (!takesValue && token.value !== undefined) {
      throw new OptionError(`${token.rawName} takes no value`);
    }
    given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? ""]);
  }
  return given;
}

const isOptionName = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

const last = (given: Given, name: OptionName): string | undefined => given.get(name)?.at(-1);

function wholeNumber(
  given: Given,
  name: OptionName,
  fallback: number,
  min: number,
  max: number,
): number {
  const text = last(given, name);
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new OptionError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return number;
}

function keyOf(given: Given, name: "key" | "node-key"): string | undefined {
  const key = last(given, name);
  if (key !== undefined && !KEY.test(key)) {
    throw new OptionError(`--${name} must be letters, digits and signs without spaces`);
  }
  return key;
}

function stateFolderOf(text: string): string {
  if (text === "") throw new OptionError("--state needs a folder");
  const folder = resolve(text);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new OptionError(`--state: ${folder} is not a folder`);
  }
  return folder;
}

function fleetOf(given: Given, environment: Readonly<Record<string, string | undefined>>): Fleet {
  const wanted = given.get("node");
  const isStarted = given.has("meilisearch");
  if (wanted !== undefined) {
    if (isStarted) throw new OptionError("--node and --meilisearch exclude each other");
    if (given.has("nodes")) throw new OptionError("--node and --nodes exclude each other");
    return { kind: "given", nodes: givenNodes(wanted) };
  }
  const count = wholeNumber(given, "nodes", 3, 1, NODE_COUNT_MAX);
  const names = Array.from({ length: count }, (_, position) => `n${position}`);
  if (isStarted) return { kind: "started", names, program: meilisearchProgram(environment) };
  return { kind: "embedded", nodes: names.map((id) => ({ id, url: `embedded://${id}` })) };
}

function givenNodes(texts: readonly string[]): NamedNode[] {
  const nodes = texts.map((text) => {
    const [, id = "", url = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
    if (!NODE_NAME.test(id)) {
      throw new OptionError(
        `--node must be NAME=URL with a name of letters, digits, - and _, not "${text}"`,
      );
    }
    if (!isNodeUrl(url)) {
      throw new OptionError(`--node ${id}: "${url}" is not a URL like http://host:7700`);
    }
    return { id, url: url.replace(/\/$/, "") };
  });
  const twice = nodes.find(({ id }, position) => nodes.findIndex((n) => n.id === id) < position);
  if (twice !== undefined) throw new OptionError(`--node ${twice.id} is given twice`);
  return nodes;
}

function isNodeUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^(https?|embedded):$/.test(url.protocol) &&
    url.host !== "" &&
    url.href.replace(/\/$/, "") === `${url.protocol}//${url.host}`
  );
}

/** Where the Meilisearch program is; undefined when there is none. */
export function findMeilisearch(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = environment["MEILISEARCH_BIN"];
  if (named !== undefined && named !== "") return isProgram(named) ? resolve(named) : undefined;
  return (environment["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "meilisearch"))
    .find(isProgram);
}

function meilisearchProgram(environment: Readonly<Record<string, string | undefined>>): string {
  const program = findMeilisearch(environment);
  if (program !== undefined) return program;
  const named = environment["MEILISEARCH_BIN"];
  throw new OptionError(
    named === undefined || named === ""
      ? "--meilisearch: set MEILISEARCH_BIN to the program or put meilisearch on PATH"
      : `--meilisearch: MEILISEARCH_BIN is "${named}", which is not a program`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What the Worker would refuse at its first request is refused here, before anything starts. */
function checkAsTheWorkerDoes(options: Options, nodes: readonly NamedNode[]): void {
  try {
    parseConfig(workerVariables(options, nodes, options.nodeKey));
  } catch (error) {
    if (error instanceof ConfigError) throw new OptionError(error.message);
    throw error;
  }
}
