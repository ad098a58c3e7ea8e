/** Aliases: list, set, remove, and several changes at once. Answered when every reader goes by it. */
import type { z } from "zod";

import { leasesEnded } from "../../cluster/key-writer.ts";
import { aliasChangesSchema, aliasSchema, aliasesView } from "../../admin/schemas.ts";
import { viewAlias } from "../../admin/views.ts";
import { indexUid, type IndexUid } from "../../core/ids.ts";
import { checkIndexUid } from "../../core/query/parse-index.ts";
import type { AliasChange } from "../../core/topology/aliases.ts";
import type { Call } from "../../http/call.ts";
import { adminRoute, type AdminAnswer, type AdminRoute } from "./admin-route.ts";
import { accepted } from "./changes.ts";

type AliasesView = z.infer<typeof aliasesView>;

export const aliasRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "GET",
    path: "aliases",
    summary: "Every alias with the indexes that it stands for; the ETag is the epoch",
    reply: aliasesView,
    serve: async (call) => await list(call),
  }),
  adminRoute({
    method: "PATCH",
    path: "aliases",
    summary: "Leads several aliases to other indexes at one moment; null removes one",
    body: aliasChangesSchema,
    reply: aliasesView,
    serve: async (call, changes) =>
      await flip(
        call,
        Object.entries(changes).map(([alias, indexes]) => {
          return { alias: checkIndexUid(indexUid(alias)), indexes: indexes?.map(indexUid) ?? null };
        }),
      ),
  }),
  adminRoute({
    method: "PUT",
    path: "aliases/:alias",
    summary: "Makes an alias, or leads it to other indexes at one moment for every reader",
    body: aliasSchema,
    reply: aliasesView,
    serve: async (call, { indexes }) =>
      await flip(call, [{ alias: aliasOf(call), indexes: indexes.map(indexUid) }]),
  }),
  adminRoute({
    method: "DELETE",
    path: "aliases/:alias",
    summary: "Removes an alias; its indexes stay",
    reply: aliasesView,
    serve: async (call) => await flip(call, [{ alias: aliasOf(call), indexes: null }]),
  }),
];

const aliasOf = (call: Call): IndexUid => checkIndexUid(indexUid(call.param("alias")));

async function list(call: Call): Promise<AdminAnswer<AliasesView>> {
  const { epoch, aliases, indexes } = await call.cluster.overview();
  return { value: { epoch, results: aliases.map((alias) => viewAlias(alias, indexes)) }, epoch };
}

/** The lease that this Worker has on the older names is given up: it need not be waited for. */
async function flip(
  call: Call,
  changes: readonly AliasChange[],
): Promise<AdminAnswer<AliasesView>> {
  const { cluster, lease } = call.writes;
  const { epoch } = await accepted(call, { kind: "aliases", changes });
  const released = lease.drop();
  if (released !== undefined) await cluster.releaseLease(released);
  await leasesEnded(cluster, epoch);
  return await list(call);
}
