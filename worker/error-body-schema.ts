/** An error body where it comes from outside: a node's answer, or a row that was stored. */
import { z } from "zod";

import type { ErrorBody } from "./core/errors/api-error.ts";

export const errorBodySchema: z.ZodType<ErrorBody> = z.object({
  message: z.string(),
  code: z.string(),
  type: z.enum(["invalid_request", "internal", "auth", "system"]),
  link: z.string(),
});
