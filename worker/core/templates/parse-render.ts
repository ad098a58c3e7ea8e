/**
 * The body of `POST /render-template`: a template that stands in the request, and what it is
 * rendered for. Templates that stand in the settings of an index are known to Meilisearch too; they
 * are read by the client from those settings here.
 */
import { asObject, oneOf, text } from "../decode/decoders.ts";
import { Optional, Required, fill } from "../decode/fields.ts";
import { jsonText, type Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";

const TEMPLATES = [
  "documentTemplate",
  "chatDocumentTemplate",
  "indexingFragment",
  "searchFragment",
  "inlineDocumentTemplate",
  "inlineFragment",
] as const;

const INPUTS = ["indexDocument", "inlineDocument", "inlineSearch"] as const;

export type RenderInput =
  | { readonly kind: "none" }
  /** JSON text as the client sent it. */
  | { readonly kind: "inline"; readonly text: string }
  | { readonly kind: "document"; readonly indexUid: string; readonly id: string };

export interface RenderRequest {
  /** JSON text as the client sent it. */
  readonly template: string;
  readonly input: RenderInput;
}

export function parseRender(body: string): RenderRequest {
  const template = new Required<string>(templateField, "invalid_render_template", "bad_request");
  const input = new Optional<RenderInput>(inputField, { kind: "none" }, "invalid_render_input");
  fill({ template, input }, parseJson(body), Place.root());
  return { template: template.value, input: input.value };
}

function templateField(value: Json, at: Place): string {
  const kind = kindOf(value, at, TEMPLATES);
  if (kind !== "inlineDocumentTemplate" && kind !== "inlineFragment") {
    throw new ApiError(
      "miroir_not_supported",
      `Miroir renders templates that stand in the request, not those of kind \`${kind}\`: send the text from the settings of the index.`,
    );
  }
  return jsonText(value);
}

function inputField(value: Json, at: Place): RenderInput {
  if (value === null) return { kind: "none" };
  if (kindOf(value, at, INPUTS) !== "indexDocument")
    return { kind: "inline", text: jsonText(value) };
  const members = new Map(asObject(value, at));
  const member = (name: string): string => {
    const found = members.get(name);
    if (found !== undefined) return text(found, at.key(name));
    const parameter = name === "indexUid" ? "index_uid" : name;
    throw new ApiError(
      at.code,
      `error while fetching input: parameter \`${parameter}\` missing for kind \`indexDocument\``,
    );
  };
  return { kind: "document", indexUid: member("indexUid"), id: member("id") };
}

function kindOf<const Kind extends string>(value: Json, at: Place, kinds: readonly Kind[]): Kind {
  const kind = new Required<Kind>(oneOf(kinds));
  fill({ kind }, value, at, { ignoreUnknown: true });
  return kind.value;
}
