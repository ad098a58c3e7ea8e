/** Signals to processes and their groups; one that has ended already is not an error. */

/** How long what we started may take to end by itself before it is killed. */
export const STOP_GRACE_MS = 5000;

/** The leader alone: wrangler ends its own children in order, and restarts one that ends before it. */
export function signalProcess(id: number, signal: NodeJS.Signals): void {
  send(id, signal);
}

export function signalGroup(group: number, signal: NodeJS.Signals): void {
  send(-group, signal);
}

export function isGroupAlive(group: number): boolean {
  return send(-group, 0);
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}
