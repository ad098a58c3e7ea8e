/**
 * A life: one incarnation of a Durable Object, or one isolate of the Worker. It has a clock of its
 * own and may end at any point; from then on nothing that it started has an effect.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Thrown where a life ends, and wherever code of an ended life still comes to. */
export class LifeEnded extends Error {
  override readonly name = "LifeEnded";
}

export interface Clock {
  /** How far it is ahead, in milliseconds. */
  readonly aheadMs: number;
  /** How much faster than time it runs. */
  readonly drift: number;
}

export const TRUE_CLOCK: Clock = { aheadMs: 0, drift: 0 };

export class Life {
  readonly name: string;
  readonly #bornAt: number;
  readonly #clock: Clock;
  isOver = false;
  /** The turn in which it ended: what it sent in that turn never left. */
  endedIn = Infinity;
  /** Places at which it could have ended so far: writes to storage, and calls to the outside. */
  points = 0;
  /** Called at each of them; ends the life by throwing. */
  readonly onPoint: (life: Life, kind: PointKind) => void;

  constructor(
    name: string,
    bornAt: number,
    clock: Clock = TRUE_CLOCK,
    onPoint: (life: Life, kind: PointKind) => void = () => undefined,
  ) {
    this.name = name;
    this.#bornAt = bornAt;
    this.#clock = clock;
    this.onPoint = onPoint;
  }

  now(trueNow: number): number {
    const { aheadMs, drift } = this.#clock;
    return Math.floor(trueNow + aheadMs + (trueNow - this.#bornAt) * drift);
  }

  /** Passes a place at which the life may end. */
  point(kind: PointKind): void {
    if (this.isOver) throw new LifeEnded(this.name);
    this.points += 1;
    this.onPoint(this, kind);
  }
}

export type PointKind = "write" | "commit" | "call";

/** Whose code is running. */
export const lives = new AsyncLocalStorage<Life>();
