/** The answers to a key that is missing, wrong, or not good enough. */
import { ApiError } from "../errors/api-error.ts";

export function missingHeader(): ApiError {
  return new ApiError(
    "missing_authorization_header",
    "The Authorization header is missing. It must use the bearer authorization method.",
  );
}

export function invalidKey(): ApiError {
  return new ApiError("invalid_api_key", "The provided API key is invalid.");
}

export function undecodableToken(reason: string): ApiError {
  return new ApiError("invalid_api_key", `Could not decode tenant token, ${reason}.`);
}

export function expiredToken(exp: bigint, now: number): ApiError {
  return new ApiError(
    "invalid_api_key",
    `Tenant token expired. Was valid up to \`${exp}\` and we're now \`${now}\`.`,
  );
}

export function tokenLacksIndex(index: string, allowed: readonly string[]): ApiError {
  return new ApiError(
    "invalid_api_key",
    `The provided tenant token cannot acces the index \`${index}\`, allowed indexes are ${listText(allowed)}.`,
  );
}

/** As Meilisearch does: what the parent key covers is not for the holder of a token to know. */
export function parentLacksIndex(index: string): ApiError {
  return new ApiError(
    "invalid_api_key",
    `The API key used to generate this tenant token cannot acces the index \`${index}\`.`,
  );
}

export function keyLacksIndex(index: string, allowed: readonly string[]): ApiError {
  return new ApiError(
    "invalid_api_key",
    `The API key cannot acces the index \`${index}\`, authorized indexes are ${listText(allowed)}.`,
  );
}

export function keyNotFound(key: string): ApiError {
  return new ApiError("api_key_not_found", `API key \`${key}\` not found.`);
}

export function keyExists(uid: string): ApiError {
  return new ApiError(
    "api_key_already_exists",
    `\`uid\` field value \`${uid}\` is already an existing API key.`,
  );
}

function listText(texts: readonly string[]): string {
  return `[${texts.map(debugText).join(", ")}]`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\0", "\\0"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

/** A text in double quotes, as Meilisearch's messages quote what they received. */
export function debugText(text: string): string {
  const escaped = text.replace(/["\\]|\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return ESCAPES.get(character) ?? `\\u{${code.toString(16)}}`;
  });
  return `"${escaped}"`;
}
