/**
 * Secrets of keys. The key of a uid is HMAC-SHA256(master key, uid) in hex: it is stored nowhere,
 * and everybody with the master key gets the same one.
 */
import type { KeyUid } from "../core/keys/key.ts";
import type { TokenHash } from "../core/keys/tenant-token.ts";

const encoder = new TextEncoder();

/** Makes secrets from one master key. */
export class Secrets {
  readonly #masterKey: Promise<CryptoKey>;

  constructor(masterKey: string) {
    this.#masterKey = hmacKey(masterKey, "SHA-256", "sign");
  }

  async of(uid: KeyUid): Promise<string> {
    const key = await this.#masterKey;
    return hexOf(await crypto.subtle.sign("HMAC", key, encoder.encode(uid)));
  }
}

/** Whether the signature was made with the secret; takes the same time wherever it differs. */
export async function isSignedWith(
  secret: string,
  hash: TokenHash,
  signature: Uint8Array<ArrayBuffer>,
  signed: string,
): Promise<boolean> {
  const key = await hmacKey(secret, hash, "verify");
  return await crypto.subtle.verify("HMAC", key, signature, encoder.encode(signed));
}

/** Stands for a secret where secrets are compared: nobody can choose where two digests differ. */
export async function digestOf(text: string): Promise<ArrayBuffer> {
  return await crypto.subtle.digest("SHA-256", encoder.encode(text));
}

export function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function hmacKey(
  secret: string,
  hash: TokenHash,
  use: "sign" | "verify",
): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash };
  return await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, [use]);
}
