/**
 * Who a node is, from what it keeps and what is known of it. A node keeps a document that says which
 * cluster and which node it is, and in which life: it comes with its disk and goes with it. Whoever
 * answers at a node's address without it, with another one, or with fewer tasks behind it than it
 * had, does not have what the node had.
 *
 * | known before | document        | other indexes on it    | tasks        | verdict  |
 * | ------------ | --------------- | ---------------------- | ------------ | -------- |
 * | no           | none            | none of another Miroir |              | new      |
 * | no           | ours, this node |                        |              | new      |
 * | yes          | none            | none of another Miroir |              | wiped    |
 * | any          | none            | of another Miroir      |              | foreign  |
 * | any          | another's       |                        |              | foreign  |
 * | yes          | another life    |                        |              | restored |
 * | yes          | ours, this life |                        | fewer        | restored |
 * | yes          | ours, this life |                        | as many      | same     |
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
}

export interface SeenNode {
  readonly document: IdentityDocument | null;
  /** Undefined when it was not looked at. */
  readonly lastTask: number | undefined;
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
  const hasFewer = seen.lastTask !== undefined && seen.lastTask < known.lastTask;
  return { kind: hasFewer ? "restored" : "same" };
}
