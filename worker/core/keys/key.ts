/** An API key. Its secret is nowhere: it follows from the master key and the uid. */
import type { Instant } from "../ids.ts";
import type { KeyAction } from "./actions.ts";

/** A UUID in lower case with hyphens. */
export type KeyUid = string;

/** What a key allows: all that is needed to check requests. */
export interface KeyGrant {
  readonly uid: KeyUid;
  readonly actions: readonly KeyAction[];
  /** Patterns of index uids. */
  readonly indexes: readonly string[];
  /** Milliseconds since the Unix epoch; null for a key that lasts. */
  readonly expiresAt: number | null;
}

export interface ApiKey extends KeyGrant {
  readonly name: string | null;
  readonly description: string | null;
  /** `expiresAt` as the client sees it: with its own offset and fraction. */
  readonly expiresAtText: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** A key as a client asks for it. */
export type NewKey = Omit<ApiKey, "createdAt" | "updatedAt">;

/** Absent members stay as they are. */
export interface KeyPatch {
  readonly name?: string | null;
  readonly description?: string | null;
}

export function grantOf({ uid, actions, indexes, expiresAt }: KeyGrant): KeyGrant {
  return { uid, actions, indexes, expiresAt };
}

/** The JSON that clients see. `secret` is the key that follows from the uid. */
export function keyView(key: ApiKey, secret: string): object {
  return {
    name: key.name,
    description: key.description,
    key: secret,
    uid: key.uid,
    actions: key.actions,
    indexes: key.indexes,
    expiresAt: key.expiresAtText,
    createdAt: new Date(key.createdAt).toISOString(),
    updatedAt: new Date(key.updatedAt).toISOString(),
  };
}
