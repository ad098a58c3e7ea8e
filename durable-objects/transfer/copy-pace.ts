/**
 * Keeps a log's copies at the pace that the Cluster sets for all of them. A shard that has several
 * pages waits between them; the last page is waited for before the next shard begins, when no node
 * stands still for it.
 */
import type { Cluster } from "../cluster.ts";
import type { DocumentPage } from "./document-pages.ts";

/** How often a copy that waits looks whether it still has to. */
const LOOK_MS = 500;

export interface PaceTools {
  readonly cluster: DurableObjectStub<Cluster>;
  readonly sleep: (ms: number) => Promise<void>;
}

export class CopyPace {
  readonly #tools: PaceTools;
  readonly #isLimited: boolean;

  constructor(tools: PaceTools, isLimited: boolean) {
    this.#tools = tools;
    this.#isLimited = isLimited;
  }

  /** Charges for a page; resolves when the next may be copied, or is not wanted any more. */
  async copied(
    { bytes, offset, documents, total }: DocumentPage,
    isWanted: () => boolean,
  ): Promise<void> {
    if (!this.#isLimited) return;
    const { cluster } = this.#tools;
    const isLast = offset + documents.length >= total;
    let leftMs = await cluster.paceCopy(bytes);
    while (leftMs > 0 && !isLast && isWanted()) {
      await this.#wait(leftMs);
      leftMs = await cluster.paceCopy(0);
    }
  }

  /** Whether more was copied than the pace allows; if so, some of the time that it takes is over now. */
  async isBehind(): Promise<boolean> {
    if (!this.#isLimited) return false;
    const leftMs = await this.#tools.cluster.paceCopy(0);
    if (leftMs > 0) await this.#wait(leftMs);
    return leftMs > 0;
  }

  async #wait(ms: number): Promise<void> {
    await this.#tools.sleep(Math.min(ms, LOOK_MS));
  }
}
