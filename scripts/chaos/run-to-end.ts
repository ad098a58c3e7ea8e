/** Runs a program over a fleet in a folder of its own; ends both, also on a signal or an error. */
import { rmSync } from "node:fs";

import type { ChaosFleet } from "./chaos-fleet.ts";

export interface RunToEnd {
  readonly fleet: ChaosFleet;
  readonly folder: string;
  /** The folder stays. */
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

/** Exit code 0 when the work says that it went well, 1 when not, 130 after a signal. */
export async function runToEnd(
  { fleet, folder, keep, say }: RunToEnd,
  work: () => Promise<boolean>,
): Promise<void> {
  let isEnding = false;
  const end = async (code: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    await fleet.stop();
    if (keep) say(`everything is kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void end(130));
  }
  try {
    await end((await work()) ? 0 : 1);
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await end(1);
  }
}
