import { vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";

/** How many payloads of documents nodes have been sent since. Ends with `vi.restoreAllMocks`. */
export function countDocumentWrites(): () => number {
  const original = EmbeddedNode.prototype.fetch;
  let writes = 0;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    if (request.method === "POST" && request.url.includes("/documents?")) writes += 1;
    return await original.call(this, request);
  });
  return () => writes;
}
