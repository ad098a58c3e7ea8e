/**
 * Everything that crosses between lives: a call leaves only if its caller is still alive when the
 * turn is over (the platform holds it back until what was written is stored), takes its time, and
 * may be lost on either way.
 */
import type { Random } from "../random.ts";
import type { Events } from "./events.ts";
import { lives, type Life } from "./life.ts";

/** What happens to one call on its way. */
export interface Passage {
  readonly thereMs: number;
  readonly backMs: number;
  /** `lost`: it never arrives. `answerLost`: it is carried out, and the caller hears of an error. */
  readonly fate: "whole" | "lost" | "answerLost";
}

export interface WireTools {
  readonly events: Events;
  readonly random: Random;
}

/** The life whose code is running; everything that is simulated belongs to one. */
export function currentLife(): Life {
  const life = lives.getStore();
  if (life === undefined) throw new Error("nobody's code is running");
  return life;
}

export class Wire {
  readonly #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  /** Sends a call of the current life; `arrive` carries it out and tells its answer. */
  async call<T>(passage: Passage, arrive: () => Promise<T>): Promise<T> {
    const caller = currentLife();
    caller.point("call");
    const events = this.#events;
    const sentIn = events.turn;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const back = (deliver: () => void): void => {
      events.schedule(passage.backMs, () => {
        if (!caller.isOver) deliver();
      });
    };
    const fail = (): void => reject(new Error("Network connection lost."));
    events.schedule(passage.thereMs, () => {
      // It never left: what went before it in the same turn was never stored either.
      if (caller.isOver && caller.endedIn <= sentIn) return;
      if (passage.fate === "lost") return back(fail);
      arrive().then(
        (answer) => back(passage.fate === "answerLost" ? fail : () => resolve(answer)),
        (error: unknown) => back(() => reject(error)),
      );
    });
    return await promise;
  }
}
