/** The event lines of one run, in fixed columns; kept only when somebody wants them. */
export class Trace {
  readonly lines: string[] | undefined;
  readonly #seed: number;
  readonly #now: () => number;

  constructor(seed: number, isKept: boolean, now: () => number) {
    this.#seed = seed;
    this.#now = now;
    this.lines = isKept ? [] : undefined;
  }

  add(who: string, what: string, text: string): void {
    if (this.lines === undefined) return;
    const time = clockOf(this.#now());
    this.lines.push(
      `seed ${this.#seed}  t ${time}  ${who.padEnd(12).slice(0, 12)} ${what.padEnd(8).slice(0, 8)} ${text}`.trimEnd(),
    );
  }
}

/** Minutes, seconds and milliseconds. */
export function clockOf(ms: number): string {
  const [minutes, seconds] = [Math.floor(ms / 60_000), (ms / 1000) % 60];
  return `${String(minutes).padStart(2, "0")}:${seconds.toFixed(3).padStart(6, "0")}`;
}
