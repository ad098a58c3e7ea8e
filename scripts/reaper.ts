/**
 * Ends what a killed command left behind. It reads process group ids ("+12", "-12") from its standard
 * input; when that closes, the command is gone, and every group it still knows is told to end, then
 * killed. A program of its own, because nothing runs in a process that got SIGKILL.
 */
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { isGroupAlive, signalGroup, signalProcess, STOP_GRACE_MS } from "./process-groups.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

const groups = new Set<number>();
for await (const line of createInterface({ input: process.stdin })) {
  const group = Number(line.slice(1));
  if (line.startsWith("+")) groups.add(group);
  else groups.delete(group);
}

for (const group of groups) signalProcess(group, "SIGTERM");
const end = performance.now() + STOP_GRACE_MS;
while ([...groups].some(isGroupAlive) && performance.now() < end) await pause(50);
for (const group of groups) signalGroup(group, "SIGKILL");
