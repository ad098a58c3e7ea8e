/**
 * Virtual time: one queue of events by (time, order of scheduling). The next event runs only when
 * everything that the last one set off has come to rest, so a run is the same on every machine.
 */
export interface Scheduled {
  isCanceled: boolean;
}

interface Event extends Scheduled {
  readonly at: number;
  readonly seq: number;
  readonly run: () => void;
}

const later = setImmediate;

/** Resolves when promises have nothing left to do: they are served before the next immediate. */
const atRest = (): Promise<void> => new Promise((resolve) => later(resolve));

export class Events {
  /** Milliseconds since the run began. */
  now = 0;
  /** Counts events: what happens in one turn happens at once. */
  turn = 0;
  readonly #heap: Event[] = [];
  #seq = 0;

  schedule(delayMs: number, run: () => void): Scheduled {
    const at = this.now + Math.max(0, delayMs);
    const event: Event = { at, seq: (this.#seq += 1), run, isCanceled: false };
    this.#push(event);
    return event;
  }

  /** Runs the next event and all that it sets off; false when there is none. */
  async step(): Promise<boolean> {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return false;
      if (event.isCanceled) continue;
      this.now = event.at;
      this.turn += 1;
      event.run();
      await atRest();
      return true;
    }
  }

  /** Lets what was started outside of any event come to rest. */
  async settle(): Promise<void> {
    await atRest();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      if (a === undefined) break;
      const isRight = b !== undefined && isBefore(b, a);
      const child = isRight ? b : a;
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = isRight ? left + 1 : left;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}
