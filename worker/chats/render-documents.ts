/** Documents as texts for a language model, by an index's Liquid template. */
import { Liquid } from "liquidjs";

import { ApiError } from "../core/errors/api-error.ts";
import { covers } from "../core/settings/attribute-patterns.ts";
import type { IndexSettings } from "../core/settings/settings.ts";

type Document = Readonly<Record<string, unknown>>;

const engine = new Liquid({ cache: false, renderLimit: 5_000, parseLimit: 1_000_000 });

export function renderedDocuments(
  documents: readonly Document[],
  { chat, searchableAttributes }: IndexSettings,
): readonly string[] {
  const isSearchable = (name: string): boolean =>
    searchableAttributes.includes("*") || searchableAttributes.some((own) => covers(own, name));
  try {
    const template = engine.parse(chat.documentTemplate);
    return documents.map((document) => {
      const doc = printable(document);
      const fields = Object.keys(document).map((name) => ({
        name,
        value: Object.getOwnPropertyDescriptor(doc, name)?.value,
        is_searchable: isSearchable(name),
      }));
      return String(engine.renderSync(template, { doc, fields }));
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError("invalid_chat_setting_document_template", reason);
  }
}

/** Objects print as their keys and values, as in Meilisearch's templates. */
function printable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== "object" || value === null) return value;
  const object: object = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, printable(member)]),
  );
  const text = printed(value);
  return Object.defineProperty(object, "toString", { enumerable: false, value: () => text });
}

function printed(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return `${value}`;
  if (typeof value !== "object" || value === null) return "";
  if (Array.isArray(value)) return value.map(printed).join("");
  return Object.entries(value)
    .map(([name, member]) => name + printed(member))
    .join("");
}
