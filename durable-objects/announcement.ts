/** What an applied entry changes for readers. */
import type { Epoch, PhysicalUid } from "../worker/core/ids.ts";
import { applySettings } from "../worker/core/settings/apply-settings.ts";
import type { IndexSettings } from "../worker/core/settings/settings.ts";
import { storedPatch } from "../worker/core/settings/stored-settings.ts";
import type { Cluster } from "./cluster.ts";
import type { Entry } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";

export interface AnnouncementTools {
  readonly physical: PhysicalUid;
  readonly store: LogStore;
  readonly cluster: DurableObjectStub<Cluster>;
  /** Carries out the reshard of an entry; the epoch that readers need afterwards. */
  readonly reshard: (entry: Entry) => Promise<Epoch | undefined>;
}

/** Tells the registry; resolves with the epoch from which readers see it, if they do. */
export async function announce(
  { cluster, physical, store, reshard }: AnnouncementTools,
  entry: Entry,
  settingsBefore: IndexSettings,
): Promise<Epoch | undefined> {
  const { operation } = entry;
  switch (operation.kind) {
    case "createIndex":
      return await cluster.serveIndex(physical, operation.primaryKey ?? undefined);
    case "setPrimaryKey":
      return await cluster.changeIndex(physical, { primaryKey: operation.primaryKey });
    case "changeSettings": {
      const settings = JSON.stringify(applySettings(settingsBefore, storedPatch(operation.patch)));
      const epoch = await cluster.changeIndex(physical, { settings });
      store.setFact("settings", settings);
      return epoch;
    }
    case "deleteIndex":
      return await cluster.dropIndex(physical);
    case "reshard":
      return await reshard(entry);
    case "writeDocuments":
    case "deleteDocuments":
    case "deleteByFilter":
    case "deleteAllDocuments":
    case "restoreSettings":
    case "restoreDocuments":
    case "compactIndex":
    case "editDocuments":
    case "pass":
      return undefined;
  }
}
