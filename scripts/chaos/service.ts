/** Miroir itself as a process of its own, so that a chaos run can kill it: the built Worker, served. */
import { z } from "zod";

import { startHost } from "../miniflare-host.ts";

const request = z.object({
  port: z.number(),
  storage: z.string(),
  build: z.string(),
  variables: z.record(z.string(), z.string()),
});

await startHost(request.parse(JSON.parse(process.env["MIROIR_CHAOS_SERVICE"] ?? "")));
