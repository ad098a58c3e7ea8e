/**
 * Durable Objects: one life at a time under each name, made when it is called, ended at any point,
 * made again from its disk. Calls carry clones; alarms are stored and fire at least once.
 */
import type { Events, Scheduled } from "./events.ts";
import { BEGINNING } from "./globals.ts";
import { Life, LifeEnded, lives, type Clock, type PointKind } from "./life.ts";
import { Disk, SimulatedStorage } from "./storage.ts";
import type { Passage, Wire } from "./wire.ts";

type Method = (...values: readonly unknown[]) => unknown;

/** What the simulation needs of a class that production code defines. */
export type ObjectClass = new (ctx: never, env: never) => object;

export interface ObjectTools {
  readonly events: Events;
  readonly wire: Wire;
  readonly clock: (name: string) => Clock;
  readonly environment: () => object;
  readonly passage: (object: string, method: string) => Passage;
  /** A point at which the object may end; true ends it. */
  readonly endsAt: (object: SimulatedObject, kind: PointKind) => boolean;
  readonly onCommit: (object: SimulatedObject) => void;
  readonly onEnd: (object: SimulatedObject) => void;
  readonly onError: (object: SimulatedObject, error: unknown) => void;
}

/** What was on its way when an object ended is there before the object is back. */
const RESTART_MS = 5;
/** After a failed alarm, as the platform does. */
const ALARM_RETRY_MS = 2000;

interface Incarnation {
  readonly life: Life;
  readonly storage: SimulatedStorage;
  readonly instance: object;
}

export class SimulatedObject {
  readonly kind: string;
  readonly name: string;
  readonly disk: Disk;
  readonly #class: ObjectClass;
  readonly #tools: ObjectTools;
  #now: Incarnation | undefined;
  #born: { readonly life: Life; readonly storage: SimulatedStorage } | undefined;
  #alarm: Scheduled | undefined;
  #endedAt = -Infinity;
  /** Callers that wait for an answer of the current life. */
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(kind: string, name: string, made: ObjectClass, tools: ObjectTools) {
    this.kind = kind;
    this.disk = Disk.of(kind);
    this.name = name;
    this.#class = made;
    this.#tools = tools;
  }

  get isAlive(): boolean {
    return this.#born !== undefined;
  }

  /** Calls a method in the object's life, which begins if there is none. */
  async call(method: string, values: readonly unknown[]): Promise<unknown> {
    const { events } = this.#tools;
    const readyInMs = this.#endedAt + RESTART_MS - events.now;
    if (readyInMs > 0) await new Promise<void>((done) => events.schedule(readyInMs, done));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.add(reject);
    try {
      const { instance, life } = this.#incarnation();
      const run = (): unknown => methodOf(instance, method).apply(instance, [...values]);
      Promise.resolve(lives.run(life, run)).then(
        (answer) => {
          if (!life.isOver) resolve(structuredClone(answer));
        },
        (error: unknown) => {
          if (!life.isOver) reject(error);
        },
      );
    } catch (error) {
      reject(error);
    }
    return await promise.finally(() => this.#waiting.delete(reject));
  }

  /** Ends the life here and now; the next call begins another. */
  end(): void {
    const born = this.#born;
    if (born === undefined) return;
    const { events, onEnd } = this.#tools;
    born.life.isOver = true;
    born.life.endedIn = events.turn;
    this.#endedAt = events.now;
    born.storage.abandon();
    this.#born = undefined;
    this.#now = undefined;
    for (const reject of this.#waiting) reject(new Error("Durable Object reset"));
    this.#waiting.clear();
    onEnd(this);
  }

  #incarnation(): Incarnation {
    if (this.#now !== undefined) return this.#now;
    const { events, clock, environment } = this.#tools;
    const life = new Life(this.name, events.now, clock(this.name), (own, kind) => {
      if (!this.#tools.endsAt(this, kind)) return;
      this.end();
      throw new LifeEnded(own.name);
    });
    const storage = new SimulatedStorage({
      disk: this.disk,
      life,
      onCommit: () => this.#tools.onCommit(this),
      onAlarm: (at) => this.#setAlarm(at),
    });
    this.#born = { life, storage };
    const ctx = {
      id: { name: this.name },
      storage,
      waitUntil: (promise: Promise<unknown>) => {
        promise.catch((error: unknown) => {
          if (!life.isOver) this.#tools.onError(this, error);
        });
      },
    };
    const instance = lives.run(life, () => new this.#class(ctx as never, environment() as never));
    this.#now = { life, storage, instance };
    return this.#now;
  }

  #setAlarm(at: number | undefined): void {
    if (this.#alarm !== undefined) this.#alarm.isCanceled = true;
    this.#alarm = undefined;
    if (at === undefined) return;
    const { events } = this.#tools;
    const delayMs = at - BEGINNING - events.now;
    this.#alarm = events.schedule(delayMs, () => void this.#ring());
  }

  async #ring(): Promise<void> {
    this.disk.alarmAt = undefined;
    this.#alarm = undefined;
    try {
      await this.call("alarm", []);
    } catch {
      if (this.disk.alarmAt !== undefined) return;
      this.disk.alarmAt = BEGINNING + this.#tools.events.now + ALARM_RETRY_MS;
      this.#setAlarm(this.disk.alarmAt);
    }
  }
}

/** All objects of one class. */
export class ObjectSpace {
  readonly #kind: string;
  readonly #class: ObjectClass;
  readonly #tools: ObjectTools;
  readonly #objects = new Map<string, SimulatedObject>();

  constructor(kind: string, made: ObjectClass, tools: ObjectTools) {
    this.#kind = kind;
    this.#class = made;
    this.#tools = tools;
  }

  all(): readonly SimulatedObject[] {
    return [...this.#objects.values()];
  }

  object(name: string): SimulatedObject {
    const known = this.#objects.get(name);
    if (known !== undefined) return known;
    const made = new SimulatedObject(this.#kind, name, this.#class, this.#tools);
    this.#objects.set(name, made);
    return made;
  }

  getByName(name: string): object {
    const { wire, passage } = this.#tools;
    const object = this.object(name);
    return new Proxy(
      {},
      {
        get: (_, method) => {
          if (typeof method !== "string" || method === "then") return undefined;
          return (...values: readonly unknown[]) => {
            const sent = structuredClone(values);
            return wire.call(passage(object.name, method), () => object.call(method, sent));
          };
        },
      },
    );
  }
}

function methodOf(instance: object, name: string): Method {
  const method: unknown = Reflect.get(instance, name);
  if (typeof method !== "function") throw new TypeError(`the object has no method ${name}`);
  return method as Method;
}
