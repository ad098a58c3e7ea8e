/** The header of a tenant token: how it is signed. */
import { isArrayValue } from "../decode/decoders.ts";
import type { Json } from "../decode/json.ts";
import { quoted } from "../decode/mistakes.ts";
import { described, type TokenMember, type TokenMistake, TokenObject } from "./token-json.ts";

/** Those that Meilisearch knows; tokens are only accepted with the first three. */
const ALGORITHMS = [
  "HS256",
  "HS384",
  "HS512",
  "ES256",
  "ES384",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

const TEXTS = ["typ", "cty", "jku", "kid", "x5u", "x5t", "x5t#S256", "enc", "zip", "url", "nonce"];
const LISTS = ["x5c", "crit"];
const KNOWN: ReadonlySet<string> = new Set(["alg", "jwk", ...TEXTS, ...LISTS]);

/** Throws `TokenMistake`. */
export function algorithmOf(text: string): Algorithm {
  const header = new TokenObject(text, "Header", undefined);
  let algorithm: Algorithm | undefined;
  let unknown: TokenMistake | undefined;
  for (const [name, member] of header.members(KNOWN)) {
    if (name === "alg") algorithm = algorithmAt(header, member);
    else if (KNOWN.has(name)) checkField(header, name, member);
    else if (typeof member.value !== "string") unknown ??= notText(header, member.value);
  }
  if (algorithm === undefined) throw header.wrongWhole("missing field `alg`");
  if (unknown !== undefined) throw unknown;
  return algorithm;
}

function algorithmAt(header: TokenObject, member: TokenMember): Algorithm {
  const { value } = member;
  if (typeof value !== "string") throw header.unreadValue(member);
  const algorithm = ALGORITHMS.find((known) => known === value);
  if (algorithm !== undefined) return algorithm;
  const reason = `unknown variant \`${value}\`, expected one of ${quoted(ALGORITHMS)}`;
  throw header.wrongValue(member, reason);
}

function checkField(header: TokenObject, name: string, member: TokenMember): void {
  const { value } = member;
  if (value === null) return;
  if (TEXTS.includes(name)) {
    if (typeof value !== "string") throw header.wrongType(member, "a string");
    return;
  }
  if (LISTS.includes(name)) {
    if (!isArrayValue(value)) throw header.wrongType(member, "a sequence");
    const wrong = header.elements(member).find((element) => typeof element.value !== "string");
    if (wrong !== undefined) throw header.wrongType(wrong, "a string");
    return;
  }
  // A public key has no place in a token that is signed with a shared secret.
  throw header.wrongValue(
    member,
    "data did not match any variant of untagged enum AlgorithmParameters",
  );
}

/** As Meilisearch does: headers of one's own are texts. */
function notText(header: TokenObject, value: Json): TokenMistake {
  return header.wrongWhole(`invalid type: ${described(value)}, expected a string`);
}
