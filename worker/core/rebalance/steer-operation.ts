/** Pausing, resuming and canceling an operation. */
import { isFinished, type TopologyOperation } from "./operation.ts";

export type Steered =
  | { readonly kind: "steered"; readonly operation: TopologyOperation }
  | { readonly kind: "refused"; readonly reason: string };

export function steer(operation: TopologyOperation, to: "pause" | "resume" | "cancel"): Steered {
  const { id, state, intent } = operation;
  if (isFinished(operation) || state === "canceling") {
    return { kind: "refused", reason: `operation ${id} is ${state}` };
  }
  switch (to) {
    case "pause":
      if (intent.kind === "reshard") {
        const reason = `operation ${id} builds an index anew while its writes wait: it cannot be paused, but canceled`;
        return { kind: "refused", reason };
      }
      return { kind: "steered", operation: { ...operation, state: "paused" } };
    case "resume":
      return {
        kind: "steered",
        operation: { ...operation, state: "running", failures: 0, retryAt: null },
      };
    case "cancel":
      // The node's shards would stay without their replicas, and the next look would begin it again.
      if (intent.kind === "fail") {
        const reason = `operation ${id} rebuilds what a failed node held: pause it, or remove the node`;
        return { kind: "refused", reason };
      }
      return { kind: "steered", operation: { ...operation, state: "canceling" } };
  }
}
