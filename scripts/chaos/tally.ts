/** What happened in a chaos run, counted; and which of the counts must be zero. */
export class Tally {
  acknowledged = 0;
  /** Writes without an answer: whether they were accepted shows in the tasks. */
  unanswered = 0;
  /** Writes that were answered 503, to be sent again. */
  refused = 0;
  lost = 0;
  searches = 0;
  failed = 0;
  /** Searches and writes that met no Miroir, because it had been killed. */
  withoutService = 0;
  degraded = 0;
  incomplete = 0;
  stale = 0;
  taskWaitMaxMs = 0;
  readonly #problems: string[] = [];

  problem(text: string): void {
    if (this.#problems.length < 40) this.#problems.push(text);
    process.stderr.write(`chaos: ${text}\n`);
  }

  /** The report, and whether the run was clean. */
  report(differences: number): { readonly text: string; readonly isClean: boolean } {
    const mustBeZero: readonly (readonly [string, number])[] = [
      ["writes lost", this.lost],
      ["searches failed", this.failed],
      ["searches incomplete without a degraded header", this.incomplete],
      ["stale reads after `succeeded`", this.stale],
      ["differences from one Meilisearch, and between replicas", differences],
    ];
    const rows: readonly (readonly [string, string])[] = [
      ["writes acknowledged", String(this.acknowledged)],
      ["writes unanswered", String(this.unanswered)],
      ["writes refused (503)", String(this.refused)],
      ["searches", String(this.searches)],
      ["searches degraded, and said so", String(this.degraded)],
      ["requests while Miroir was down", String(this.withoutService)],
      ["longest wait for a task", `${(this.taskWaitMaxMs / 1000).toFixed(1)} s`],
      ...mustBeZero.map(([name, count]) => [name, String(count)] as const),
    ];
    const width = Math.max(...rows.map(([name]) => name.length));
    const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
    const isClean = mustBeZero.every(([, count]) => count === 0);
    return { text: [...lines, "", isClean ? "clean" : "NOT CLEAN"].join("\n"), isClean };
  }
}
