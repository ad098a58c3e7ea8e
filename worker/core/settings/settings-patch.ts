/**
 * A change of settings as a client asks for it: only the settings it names, `null` to reset one.
 * Where Meilisearch merges deeply (typo tolerance, faceting, pagination, embedders), so do the
 * parts inside.
 */
import type { IndexSettings, SettingName, TypoTolerance } from "./settings.ts";

type Resettable<T> = { readonly [Key in keyof T]?: T[Key] | null };

export type TypoTolerancePatch = Resettable<
  Omit<TypoTolerance, "minWordSizeForTypos"> & {
    readonly minWordSizeForTypos: Resettable<TypoTolerance["minWordSizeForTypos"]>;
  }
>;

/** One embedder's fields, typed by `embedder-decoder.ts`. */
export type EmbedderPatch = Readonly<Record<string, unknown>>;

export type ChatConfigPatch = Resettable<IndexSettings["chat"]>;

interface DeepPatches {
  readonly chat: ChatConfigPatch;
  readonly typoTolerance: TypoTolerancePatch;
  readonly faceting: Resettable<IndexSettings["faceting"]>;
  readonly pagination: Resettable<IndexSettings["pagination"]>;
  readonly embedders: Readonly<Record<string, EmbedderPatch | null>>;
}

/** What a client may send for one setting, besides `null`. */
export type PatchOf<Name extends SettingName> = Name extends keyof DeepPatches
  ? DeepPatches[Name]
  : NonNullable<IndexSettings[Name]>;

export type SettingsPatch = { readonly [Name in SettingName]?: PatchOf<Name> | null };
