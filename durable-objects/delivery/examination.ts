/**
 * What has to be read from nodes before any of them gets an entry: what an edit by function is about,
 * and whether documents without vectors are stored. One entry at a time, whoever asks.
 */
import { unprovided } from "../../worker/core/log/conditional-failures.ts";
import type { IndexSettings } from "../../worker/core/settings/settings.ts";
import type { Entry } from "../storage/log-rows.ts";
import type { Verdicts } from "../storage/verdicts.ts";
import { keepBeforeImages } from "./before-images.ts";
import { isUnasked, isUnread } from "./entry-outcome.ts";
import { missingVectorsOf } from "./missing-vectors.ts";
import { StandingReplicas, type StandingTools } from "./standing-replicas.ts";

export class Examination {
  readonly #replicas: StandingReplicas;
  readonly #verdicts: Verdicts;
  readonly #settings: () => IndexSettings;
  #underWay: Promise<void> | undefined;

  constructor(tools: StandingTools, verdicts: Verdicts, settings: () => IndexSettings) {
    this.#replicas = new StandingReplicas(tools);
    this.#verdicts = verdicts;
    this.#settings = settings;
  }

  /** Throws a TransferFault while a shard cannot be read. */
  async examine({ offset }: Entry): Promise<void> {
    // The feeds of all nodes come here at once; whoever is late finds it done.
    while (this.#underWay !== undefined) await this.#underWay.catch(() => undefined);
    const { store } = this.#replicas.tools;
    const entry = store.entryAt(offset);
    if (entry === undefined) return;
    this.#underWay = this.#examine(entry).finally(() => {
      this.#underWay = undefined;
    });
    await this.#underWay;
  }

  async #examine(entry: Entry): Promise<void> {
    if (isUnread(entry)) return await keepBeforeImages(this.#replicas, entry);
    if (!isUnasked(entry)) return;
    const embedders = unprovided(this.#settings(), []);
    const error = await missingVectorsOf(this.#replicas, entry, embedders);
    const { store } = this.#replicas.tools;
    if (error !== undefined) this.#verdicts.fail(entry, error);
    else store.setOperation(entry.offset, { ...entry.operation, vectorless: "stored" });
  }
}
