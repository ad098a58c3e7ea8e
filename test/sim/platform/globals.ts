/**
 * The globals that production code uses, on virtual time and seeded randomness while a run lasts.
 * Timers belong to the life that set them, and die with it.
 */
import type { Random } from "../random.ts";
import type { Events, Scheduled } from "./events.ts";
import { lives } from "./life.ts";

/** When every run begins. */
export const BEGINNING = Date.UTC(2026, 0, 1);

export interface GlobalTools {
  readonly events: Events;
  readonly random: Random;
  readonly fetch: (url: string, init: RequestInit) => Promise<unknown>;
  /** What production code writes to its console. */
  readonly log: (line: string) => void;
}

/** Puts them in place; what is returned takes them away again. */
export function installGlobals({ events, random, fetch, log }: GlobalTools): () => void {
  const setVirtualTimeout = (run: () => void, delayMs = 0): Scheduled => {
    const life = lives.getStore();
    return events.schedule(delayMs, () => {
      if (life === undefined) run();
      else if (!life.isOver) lives.run(life, run);
    });
  };
  const clearVirtualTimeout = (timer: Scheduled | undefined): void => {
    if (timer !== undefined) timer.isCanceled = true;
  };
  const timeout = (delayMs: number): AbortSignal => {
    const controller = new AbortController();
    setVirtualTimeout(() => controller.abort(new Error("the deadline has passed")), delayMs);
    return controller.signal;
  };
  const uuid = (): string => [8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join("-");
  const restores = [
    replace(Date, "now", () => {
      const now = BEGINNING + events.now;
      return lives.getStore()?.now(now) ?? Math.floor(now);
    }),
    replace(Math, "random", () => random.next()),
    replace(crypto, "randomUUID", uuid),
    replace(AbortSignal, "timeout", timeout),
    replace(globalThis, "setTimeout", setVirtualTimeout),
    replace(globalThis, "clearTimeout", clearVirtualTimeout),
    replace(globalThis, "fetch", fetch),
    replace(console, "log", log),
    // Lost connections and ended lives are errors by the thousand: nobody reads where they came from.
    replace(Error, "stackTraceLimit", 0),
  ];
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}

function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}
