/** Decoders for the values of single settings, into the form in which Meilisearch keeps them. */
import {
  boolean,
  checked,
  keptCount,
  countUpTo,
  type Decoder,
  dictionary,
  list,
  nullable,
  oneOf,
  text,
} from "../decode/decoders.ts";
import { fill, Optional, Required, type Slot } from "../decode/fields.ts";
import { isObject, type Json } from "../decode/json.ts";
import { locale } from "../decode/locale.ts";
import { unexpected } from "../decode/mistakes.ts";
import type { Place } from "../decode/place.ts";
import { sortedByBytes } from "./attribute-patterns.ts";
import { rankingRuleMistake } from "./ranking-rule.ts";
import type {
  FacetOrder,
  FilterableAttribute,
  FilterFeatures,
  ForeignKey,
  LocalizedAttributesRule,
} from "./settings.ts";
import type { PatchOf, TypoTolerancePatch } from "./settings-patch.ts";

export const texts: Decoder<readonly string[]> = list(text);

/** A set of texts: sorted, each once. */
export const textSet: Decoder<readonly string[]> = (value, at) => sortedByBytes(texts(value, at));

/** Attributes in the client's order; `*` among them means all. */
export const attributes: Decoder<readonly string[]> = texts;

export const filterableAttributes = list<FilterableAttribute>((value, at) =>
  typeof value === "object" && value !== null && isObject(value)
    ? filterableRule(value, at)
    : text(value, at),
);

export const foreignKeys = list<ForeignKey>((value, at) => {
  const foreignIndexUid = new Required(text);
  const fieldName = new Required(text);
  fill({ foreignIndexUid, fieldName }, value, at);
  return { foreignIndexUid: foreignIndexUid.value, fieldName: fieldName.value };
});

function filterableRule(value: Json, at: Place): FilterableAttribute {
  const attributePatterns = new Required(texts);
  const features = new Optional<FilterFeatures>(filterFeatures, {
    facetSearch: false,
    filter: { equality: true, comparison: false },
  });
  fill({ attributePatterns, features }, value, at);
  return { attributePatterns: attributePatterns.value, features: features.value };
}

function filterFeatures(value: Json, at: Place): FilterFeatures {
  const facetSearch = new Optional(boolean, false);
  const filter = new Optional<FilterFeatures["filter"]>(filterOperators, {
    equality: true,
    comparison: false,
  });
  fill({ facetSearch, filter }, value, at);
  return { facetSearch: facetSearch.value, filter: filter.value };
}

function filterOperators(value: Json, at: Place): FilterFeatures["filter"] {
  const equality = new Optional(boolean, true);
  const comparison = new Optional(boolean, false);
  fill({ equality, comparison }, value, at);
  return { equality: equality.value, comparison: comparison.value };
}

export const rankingRules = list((value, at) => {
  const rule = text(value, at);
  const mistake = rankingRuleMistake(rule);
  if (mistake !== undefined) throw unexpected(at, mistake);
  return rule;
});

export const synonyms: Decoder<Readonly<Record<string, readonly string[]>>> = (value, at) =>
  sortedRecord(dictionary(texts)(value, at));

const facetOrders: Decoder<Readonly<Record<string, FacetOrder>>> = (value, at) =>
  sortedRecord(dictionary(oneOf(["alpha", "count"]))(value, at));

/** A record whose keys are in byte order, as Rust's ordered maps print them. */
export function sortedRecord<T>(entries: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  const record: Record<string, T> = {};
  for (const key of sortedByBytes(entries.keys())) {
    const value = entries.get(key);
    if (value !== undefined) record[key] = value;
  }
  return record;
}

export const localizedAttributes = list<LocalizedAttributesRule>((value, at) => {
  const attributePatterns = new Required(texts);
  const locales = new Required(list(locale));
  fill({ attributePatterns, locales }, value, at);
  return { attributePatterns: attributePatterns.value, locales: locales.value };
});

/** A member of a patch: absent, reset by `null`, or given. */
export class PatchField<T> implements Slot {
  given: { readonly value: T | null } | undefined;
  private readonly decode: Decoder<T | null>;

  constructor(decode: Decoder<T>) {
    this.decode = nullable(decode);
  }

  read(value: Json, name: string, parent: Place): void {
    this.given = { value: this.decode(value, parent.key(name)) };
  }

  finish(): void {}
}

const byte = countUpTo(255);

export function typoTolerance(value: Json, at: Place): TypoTolerancePatch {
  const enabled = new PatchField(boolean);
  const minWordSizeForTypos = new PatchField(minWordSizes);
  const disableOnWords = new PatchField(textSet);
  const disableOnAttributes = new PatchField(textSet);
  const disableOnNumbers = new PatchField(boolean);
  fill(
    { enabled, minWordSizeForTypos, disableOnWords, disableOnAttributes, disableOnNumbers },
    value,
    at,
  );
  return {
    ...(enabled.given && { enabled: enabled.given.value }),
    ...(minWordSizeForTypos.given && { minWordSizeForTypos: minWordSizeForTypos.given.value }),
    ...(disableOnWords.given && { disableOnWords: disableOnWords.given.value }),
    ...(disableOnAttributes.given && { disableOnAttributes: disableOnAttributes.given.value }),
    ...(disableOnNumbers.given && { disableOnNumbers: disableOnNumbers.given.value }),
  };
}

type MinWordSizesPatch = NonNullable<TypoTolerancePatch["minWordSizeForTypos"]>;

function minWordSizes(value: Json, at: Place): MinWordSizesPatch {
  const oneTypo = new PatchField(byte);
  const twoTypos = new PatchField(byte);
  fill({ oneTypo, twoTypos }, value, at);
  const one = oneTypo.given?.value ?? 0;
  const two = twoTypos.given?.value ?? Infinity;
  if (one > two) throw unexpected(at, wrongWordSizes(one, two));
  return {
    ...(oneTypo.given && { oneTypo: oneTypo.given.value }),
    ...(twoTypos.given && { twoTypos: twoTypos.given.value }),
  };
}

export function wrongWordSizes(one: number, two: number): string {
  return `\`minWordSizeForTypos\` setting is invalid. \`oneTypo\` and \`twoTypos\` fields should be between \`0\` and \`255\`, and \`twoTypos\` should be greater or equals to \`oneTypo\` but found \`oneTypo: ${one}\` and twoTypos: ${two}\`.`;
}

export function faceting(value: Json, at: Place): PatchOf<"faceting"> {
  const maxValuesPerFacet = new PatchField(keptCount);
  const sortFacetValuesBy = new PatchField(facetOrders);
  fill({ maxValuesPerFacet, sortFacetValuesBy }, value, at);
  return {
    ...(maxValuesPerFacet.given && { maxValuesPerFacet: maxValuesPerFacet.given.value }),
    ...(sortFacetValuesBy.given && { sortFacetValuesBy: sortFacetValuesBy.given.value }),
  };
}

const nonZero = checked(
  keptCount,
  (value) => value > 0,
  () => "a non-zero integer value lower than `18446744073709551615` was expected, but found a zero",
);

export function pagination(value: Json, at: Place): PatchOf<"pagination"> {
  const maxTotalHits = new PatchField(nonZero);
  fill({ maxTotalHits }, value, at);
  return { ...(maxTotalHits.given && { maxTotalHits: maxTotalHits.given.value }) };
}
