/** What the control plane says to a change, as an answer or an error of the admin API. */
import type { z } from "zod";

import type { ControlChange, ControlReply } from "../../../durable-objects/topology/control-rpc.ts";
import type { changeView } from "../../admin/schemas.ts";
import { namesOf, viewNode, viewOperation } from "../../admin/views.ts";
import { indexNotFound } from "../../cluster/index-writer.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { nodeId, type NodeId } from "../../core/ids.ts";
import type { Call } from "../../http/call.ts";
import { expectedEpoch, type AdminAnswer } from "./admin-route.ts";

type AcceptedChange = Extract<ControlReply, { kind: "accepted" }>;

export type ChangeView = z.infer<typeof changeView>;

/** Asks for a change; answers when it is recorded, not when it is carried out. */
export async function asked(call: Call, change: ControlChange): Promise<AdminAnswer<ChangeView>> {
  const { epoch, operation, node } = await accepted(call, change);
  const { indexes } = await call.cluster.overview();
  const status = operation === undefined ? undefined : { operation, steps: [] };
  const value = {
    epoch,
    operation: status === undefined ? null : viewOperation(status, namesOf(indexes), Date.now()),
    node:
      node === undefined
        ? null
        : viewNode({ node, problem: undefined, downSince: undefined }, indexes),
    plan: null,
  };
  return { value, epoch };
}

/** What the Cluster says to a change that it has accepted; throws why it has not. */
export async function accepted(call: Call, change: ControlChange): Promise<AcceptedChange> {
  const reply = await call.cluster.control({ change, epoch: expectedEpoch(call) });
  switch (reply.kind) {
    case "accepted":
      return reply;
    case "conflict":
      throw new ApiError("miroir_topology_conflict", reply.reason);
    case "unknownNode":
      throw nodeNotFound(reply.node);
    case "unknownIndex":
      throw new ApiError("index_not_found", indexNotFound(reply.uid).message);
    case "unknownAlias":
      throw new ApiError("miroir_alias_not_found", `Alias \`${reply.alias}\` not found.`);
    case "unknownOperation":
      throw operationNotFound(`${reply.operation}`);
  }
}

/** The node that the path names. */
export const nodeOfPath = (call: Call): NodeId => nodeId(call.param("nodeId"));

export function operationNotFound(id: string): ApiError {
  return new ApiError("miroir_operation_not_found", `Operation \`${id}\` not found.`);
}

export function nodeNotFound(node: NodeId): ApiError {
  return new ApiError("miroir_node_not_found", `Node \`${node}\` not found.`);
}
