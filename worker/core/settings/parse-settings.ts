/**
 * Bodies of the settings routes turned into a `SettingsPatch`. What nodes could never do, or what
 * would make the shard mark findable, is refused here.
 */
import { anything, count, type Decoder, list, nullable, text } from "../decode/decoders.ts";
import { fill, Required, type Slot } from "../decode/fields.ts";
import { type Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { ApiError } from "../errors/api-error.ts";
import { type EnabledFeatures, featureError, type FeatureName } from "../query/features.ts";
import { checkEmbedder, checkEmbedderFeatures } from "./check-embedder.ts";
import { MIXED_ATTRIBUTE_RULES, mixesAttributeRules } from "./ranking-rule.ts";
import { refuseReserved } from "./reserved.ts";
import { PatchField } from "./setting-decoders.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { SETTINGS } from "./setting-table.ts";
import type { SettingName } from "./settings.ts";
import type { PatchOf, SettingsPatch } from "./settings-patch.ts";

/** In the order in which messages list the settings; two of them cannot be had here. */
const BODY_ORDER: readonly (SettingName | UnavailableSetting)[] = [
  ...SETTING_NAMES.slice(0, 4),
  "foreignKeys",
  ...SETTING_NAMES.slice(4),
  "chat",
];

/** Settings that belong to features of one instance: read, so that mistakes are told, then refused. */
export const UNAVAILABLE_SETTINGS = {
  foreignKeys: {
    path: "foreign-keys",
    method: "PUT",
    code: "invalid_settings_foreign_keys",
    decode: list(foreignKey),
    feature: "foreignKeys",
    empty: [],
  },
  chat: {
    path: "chat",
    method: "PATCH",
    code: "invalid_settings_index_chat",
    decode: chat,
    feature: "chatCompletions",
    empty: {
      description: "",
      documentTemplate:
        "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}",
      documentTemplateMaxBytes: 400,
      searchParameters: {},
    },
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly path: string;
      readonly method: "PUT" | "PATCH";
      readonly code: ErrorCode;
      readonly decode: Decoder<unknown>;
      readonly feature: FeatureName;
      /** What its sub-route shows. */
      readonly empty: unknown;
    }
  >
>;

export type UnavailableSetting = keyof typeof UNAVAILABLE_SETTINGS;

/** The patch of `PATCH /indexes/{uid}/settings`. */
export function parseSettings(body: string, enabled: EnabledFeatures = {}): SettingsPatch {
  let patch: SettingsPatch = {};
  const unavailable = new Map<UnavailableSetting, PatchField<unknown>>();
  const slots: Record<string, Slot> = {};
  for (const name of BODY_ORDER) {
    if (name === "foreignKeys" || name === "chat") {
      const { decode, code } = UNAVAILABLE_SETTINGS[name];
      const field = new PatchField<unknown>((value, at) => decode(value, at.withCode(code)));
      unavailable.set(name, field);
      slots[name] = field;
    } else {
      slots[name] = new SettingSlot(name, (change) => {
        patch = { ...patch, ...change };
      });
    }
  }
  fill(slots, parseJson(body), Place.root());
  checkFeatures(patch, enabled);
  for (const name of ["chat", "foreignKeys"] as const) {
    const given = unavailable.get(name)?.given;
    if (given !== undefined && given.value !== null) throw unavailableError(name, enabled);
  }
  checkSense(patch);
  return patch;
}

/** The patch of one setting's sub-route; `null` in the body resets it. */
export function parseSetting(
  name: SettingName,
  body: string,
  enabled: EnabledFeatures = {},
): SettingsPatch {
  const patch = oneSetting(name, parseJson(body), Place.root(SETTINGS[name].code));
  checkFeatures(patch, enabled);
  checkSense(patch);
  return patch;
}

/** Refuses the body of a sub-route for a setting that cannot be had; a reset is no change. */
export function parseUnavailableSetting(
  name: UnavailableSetting,
  body: string,
  enabled: EnabledFeatures = {},
): SettingsPatch {
  const { decode, code } = UNAVAILABLE_SETTINGS[name];
  const decodeNullable: Decoder<unknown> = nullable<unknown>(decode);
  if (decodeNullable(parseJson(body), Place.root(code)) !== null)
    throw unavailableError(name, enabled);
  return {};
}

/** The patch that resets one setting. */
export function resetSetting(name: SettingName): SettingsPatch {
  return patchOf(name, null);
}

/** The patch that resets all settings. */
export function resetAllSettings(): SettingsPatch {
  let patch: SettingsPatch = {};
  for (const name of SETTING_NAMES) patch = { ...patch, ...resetSetting(name) };
  return patch;
}

function patchOf<Name extends SettingName>(name: Name, value: PatchOf<Name> | null): SettingsPatch {
  return { [name]: value };
}

function oneSetting<Name extends SettingName>(name: Name, value: Json, at: Place): SettingsPatch {
  return patchOf<Name>(name, value === null ? null : SETTINGS[name].decode(value, at));
}

class SettingSlot implements Slot {
  private readonly name: SettingName;
  private readonly give: (change: SettingsPatch) => void;

  constructor(name: SettingName, give: (change: SettingsPatch) => void) {
    this.name = name;
    this.give = give;
  }

  read(value: Json, name: string, parent: Place): void {
    this.give(oneSetting(this.name, value, parent.key(name, SETTINGS[this.name].code)));
  }

  finish(): void {}
}

function checkFeatures(patch: SettingsPatch, enabled: EnabledFeatures): void {
  if (patch.embedders) checkEmbedderFeatures(patch.embedders, enabled);
}

function checkSense(patch: SettingsPatch): void {
  if (patch.rankingRules && mixesAttributeRules(patch.rankingRules)) {
    throw new ApiError("invalid_settings_ranking_rules", MIXED_ATTRIBUTE_RULES);
  }
  for (const [name, embedder] of Object.entries(patch.embedders ?? {})) {
    if (embedder !== null) checkEmbedder(name, embedder);
  }
  refuseReserved(patch);
}

function unavailableError(name: UnavailableSetting, enabled: EnabledFeatures): ApiError {
  if (enabled[UNAVAILABLE_SETTINGS[name].feature] === true) {
    return new ApiError("miroir_not_supported", `Miroir does not support the setting \`${name}\`.`);
  }
  return featureError(
    UNAVAILABLE_SETTINGS[name].feature,
    `setting \`${name}\` in the index settings`,
  );
}

function foreignKey(value: Json, at: Place): unknown {
  const foreignIndexUid = new Required(text);
  const fieldName = new Required(text);
  fill({ foreignIndexUid, fieldName }, value, at);
  return null;
}

function chat(value: Json, at: Place): unknown {
  const description = new PatchField(text);
  const documentTemplate = new PatchField(text);
  const documentTemplateMaxBytes = new PatchField(count);
  const searchParameters = new PatchField<unknown>(anything);
  fill({ description, documentTemplate, documentTemplateMaxBytes, searchParameters }, value, at);
  return {};
}
