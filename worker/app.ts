/** The HTTP surface: middleware order and the mounting of every route. Wiring only. */
import { Hono } from "hono";

import type { Env } from "./env.ts";

export const app = new Hono<{ Bindings: Env }>();

app.get("/health", (context) => context.json({ status: "available" }));
