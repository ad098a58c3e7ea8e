/**
 * Who calls, and what they may reach. Only `Authorization: Bearer` counts, as in Meilisearch: the
 * master key, an API key, or a tenant token that was signed with one.
 */
import { accessOf, FULL_ACCESS, NO_ACCESS, type Access, type Caller } from "../core/keys/access.ts";
import { acceptsTenantTokens, type Action } from "../core/keys/actions.ts";
import { invalidKey, missingHeader } from "../core/keys/key-errors.ts";
import type { KeyGrant } from "../core/keys/key.ts";
import { checkVerified, readTenantToken, type UnverifiedToken } from "../core/keys/tenant-token.ts";
import type { Keyring } from "./keyring.ts";
import { isSignedWith } from "./secrets.ts";

export interface AuthTools {
  readonly keyring: Keyring;
  /**
   * The keys as of now. With `refresh`, asked so late that a key is among them whose creation was
   * answered before the request came.
   */
  readonly keys: (refresh: boolean) => Promise<readonly KeyGrant[]>;
  readonly now: () => number;
}

export interface AuthRequest {
  /** The `Authorization` header. */
  readonly header: string | null;
  /** What the route does; of several, all must be allowed. */
  readonly actions: readonly Action[];
  /** The uid of the path, as it is written there. */
  readonly index: string | undefined;
}

/** Checks a request; throws the error that Meilisearch would answer. */
export async function authorize(request: AuthRequest, tools: AuthTools): Promise<Access> {
  const [first] = request.actions;
  if (first === undefined || first === "none") return NO_ACCESS;
  const token = bearerToken(request.header);
  if (tools.keyring.isMasterKey(token)) return FULL_ACCESS;
  const now = tools.now();
  const caller = await callerOf(token, request.actions, tools, now);
  const accesses = request.actions.map((action) => accessOf(caller, action, request.index, now));
  return accesses[0] ?? NO_ACCESS;
}

/** As Meilisearch does: a header that is not plain ASCII is like none, a scheme is written one way. */
function bearerToken(header: string | null): string {
  if (header === null || !/^[\t\x20-\x7e]*$/.test(header)) throw missingHeader();
  const space = header.indexOf(" ");
  if ((space === -1 ? header : header.slice(0, space)) !== "Bearer") throw missingHeader();
  if (space === -1) throw invalidKey();
  return header.slice(space + 1);
}

async function callerOf(
  token: string,
  actions: readonly Action[],
  tools: AuthTools,
  now: number,
): Promise<Caller> {
  const tenant = actions.every(acceptsTenantTokens) ? readTenantToken(token) : undefined;
  if (tenant === undefined) {
    const key = await found(tools, (keys) => tools.keyring.find(keys, token));
    return { key, rules: null };
  }
  await verify(tenant, tools, now);
  const { keyUid, searchRules } = tenant.claims;
  const key = await found(tools, (keys) => tools.keyring.byUid(keys, keyUid));
  return { key, rules: searchRules };
}

/** As Meilisearch does: the signature is checked before it matters whether the key exists. */
async function verify(token: UnverifiedToken, tools: AuthTools, now: number): Promise<void> {
  const secret = await tools.keyring.secretOf(token.claims.keyUid);
  const { hash, signature, signed } = token;
  checkVerified(token, await isSignedWith(secret, hash, signature, signed), now);
}

/** A key that is not known here may have been created elsewhere a moment ago. */
async function found(
  tools: AuthTools,
  find: (keys: readonly KeyGrant[]) => Promise<KeyGrant | undefined>,
): Promise<KeyGrant> {
  const key = (await find(await tools.keys(false))) ?? (await find(await tools.keys(true)));
  if (key === undefined) throw invalidKey();
  return key;
}
