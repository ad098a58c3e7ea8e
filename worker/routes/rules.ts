/** Dynamic search rules: listed, shown, and changed by tasks. */
import { RULES_INDEX } from "../core/archive/dumped-rules.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { parseDeletionParams } from "../core/query/parse-documents.ts";
import { indexUidOr, pagedList } from "../core/query/parse-index.ts";
import { listedRules, parseRuleListing, type RuleListing } from "../core/rules/list-rules.ts";
import { parseRule } from "../core/rules/parse-rule.ts";
import { viewRule, type SearchRule } from "../core/rules/rule.ts";
import { summarizedTask, type TaskType } from "../core/tasks/task.ts";
import { instant } from "../core/ids.ts";
import { jsonValue, type Call } from "../http/call.ts";
import { body, gate } from "./gate.ts";
import { searchRulesOf } from "../rule-schema.ts";
import type { Route } from "./route.ts";

const RULES = "/dynamic-search-rules";
const RULE = `${RULES}/:ruleUid`;
const CHANGING = "Using the `/dynamic-search-rules` routes";

const changes: readonly Route[] = [
  gate("dynamicSearchRules", "DELETE", RULES, {
    action: "dynamicSearchRules.delete",
    doing: CHANGING,
    read: (call) => parseDeletionParams(call.query),
    serve: ({ customMetadata }, call) => submit(call, { kind: "clearRules", customMetadata }),
  }),
  gate("dynamicSearchRules", "PATCH", RULE, {
    action: "dynamicSearchRules.update",
    doing: CHANGING,
    read: async (call) => ({
      ...target(call),
      patch: JSON.stringify(parseRule(await call.jsonText())),
    }),
    serve: (change, call) => submit(call, { kind: "changeRule", ...change }),
  }),
  gate("dynamicSearchRules", "DELETE", RULE, {
    action: "dynamicSearchRules.delete",
    doing: CHANGING,
    read: (call) => ({ ...target(call), patch: null }),
    serve: (change, call) => submit(call, { kind: "changeRule", ...change }),
  }),
];

export const ruleRoutes: readonly Route[] = [
  gate<RuleListing>("dynamicSearchRules", "POST", RULES, {
    action: "dynamicSearchRules.get",
    doing: "Calling the `POST /dynamic-search-rules` route",
    read: body(parseRuleListing),
    serve: async (listing, call) => {
      const { offset, limit } = listing;
      const all = listedRules(await currentRules(call), listing);
      const page = pagedList(all, { offset, limit });
      return jsonValue({ ...page, results: page.results.map(viewRule) });
    },
  }),
  gate("dynamicSearchRules", "GET", RULE, {
    action: "dynamicSearchRules.get",
    doing: "Calling the `GET /dynamic-search-rules/{:ruleUid}` route",
    read: uidOf,
    serve: async (uid, call) => {
      const found = (await currentRules(call)).find((rule) => rule.uid === uid);
      if (found !== undefined) return jsonValue(viewRule(found));
      throw new ApiError(
        "dynamic_search_rule_not_found",
        `Dynamic search rule \`${uid}\` not found.`,
      );
    },
  }),
  ...changes,
];

async function currentRules(call: Call): Promise<readonly SearchRule[]> {
  return searchRulesOf((await call.cluster.searchRules()).rules);
}

function uidOf(call: Call): string {
  return indexUidOr(call.param("ruleUid"), (reason) => new ApiError("invalid_index_uid", reason));
}

function target(call: Call): { readonly uid: string; readonly customMetadata: string | null } {
  return { uid: uidOf(call), ...parseDeletionParams(call.query) };
}

type RuleChange = Extract<
  Parameters<Call["cluster"]["submit"]>[0],
  { kind: "changeRule" | "clearRules" }
>;

async function submit(call: Call, change: RuleChange): Promise<Response> {
  // This isolate does not keep the change waiting for a lease of its own.
  const released = call.writes.lease.drop();
  if (released !== undefined) await call.cluster.releaseLease(released);
  const { uid, createdAt } = await call.cluster.submit(change);
  const type: TaskType = change.kind === "clearRules" ? "dsrClear" : "dsrUpdate";
  const { customMetadata } = change;
  const enqueuedAt = instant(createdAt);
  const task = { uid, indexUid: RULES_INDEX, type, customMetadata, enqueuedAt };
  return jsonValue(summarizedTask(task), 202);
}
