/**
 * A row of the admin API: one route under `/_miroir/` with the schemas of what it takes and answers.
 * Bodies are checked with the same schemas that the OpenAPI document is made from.
 */
import { z } from "zod";

import { ApiError } from "../../core/errors/api-error.ts";
import { epoch, type Epoch } from "../../core/ids.ts";
import type { Call } from "../../http/call.ts";
import { jsonText } from "../../http/call.ts";
import type { Route } from "../route.ts";

export interface AdminRoute extends Route {
  readonly summary: string;
  readonly body: z.ZodType | undefined;
  readonly reply: z.ZodType;
  /** Status of a request that went well. */
  readonly status: 200 | 202;
}

export interface AdminAnswer<Reply> {
  readonly value: Reply;
  /** The epoch that the answer shows, for `If-Match`. */
  readonly epoch?: Epoch;
}

interface Row<Body, Reply> {
  readonly method: Route["method"];
  readonly path: string;
  readonly action?: Route["action"];
  readonly summary: string;
  readonly body?: z.ZodType<Body>;
  readonly reply: z.ZodType<Reply>;
  readonly status?: 200 | 202;
  readonly serve: (call: Call, body: Body) => Promise<AdminAnswer<Reply>> | AdminAnswer<Reply>;
}

/** A row that takes a body. A missing one is an empty object. */
export function adminRoute<Body, Reply>(row: Row<Body, Reply>): AdminRoute {
  const { method, path, summary, body, reply, status = 200, serve } = row;
  const action = row.action ?? (method === "GET" ? "miroir.get" : "miroir.update");
  return {
    method,
    path: `/_miroir/${path}`,
    action,
    summary,
    body,
    reply,
    status,
    serve: async (call) => {
      const schema = body ?? z.custom<Body>();
      const answer = await serve(call, checked(schema, body === undefined ? {} : await read(call)));
      const headers = answer.epoch === undefined ? {} : { ETag: `"${answer.epoch}"` };
      return jsonText(JSON.stringify(answer.value), status, headers);
    },
  };
}

async function read(call: Call): Promise<unknown> {
  if (call.request.body === null) return {};
  const text = await call.jsonText();
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError(
      "malformed_payload",
      `The json payload provided is malformed. \`${reason}\`.`,
    );
  }
}

/** The value, or an error that names the first field that is wrong. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = (issue?.path ?? []).map((part) => `.${String(part)}`).join("");
  const where = place === "" ? "" : ` at \`${place}\``;
  throw new ApiError("bad_request", `Invalid value${where}: ${issue?.message ?? "is wrong"}.`);
}

/** The epoch of `If-Match`; undefined when the caller does not mind what it changes. */
export function expectedEpoch(call: Call): Epoch | undefined {
  const header = call.request.headers.get("If-Match");
  if (header === null || header.trim() === "*") return undefined;
  const [, digits] = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim()) ?? [];
  if (digits === undefined) {
    throw new ApiError(
      "bad_request",
      `The If-Match header \`${header}\` is not the ETag of \`GET /_miroir/topology\`.`,
    );
  }
  return epoch(Number(digits));
}
