/**
 * Who a node is, from what it keeps and what is known of it. A node keeps a document that says which
 * cluster and which node it is, and in which life: it comes with its disk and goes with it. Whoever
 * answers at a node's address without it, with another one, or without the last task that it was known
 * to have, does not have what the node had. After an old disk has come back its next tasks get numbers
 * that were given before, so that a task is known by its time as well.
 *
 * | known before | document        | other indexes on it    | tasks        | verdict  |
 * | ------------ | --------------- | ---------------------- | ------------ | -------- |
 * | no           | none            | none of another Miroir |              | new      |
 * | no           | ours, this node |                        |              | new      |
 * | yes          | none            | none of another Miroir |              | wiped    |
 * | any          | none            | of another Miroir      |              | foreign  |
 * | any          | another's       |                        |              | foreign  |
 * | yes          | another life    |                        |              | restored |
 * | yes          | ours, this life |                        | without the  | restored |
 * |              |                 |                        | last one     |          |
 * | yes          | ours, this life |                        | with it      | same     |
 */
import type { NodeId } from "../ids.ts";

export interface IdentityDocument {
  readonly cluster: string;
  readonly node: string;
  /** A new one whenever the node begins anew. */
  readonly incarnation: string;
}

export interface KnownNode {
  readonly incarnation: string;
  /** The highest task uid that the node was ever seen to have; -1 for none. */
  readonly lastTask: number;
  /** When that task was enqueued, as the node says it; null when it was not seen itself. */
  readonly lastTaskAt: string | null;
}

export interface SeenNode {
  readonly document: IdentityDocument | null;
  /** The highest task uid that it has; -1 for none. */
  readonly lastTask: number;
  /** When the task was enqueued that was known to be the last; null when it has none of that uid. */
  readonly knownTaskAt: string | null;
  /** Indexes on the node; looked at only where there is no document. */
  readonly indexes: readonly string[];
}

export type Verdict =
  | { readonly kind: "same" }
  | { readonly kind: "new" }
  | { readonly kind: "wiped" }
  | { readonly kind: "restored" }
  | { readonly kind: "foreign"; readonly problem: string };

/** The index that keeps the document; no client's index has such a name on a node. */
export const IDENTITY_INDEX = "miroir-identity";

/** Indexes that a Miroir made end like this. */
const PHYSICAL = /-[0-9a-f]{8}$/;

export function judge(
  self: { readonly cluster: string; readonly node: NodeId },
  known: KnownNode | undefined,
  seen: SeenNode,
  isOurs: (index: string) => boolean,
): Verdict {
  const { document } = seen;
  if (document === null) {
    const strange = seen.indexes.find((index) => PHYSICAL.test(index) && !isOurs(index));
    if (strange !== undefined) {
      return { kind: "foreign", problem: `it holds \`${strange}\` of another cluster` };
    }
    return { kind: known === undefined ? "new" : "wiped" };
  }
  if (document.cluster !== self.cluster) {
    return { kind: "foreign", problem: `it is node ${document.node} of another cluster` };
  }
  if (document.node !== self.node) {
    return { kind: "foreign", problem: `it is node ${document.node} and not ${self.node}` };
  }
  if (known === undefined) return { kind: "new" };
  if (document.incarnation !== known.incarnation) return { kind: "restored" };
  if (seen.lastTask < known.lastTask) return { kind: "restored" };
  const isOther = known.lastTaskAt !== null && seen.knownTaskAt !== known.lastTaskAt;
  return { kind: isOther ? "restored" : "same" };
}
