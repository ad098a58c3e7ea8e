/**
 * The network of Meilisearch instances that this one knows: read, changed and shown as Meilisearch
 * does. It says which remotes there are and which of them is this one; documents are never shared
 * out over it, that is what Miroir's own nodes are for.
 */
import { anything, asObject, dictionary, list, nullable, text } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import { urlMistake } from "../webhooks/url-mistake.ts";

export interface Remote {
  readonly url: string;
  readonly searchApiKey: string | null;
  readonly writeApiKey: string | null;
}

export interface Network {
  readonly self: string | null;
  readonly remotes: Readonly<Record<string, Remote>>;
  readonly shards: Readonly<Record<string, { readonly remotes: readonly string[] }>>;
  /** Grows with every change. */
  readonly version: string;
}

export const NO_NETWORK: Network = {
  self: null,
  remotes: {},
  shards: {},
  version: "00000000-0000-0000-0000-000000000000",
};

/** Undefined: as it is; null: back to nothing. */
export interface NetworkPatch {
  readonly self: string | null | undefined;
  readonly remotes: ReadonlyMap<string, RemotePatch | null> | null | undefined;
  readonly shards: ReadonlyMap<string, ShardPatch | null> | null | undefined;
  readonly hasLeader: boolean;
}

interface ShardPatch {
  readonly remotes: readonly string[] | undefined;
}

interface RemotePatch {
  readonly url: string | undefined;
  readonly searchApiKey: string | null | undefined;
  readonly writeApiKey: string | null | undefined;
}

export function parseNetwork(body: string): NetworkPatch {
  const remotes = new Optional<NetworkPatch["remotes"]>(
    nullable(dictionary(nullable(remote))),
    undefined,
    "invalid_network_remotes",
  );
  const shards = new Optional<NetworkPatch["shards"]>(
    nullable(dictionary(nullable(shard))),
    undefined,
    "invalid_network_shards",
  );
  const self = new Optional<string | null | undefined>(
    nullable(text),
    undefined,
    "invalid_network_self",
  );
  const leader = new Optional<string | null>(nullable(text), null, "invalid_network_leader");
  const previousShards = new Optional<Json>(anything, null);
  const previousRemotes = new Optional<Json>(anything, null);
  const slots = { remotes, shards, previousShards, self, leader, previousRemotes };
  fill(slots, parseJson(body), Place.root());
  if (previousRemotes.value !== null) {
    throw new ApiError(
      "unexpected_network_previous_remotes",
      "Unexpected `previousRemotes` in network call.\n  - Note: `previousRemote` is reserved for internal use.",
    );
  }
  return {
    self: self.value,
    remotes: remotes.value,
    shards: shards.value,
    hasLeader: leader.value !== null,
  };
}

function shard(value: Json, at: Place): ShardPatch {
  const remotes = new Optional<readonly string[] | undefined>(list(text), undefined);
  fill({ remotes }, value, at);
  return { remotes: remotes.value };
}

function remote(value: Json, at: Place): RemotePatch {
  const url = new Optional<string | undefined>(remoteUrl, undefined, "invalid_network_url");
  const key = (code: "invalid_network_search_api_key" | "invalid_network_write_api_key") =>
    new Optional<string | null | undefined>(nullable(text), undefined, code);
  const searchApiKey = key("invalid_network_search_api_key");
  const writeApiKey = key("invalid_network_write_api_key");
  asObject(value, at);
  fill({ url, searchApiKey, writeApiKey }, value, at);
  return { url: url.value, searchApiKey: searchApiKey.value, writeApiKey: writeApiKey.value };
}

function remoteUrl(value: Json, at: Place): string {
  const found = text(value, at);
  const mistake = urlMistake(found);
  if (mistake === undefined) return found;
  const path = at.phrase("").trim();
  throw new ApiError("invalid_network_url", `Invalid ${path} (\`${found}\`): ${mistake}`);
}

/** The network after a change; a remote that is new must say where it is. */
export function changedNetwork(before: Network, patch: NetworkPatch, version: string): Network {
  const remotes = patch.remotes === null ? {} : { ...before.remotes };
  for (const [name, change] of patch.remotes ?? []) {
    if (change === null) {
      delete remotes[name];
      continue;
    }
    const known = Object.hasOwn(remotes, name) ? remotes[name] : undefined;
    const url = change.url ?? known?.url;
    if (url === undefined) {
      throw new ApiError("missing_network_url", `Missing field \`.remotes.${name}.url\``);
    }
    remotes[name] = {
      url,
      searchApiKey: changed(known?.searchApiKey, change.searchApiKey),
      writeApiKey: changed(known?.writeApiKey, change.writeApiKey),
    };
  }
  const shards = patch.shards === null ? {} : { ...before.shards };
  for (const [name, change] of patch.shards ?? []) {
    if (change === null) delete shards[name];
    else shards[name] = { remotes: change.remotes ?? shards[name]?.remotes ?? [] };
  }
  return { self: changed(before.self, patch.self), remotes, shards, version };
}

function changed(before: string | null | undefined, patch: string | null | undefined) {
  return patch === undefined ? (before ?? null) : patch;
}

/** As answers show it. Which remotes answer is not looked at: none of them is ever asked. */
export function viewNetwork({ self, remotes, shards, version }: Network): object {
  const shown = Object.entries(remotes).map(([name, one]) => [
    name,
    { ...one, status: "available" },
  ]);
  return { self, remotes: Object.fromEntries(shown), shards, leader: null, version };
}

/**
 * The name that hits carry for a query that asks for a remote; undefined for one that does not.
 * Only this instance itself is searched.
 */
export function searchedRemote(network: Network, name: string | null): string | undefined {
  if (name === null) return undefined;
  if (name === network.self) return name;
  if (!Object.hasOwn(network.remotes, name)) {
    throw new ApiError(
      "invalid_multi_search_remote",
      `Invalid \`.federation_options.remote\`: remote \`${name}\` is not registered`,
    );
  }
  throw new ApiError(
    "miroir_not_supported",
    `Miroir does not search other instances: remote \`${name}\`. Make its documents an index of this one.`,
  );
}
