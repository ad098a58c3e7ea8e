/** Dynamic search rules and their changes as they are stored and sent: as JSON text. */
import { z } from "zod";

import type { Conditions, PinAction, RulePatch, SearchRule } from "./core/rules/rule.ts";

const text = z.string().nullable();

const conditions: z.ZodType<Conditions> = z.object({
  time: z.object({ start: text, end: text }).nullable(),
  query: z.object({ isEmpty: z.boolean().nullable(), words: text }).nullable(),
  filter: z.object({ values: z.record(z.string(), z.unknown()) }).nullable(),
});

const actions: z.ZodType<readonly PinAction[]> = z.array(
  z.object({ indexUid: text, id: z.string(), position: z.number() }),
);

const patch: z.ZodType<RulePatch> = z.object({
  description: text.exactOptional(),
  precedence: z.number().nullable().exactOptional(),
  active: z.boolean().nullable().exactOptional(),
  conditions: conditions.nullable().exactOptional(),
  actions: actions.nullable().exactOptional(),
});

const rule: z.ZodType<SearchRule> = z.object({
  uid: z.string(),
  number: z.number(),
  description: text,
  lastUpdatedAt: z.string(),
  precedence: z.number().nullable(),
  active: z.boolean(),
  conditions,
  actions,
});

const rules = z.array(rule);

export function rulePatchOf(stored: string): RulePatch {
  return patch.parse(JSON.parse(stored));
}

export function searchRuleOf(stored: string): SearchRule {
  return rule.parse(JSON.parse(stored));
}

export function searchRulesOf(sent: string): readonly SearchRule[] {
  return rules.parse(JSON.parse(sent));
}
