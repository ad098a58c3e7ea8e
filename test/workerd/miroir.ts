/** Miroir as a client sees it, inside workerd: real routes, Durable Objects, D1 and embedded nodes. */
import { exports } from "cloudflare:workers";
import { expect } from "vitest";

export const KEY = "test-master-key";

export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; json: unknown; text: string }> {
  const isText =
    typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const response = await exports.default.fetch(`http://miroir${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${KEY}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, json, text };
}

/** The task of a write, once it is over. */
export async function finished(write: Promise<{ status: number; json: unknown }>) {
  const { status, json } = await write;
  expect(status).toBe(202);
  const { taskUid } = json as { taskUid: number };
  for (;;) {
    const task = (await call("GET", `/tasks/${taskUid}`)).json as {
      uid: number;
      status: string;
      details: Record<string, unknown>;
      error: { code: string; message: string } | null;
    };
    if (!["enqueued", "processing"].includes(task.status)) return task;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The hits of a search. */
export async function hits(index: string, query: object): Promise<readonly unknown[]> {
  const { status, json } = await call("POST", `/indexes/${index}/search`, query);
  expect(status).toBe(200);
  return (json as { hits: unknown[] }).hits;
}
