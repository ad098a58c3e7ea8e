/** Settings of an index: the whole object, and one sub-route per row of the setting table. */
import { acceptWrite } from "../cluster/index-writer.ts";
import type { FeatureFlags } from "../core/features/feature-flags.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import {
  parseSetting,
  parseSettings,
  resetAllSettings,
  resetSetting,
} from "../core/settings/parse-settings.ts";
import { SETTING_NAMES } from "../core/settings/setting-names.ts";
import { SETTINGS } from "../core/settings/setting-table.ts";
import type { SettingName } from "../core/settings/settings.ts";
import type { SettingsPatch } from "../core/settings/settings-patch.ts";
import { viewPatch, viewSetting, viewSettings } from "../core/settings/view-settings.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { jsonValue, visibleIndex } from "../http/call.ts";
import { summaryResponse } from "../http/summary-response.ts";
import type { Route } from "./route.ts";

const PATH = "/indexes/:indexUid/settings";

interface Setting {
  readonly path: string;
  readonly method: "PUT" | "PATCH";
  readonly view: (index: IndexEntry, enabled: FeatureFlags) => unknown;
  readonly parse: (body: string, enabled: FeatureFlags) => SettingsPatch;
  readonly reset: () => SettingsPatch;
}

const whole: Setting = {
  path: PATH,
  method: "PATCH",
  view: ({ settings }, enabled) => viewSettings(settings, enabled),
  parse: parseSettings,
  reset: resetAllSettings,
};

function one(name: SettingName): Setting {
  return {
    path: `${PATH}/${SETTINGS[name].path}`,
    method: SETTINGS[name].method,
    view: ({ settings }) => viewSetting(settings, name),
    parse: (body, enabled) => parseSetting(name, body, enabled),
    reset: () => resetSetting(name),
  };
}

export const settingsRoutes: readonly Route[] = [whole, ...SETTING_NAMES.map(one)].flatMap(
  routesOf,
);

function routesOf({ path, method, view, parse, reset }: Setting): readonly Route[] {
  return [
    {
      method: "GET",
      path,
      action: "settings.get",
      serve: async (call) => {
        const index = visibleIndex(await call.topology(), checkIndexUid(call.uid));
        return jsonValue(view(index, await call.features()));
      },
    },
    {
      method,
      path,
      action: "settings.update",
      serve: async (call) =>
        await change(call, parse(await call.jsonText(), await call.features()), true),
    },
    {
      method: "DELETE",
      path,
      action: "settings.update",
      serve: (call) => change(call, reset(), false),
    },
  ];
}

/** Appends a change; as Meilisearch does, one brings a missing index into being, a reset does not. */
async function change(call: Call, patch: SettingsPatch, creates: boolean): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const task = {
    indexUid: uid,
    type: "settingsUpdate",
    details: JSON.stringify(viewPatch(patch)),
    indexedDocuments: null,
    customMetadata: null,
  } as const;
  const accepted = await acceptWrite(call.writes, {
    uid,
    operation: { kind: "changeSettings", patch: JSON.stringify(patch) },
    task,
    rows: () => [],
    failure: null,
    createsIndex: creates && call.access.mayCreate(uid),
    upload: undefined,
  });
  return summaryResponse(task, accepted);
}
