/** An index's settings after everything in its log that has finished. */
import { DEFAULT_SETTINGS, type IndexSettings } from "../../worker/core/settings/settings.ts";
import { storedSettings } from "../../worker/core/settings/stored-settings.ts";
import type { LogFacts } from "./log-facts.ts";

export class CurrentSettings {
  readonly #facts: Pick<LogFacts, "fact">;
  /** They are asked for with every write, and change rarely. */
  #read: { readonly text: string; readonly settings: IndexSettings } | undefined;

  constructor(facts: Pick<LogFacts, "fact">) {
    this.#facts = facts;
  }

  now(): IndexSettings {
    const text = this.#facts.fact("settings");
    if (text === undefined) return DEFAULT_SETTINGS;
    if (this.#read?.text !== text) this.#read = { text, settings: storedSettings(text) };
    return this.#read.settings;
  }
}
