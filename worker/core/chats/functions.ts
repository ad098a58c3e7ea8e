/**
 * The functions of a conversation: one that the model may call, to search; and those by which the
 * client, if it offers them, is told what happens on the way.
 */
import { ApiError } from "../errors/api-error.ts";
import type { Prompts } from "./default-prompts.ts";

export const SEARCH_IN_INDEX = "_meiliSearchInIndex";
export const SEARCH_PROGRESS = "_meiliSearchProgress";
export const SEARCH_SOURCES = "_meiliSearchSources";
export const APPEND_MESSAGE = "_meiliAppendConversationMessage";

/** What the client wants to be told. */
export interface Reports {
  readonly progress: boolean;
  readonly sources: boolean;
  readonly messages: boolean;
}

export function reportsOf(tools: readonly string[]): Reports {
  for (const name of tools) {
    if (name === SEARCH_IN_INDEX) {
      throw new ApiError("bad_request", `${SEARCH_IN_INDEX} function is already defined.`);
    }
    if (![SEARCH_PROGRESS, SEARCH_SOURCES, APPEND_MESSAGE].includes(name)) {
      throw new ApiError(
        "unimplemented_external_function_calling",
        `${name}: External functions are not supported yet.`,
      );
    }
  }
  return {
    progress: tools.includes(SEARCH_PROGRESS),
    sources: tools.includes(SEARCH_SOURCES),
    messages: tools.includes(APPEND_MESSAGE),
  };
}

/** An index as the model is told of it. */
export interface DescribedIndex {
  readonly uid: string;
  readonly description: string;
  /** Values by facet, the most frequent first. */
  readonly facets: readonly (readonly [facet: string, values: readonly string[]])[];
}

/** The search function as the model is offered it. */
export function searchTool(prompts: Prompts, indexes: readonly DescribedIndex[]): object {
  const described = indexes.map(({ uid, description }) => `\n\n - ${uid}: ${description}\n\n`);
  const filters = indexes.map(
    ({ uid, facets }) => `\n## Facet distributions of the ${uid} index\n${facetLines(facets)}\n`,
  );
  return {
    type: "function",
    function: {
      name: SEARCH_IN_INDEX,
      description: prompts.searchDescription + described.join(""),
      parameters: {
        type: "object",
        properties: {
          index_uid: {
            type: "string",
            enum: indexes.map(({ uid }) => uid),
            description: prompts.searchIndexUidParam,
          },
          q: { type: "string", description: prompts.searchQParam },
          filter: { type: "string", description: prompts.searchFilterParam + filters.join("") },
        },
        required: ["index_uid", "q", "filter"],
        additionalProperties: false,
      },
      strict: true,
    },
  };
}

function facetLines(facets: DescribedIndex["facets"]): string {
  return facets
    .map(([facet, values]) => `${facet}: ${values.join(", ")}${values.length === 0 ? "" : "."}\n`)
    .join("");
}

/** What a model's call asks for. */
export interface SearchArguments {
  readonly indexUid: string;
  readonly q: string | null;
  readonly filter: string | null;
}

/** The arguments of a call; a sentence about what is wrong with them. */
export function searchArguments(text: string): SearchArguments | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : "the arguments are no JSON";
  }
  if (typeof value !== "object" || value === null) return "the arguments are no object";
  const members = new Map<string, unknown>(Object.entries(value));
  const indexUid = members.get("index_uid");
  const q = members.get("q") ?? null;
  const filter = members.get("filter") ?? null;
  if (indexUid === undefined) return "missing field `index_uid`";
  if (typeof indexUid !== "string") return "`index_uid` must be a string";
  if (q !== null && typeof q !== "string") return "`q` must be a string";
  if (filter !== null && typeof filter !== "string") return "`filter` must be a string";
  return { indexUid, q, filter };
}
