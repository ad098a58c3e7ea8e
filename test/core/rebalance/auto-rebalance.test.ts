import { expect, test } from "vitest";

import { instant } from "../../../worker/core/ids.ts";
import {
  startsRebalance,
  type AutoRebalance,
} from "../../../worker/core/rebalance/auto-rebalance.ts";
import { newOperation } from "../../../worker/core/rebalance/operation.ts";

const at = (text: string) => Date.parse(`2026-01-01T${text}Z`);
const on: AutoRebalance = { isOn: true, window: undefined, driftMin: 0.05 };
const night = { ...on, window: { fromMinute: 22 * 60, toMinute: 4 * 60 } };
const noon = { ...on, window: { fromMinute: 11 * 60, toMinute: 13 * 60 } };
const busy = [newOperation(1, { kind: "rebalance" }, instant(0))];

test.for<[string, AutoRebalance, number, string, boolean]>([
  ["much has drifted", on, 10, "12:00", true],
  ["it was not asked for", { ...on, isOn: false }, 10, "12:00", false],
  ["little has drifted", on, 4, "12:00", false],
  ["nothing has drifted", { ...on, driftMin: 0 }, 0, "12:00", false],
  ["it is within a window that passes midnight", night, 10, "23:30", true],
  ["it is early in such a window", night, 10, "03:59", true],
  ["it is outside of it", night, 10, "04:00", false],
  ["it is within a window of one day", noon, 10, "11:00", true],
  ["it is after that window", noon, 10, "13:00", false],
])("%s", ([, policy, changes, time, starts]) => {
  expect(startsRebalance(policy, changes, 100, [], at(time))).toBe(starts);
  expect(startsRebalance(policy, changes, 100, busy, at(time))).toBe(false);
});
