/**
 * A tenant token as it comes, taken apart but not yet verified. Mistakes are told in the order in
 * which Meilisearch finds them; some show only after the signature was looked at.
 */
import { Base64Mistake, decodeBase64Url } from "./base64-url.ts";
import { expiredToken, undecodableToken } from "./key-errors.ts";
import { claimsOf, type TokenClaims } from "./token-claims.ts";
import { algorithmOf } from "./token-header.ts";
import { TokenMistake } from "./token-json.ts";

export type TokenHash = "SHA-256" | "SHA-384" | "SHA-512";

const HASHES: ReadonlyMap<string, TokenHash> = new Map([
  ["HS256", "SHA-256"],
  ["HS384", "SHA-384"],
  ["HS512", "SHA-512"],
]);

export interface UnverifiedToken {
  readonly claims: TokenClaims;
  readonly hash: TokenHash;
  /** What the signature is of. */
  readonly signed: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Undefined when the text is not of three parts: then it can only be a key. */
export function readTenantToken(token: string): UnverifiedToken | undefined {
  const signatureAt = token.lastIndexOf(".");
  const claimsAt = token.lastIndexOf(".", signatureAt - 1);
  if (signatureAt < 1 || claimsAt === -1) return undefined;
  try {
    const algorithm = algorithmOf(jsonOf(token.slice(0, claimsAt)));
    const claims = claimsOf(jsonOf(token.slice(claimsAt + 1, signatureAt)));
    const hash = HASHES.get(algorithm);
    if (hash === undefined) throw new TokenMistake("InvalidAlgorithm");
    const signature = decodeBase64Url(token.slice(signatureAt + 1));
    return { claims, hash, signed: token.slice(0, signatureAt), signature };
  } catch (error) {
    throw asApiError(error);
  }
}

/** Checks what is left once it is known whether the signature is right. */
export function checkVerified({ claims }: UnverifiedToken, isSigned: boolean, now: number): void {
  if (!isSigned) throw undecodableToken("InvalidSignature");
  if (claims.hasAudience) throw undecodableToken("InvalidAudience");
  const seconds = Math.floor(now / 1000);
  if (claims.exp !== null && BigInt(seconds) > claims.exp) throw expiredToken(claims.exp, seconds);
}

function jsonOf(part: string): string {
  const bytes = decodeBase64Url(part);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new TokenMistake(
      `JSON error: invalid unicode code point at line 1 column ${bytes.length}`,
    );
  }
}

function asApiError(error: unknown): unknown {
  if (error instanceof TokenMistake) return undecodableToken(error.message);
  if (error instanceof Base64Mistake) return undecodableToken(`Base64 error: ${error.message}`);
  return error;
}
