/**
 * The keys of the cluster with their secrets, as one isolate knows them. A secret is derived once per
 * key and forgotten with it, so memory is bounded by the number of keys. A presented key is looked
 * up by its digest: the time that takes says nothing about any secret.
 */
import type { KeyGrant, KeyUid } from "../core/keys/key.ts";
import { digestOf, hexOf, Secrets } from "./secrets.ts";

interface Known<K> {
  readonly byUid: ReadonlyMap<KeyUid, K>;
  readonly byDigest: ReadonlyMap<string, K>;
}

interface Derived {
  readonly secret: string;
  readonly digest: string;
}

const encoder = new TextEncoder();
const HEX_KEY = /^[0-9a-fA-F]{64}$/;

export class Keyring {
  readonly #secrets: Secrets;
  readonly #masterKey: Uint8Array;
  #derived: ReadonlyMap<KeyUid, Derived> = new Map();
  #keys: readonly KeyGrant[] = [];
  #known: Promise<Known<KeyGrant>> = Promise.resolve({ byUid: new Map(), byDigest: new Map() });

  constructor(masterKey: string) {
    this.#secrets = new Secrets(masterKey);
    this.#masterKey = encoder.encode(masterKey);
  }

  /** Takes the same time wherever the two differ; only their lengths can be told. */
  isMasterKey(token: string): boolean {
    const presented = encoder.encode(token);
    if (presented.byteLength !== this.#masterKey.byteLength) return false;
    return crypto.subtle.timingSafeEqual(presented, this.#masterKey);
  }

  /** The key that a client presents, if it is one of these. */
  async find(keys: readonly KeyGrant[], presented: string): Promise<KeyGrant | undefined> {
    if (!HEX_KEY.test(presented)) return undefined;
    const { byDigest } = await this.#knownOf(keys);
    // As Meilisearch does: hex is hex in either case.
    return byDigest.get(hexOf(await digestOf(presented.toLowerCase())));
  }

  async byUid(keys: readonly KeyGrant[], uid: KeyUid): Promise<KeyGrant | undefined> {
    return (await this.#knownOf(keys)).byUid.get(uid);
  }

  /** The secret of any uid; only those of keys that exist are remembered. */
  async secretOf(uid: KeyUid): Promise<string> {
    return this.#derived.get(uid)?.secret ?? (await this.#secrets.of(uid));
  }

  /** The same list is the same object, so this is work once per change of the keys. */
  async #knownOf(keys: readonly KeyGrant[]): Promise<Known<KeyGrant>> {
    if (keys !== this.#keys) {
      this.#keys = keys;
      this.#known = this.#derive(keys);
    }
    return await this.#known;
  }

  async #derive(keys: readonly KeyGrant[]): Promise<Known<KeyGrant>> {
    const derived = new Map(
      await Promise.all(keys.map(async ({ uid }) => [uid, await this.#derivedOf(uid)] as const)),
    );
    if (keys === this.#keys) this.#derived = derived;
    return {
      byUid: new Map(keys.map((key) => [key.uid, key])),
      byDigest: new Map(keys.map((key) => [derived.get(key.uid)?.digest ?? "", key])),
    };
  }

  async #derivedOf(uid: KeyUid): Promise<Derived> {
    const known = this.#derived.get(uid);
    if (known !== undefined) return known;
    const secret = await this.#secrets.of(uid);
    return { secret, digest: hexOf(await digestOf(secret)) };
  }
}
