/**
 * Settings that would touch the shard mark: an attribute of its name, or one of its characters
 * made part of words, which would make documents findable by their shard.
 */
import { ApiError } from "../errors/api-error.ts";
import { MARK_CHARACTERS, MARK_FIELD } from "../placement/shard-mark.ts";
import { sortedField } from "./ranking-rule.ts";
import type { FilterableAttribute } from "./settings.ts";
import type { SettingsPatch } from "./settings-patch.ts";

/** Throws when a patch uses what is reserved. */
export function refuseReserved(patch: SettingsPatch): void {
  for (const [setting, attributes] of namedAttributes(patch)) {
    if (attributes.some((name) => name === MARK_FIELD)) {
      throw new ApiError(
        "miroir_reserved_field",
        `The attribute \`${MARK_FIELD}\` is reserved and cannot be used in \`${setting}\`.`,
      );
    }
  }
  const token = patch.nonSeparatorTokens?.find((text) =>
    MARK_CHARACTERS.some((character) => text.includes(character)),
  );
  if (token !== undefined) {
    throw new ApiError(
      "miroir_reserved_field",
      `The token \`${token}\` cannot be in \`nonSeparatorTokens\`: the characters ${MARK_CHARACTERS.map((character) => `\`${character}\``).join(" and ")} mark shards and must stay separators.`,
    );
  }
}

function namedAttributes(patch: SettingsPatch): readonly (readonly [string, readonly string[]])[] {
  return [
    ["displayedAttributes", patch.displayedAttributes ?? []],
    ["searchableAttributes", patch.searchableAttributes ?? []],
    ["filterableAttributes", (patch.filterableAttributes ?? []).flatMap(patternsOf)],
    ["sortableAttributes", patch.sortableAttributes ?? []],
    ["rankingRules", (patch.rankingRules ?? []).map((rule) => sortedField(rule) ?? "")],
    ["distinctAttribute", patch.distinctAttribute == null ? [] : [patch.distinctAttribute]],
    ["typoTolerance", patch.typoTolerance?.disableOnAttributes ?? []],
    ["faceting", Object.keys(patch.faceting?.sortFacetValuesBy ?? {})],
    [
      "localizedAttributes",
      (patch.localizedAttributes ?? []).flatMap((rule) => rule.attributePatterns),
    ],
  ];
}

function patternsOf(rule: FilterableAttribute): readonly string[] {
  return typeof rule === "string" ? [rule] : rule.attributePatterns;
}
