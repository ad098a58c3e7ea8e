/** The OpenAPI document of the admin API, made from the rows that are served. */
import { z } from "zod";

import { jsonValue } from "../../http/call.ts";
import type { AdminRoute } from "./admin-route.ts";

const ERROR = z.object({
  message: z.string(),
  code: z.string(),
  type: z.enum(["invalid_request", "internal", "auth", "system"]),
  link: z.string(),
});

export function openApiRoute(rows: readonly AdminRoute[]): AdminRoute {
  return {
    method: "GET",
    path: "/_miroir/openapi.json",
    action: "miroir.get",
    summary: "This document",
    body: undefined,
    reply: z.looseObject({ openapi: z.string() }),
    status: 200,
    serve: () => jsonValue(openApi(rows)),
  };
}

export function openApi(rows: readonly AdminRoute[]): object {
  const paths = new Map<string, Record<string, object>>();
  for (const row of rows) {
    const path = row.path.replace(/:(\w+)/g, "{$1}");
    paths.set(path, { ...paths.get(path), [row.method.toLowerCase()]: operationOf(row) });
  }
  return {
    openapi: "3.1.0",
    info: { title: "Miroir admin API", version: "1" },
    security: [{ key: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: { Error: jsonSchema(ERROR, "output") },
    },
  };
}

function operationOf({ path, action, summary, body, reply, status }: AdminRoute): object {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    return { name, in: "path", required: true, schema: { type: "string" } };
  });
  const content = (schema: object) => ({ "application/json": { schema } });
  const error = content({ $ref: "#/components/schemas/Error" });
  return {
    summary,
    ...(action === "none" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { content: content(jsonSchema(body, "input")) } }),
    responses: {
      [status]: { description: "As asked", content: content(jsonSchema(reply, "output")) },
      default: { description: "An error in Meilisearch's shape", content: error },
    },
  };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
