/** Changes of dynamic search rules as tasks: what they say, and what they do. */
import { RULES_INDEX } from "../worker/core/archive/dumped-rules.ts";
import { timestamp, type TaskType } from "../worker/core/tasks/task.ts";
import type { Instant } from "../worker/core/ids.ts";
import { viewPatch } from "../worker/core/rules/rule.ts";
import { rulePatchOf } from "../worker/rule-schema.ts";
import type { ClusterOperation } from "./storage/operation-store.ts";
import type { RuleStore } from "./storage/rule-store.ts";

export type RuleOperation = Extract<ClusterOperation, { kind: "changeRule" | "clearRules" }>;

export function ruleTask(operation: RuleOperation): {
  readonly type: TaskType;
  readonly indexUid: string;
  readonly details: string;
} {
  if (operation.kind === "clearRules") {
    return { type: "dsrClear", indexUid: RULES_INDEX, details: '{"deletedDocuments":null}' };
  }
  return { type: "dsrUpdate", indexUid: RULES_INDEX, details: changeDetails(operation) };
}

/** Carries the change out; the details of its task then. */
export function ruleOutcome(
  rules: RuleStore,
  operation: RuleOperation,
  createdAt: Instant,
): string {
  if (operation.kind === "clearRules") {
    return JSON.stringify({ deletedDocuments: rules.clear() });
  }
  const { uid, patch } = operation;
  if (patch === null) rules.remove(uid);
  else rules.change(uid, rulePatchOf(patch), timestamp(createdAt) ?? "");
  return changeDetails(operation);
}

function changeDetails({ patch }: Extract<RuleOperation, { kind: "changeRule" }>): string {
  return JSON.stringify({
    ...(patch === null ? {} : { rule: viewPatch(rulePatchOf(patch)) }),
    updatedRules: 1,
  });
}
