/** The network as it is stored, and its changes. */
import { v7 } from "uuid";
import { z } from "zod";

import {
  changedNetwork,
  NO_NETWORK,
  type Network,
  type NetworkPatch,
} from "../core/network/network.ts";
import type { ValueStore } from "./value-store.ts";

const NAME = "network";

const stored: z.ZodType<Network> = z.object({
  self: z.string().nullable(),
  remotes: z.record(
    z.string(),
    z.object({
      url: z.string(),
      searchApiKey: z.string().nullable(),
      writeApiKey: z.string().nullable(),
    }),
  ),
  shards: z.record(z.string(), z.object({ remotes: z.array(z.string()) })),
  version: z.string(),
});

export async function storedNetwork(values: ValueStore): Promise<Network> {
  return networkOf(await values.get(NAME));
}

export async function changeNetwork(values: ValueStore, patch: NetworkPatch): Promise<Network> {
  const text = await values.change(NAME, (before) =>
    JSON.stringify(changedNetwork(networkOf(before), patch, v7())),
  );
  return networkOf(text);
}

function networkOf(text: string | undefined): Network {
  return text === undefined ? NO_NETWORK : stored.parse(JSON.parse(text));
}
