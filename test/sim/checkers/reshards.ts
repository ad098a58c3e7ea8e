/**
 * Judges reshards: the index that is built is nobody's until one moment, holds exactly what the old
 * one held at its fence, and gets what was accepted behind it; one that was given up, and one that
 * was succeeded, leaves nothing behind.
 */
import type { ModelEntry } from "../model/fold.ts";
import type { LogRecord } from "../model/log-record.ts";
import type { Name, Names } from "../model/names.ts";
import { Succession } from "../model/succession.ts";
import type { World } from "../world.ts";

export class Reshards {
  readonly #world: World;
  readonly #records: ReadonlyMap<string, LogRecord>;
  readonly #names: Names;
  readonly #byNext = new Map<LogRecord, Succession>();

  constructor(world: World, records: ReadonlyMap<string, LogRecord>, names: Names) {
    this.#world = world;
    this.#records = records;
    this.#names = names;
  }

  /** Reshards that came to their end, and all that were begun. */
  get counts(): { readonly done: number; readonly begun: number } {
    const all = [...this.#byNext.values()];
    return { done: all.filter(({ isDone }) => isDone).length, begun: all.length };
  }

  /** An index has its first entry: whether it is built to take another one's place. */
  begins(record: LogRecord): boolean {
    const { disk } = this.#world.clusters.object("cluster");
    const [row] = disk.rows("SELECT value FROM indexes WHERE physical = ?", record.physical);
    if (row === undefined) return false;
    const { builtFor } = JSON.parse(String(row["value"])) as { builtFor?: string };
    const old = builtFor === undefined ? undefined : this.#records.get(builtFor);
    if (old === undefined) return false;
    this.#byNext.set(record, new Succession(old, record));
    return true;
  }

  /** Whether the entry has come from the log that had it, and what is wrong with it. */
  take(record: LogRecord, entry: ModelEntry): string | undefined {
    return this.#byNext.get(record)?.take(entry);
  }

  /** Whether a log got what another one had. */
  isHeir(record: LogRecord, of: LogRecord): boolean {
    return this.#byNext.get(record)?.old === of;
  }

  /** A log has been read: whether it says that something is exchanged, or that nobody reads it now. */
  follow(old: LogRecord): {
    readonly fault: string | undefined;
    readonly begun: readonly Handed[];
  } {
    const { now } = this.#world.events;
    const nothing = { fault: undefined, begun: [] };
    if (old.successor === undefined) return nothing;
    const succession = [...this.#byNext.values()].find(
      ({ old: of, next }) => of === old && next.physical === old.successor,
    );
    if (succession === undefined) {
      return { fault: `${old.physical} is succeeded by nobody`, begun: [] };
    }
    const { physical } = succession.next;
    if (!succession.isExchanged) {
      const fault = succession.exchange();
      return { fault, begun: this.#names.handOver(old.physical, physical, now) };
    }
    if (old.reshardPhase === "done" && !succession.isDone) {
      succession.isDone = true;
      this.#names.handedOver(old.physical, physical, now);
    }
    return nothing;
  }
}

/** A name that an index has from another one. */
export interface Handed {
  readonly from: Name;
  readonly to: Name;
}

interface Intent {
  readonly kind: string;
  readonly node?: string;
}

/** What is left on nodes, or in the registry, of indexes that are gone. */
export function leftOver(
  world: World,
  records: ReadonlyMap<string, LogRecord>,
): string | undefined {
  const { disk } = world.clusters.object("cluster");
  for (const { value } of disk.rows("SELECT value FROM indexes")) {
    const { physical, builtFor } = JSON.parse(String(value)) as Record<string, string | undefined>;
    if (builtFor !== undefined) return `${physical} is built for ${builtFor}, and nobody ends it`;
  }
  const members = disk
    .rows("SELECT value FROM nodes")
    .map(({ value }) => JSON.parse(String(value)) as { id: string; state: string });
  // One that left took with it what was still to be cleaned away, and may have come again.
  const left = new Set(
    disk
      .rows("SELECT value FROM topology_operations")
      .map(({ value }) => (JSON.parse(String(value)) as { intent: Intent }).intent)
      .flatMap(({ kind, node }) => (kind === "remove" || kind === "replace" ? [node] : [])),
  );
  for (const { name, node } of world.hosts) {
    if (left.has(name)) continue;
    if (!members.some(({ id, state }) => id === name && state !== "removed")) continue;
    for (const uid of node.indexes.keys()) {
      const record = records.get(uid);
      if (record !== undefined && !record.state(record.head).exists)
        return `${uid} is left on ${name}`;
    }
  }
  return undefined;
}
