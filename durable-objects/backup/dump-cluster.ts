/** A dump of everything, from the cluster to R2; what is staged on the way goes whatever happens. */
import { dumpUid } from "../../worker/core/archive/dump-files.ts";
import { compareText } from "../../worker/core/json/text-order.ts";
import { searchRulesOf } from "../../worker/rule-schema.ts";
import { WebhookStore } from "../../worker/webhooks/webhook-store.ts";
import type { ClusterReader } from "./cluster-reader.ts";
import { assembleDump, stageIndex, type StagedIndex } from "./write-dump.ts";

export interface DumpTools {
  readonly bucket: R2Bucket;
  readonly database: D1Database;
  readonly reader: ClusterReader;
  readonly instanceUid: string;
  /** Names what is staged. */
  readonly token: string;
}

/** The object that holds a dump. */
export const dumpKey = (uid: string): string => `${uid}.dump`;

/** The uid of the dump. */
export async function dumpCluster(tools: DumpTools): Promise<string> {
  const { bucket, database, reader, instanceUid, token } = tools;
  const staging = `staging/${token}/`;
  try {
    const { indexes } = await reader.topology();
    const staged: StagedIndex[] = [];
    for (const index of [...indexes.values()].toSorted((a, b) => compareText(a.uid, b.uid))) {
      const source = reader.source(index.physical, null);
      staged.push(await stageIndex(bucket, `${staging}${index.physical}`, index, source));
    }
    const now = reader.now;
    const uid = dumpUid(now);
    await assembleDump(bucket, dumpKey(uid), {
      now,
      instanceUid,
      keys: await reader.cluster.keys(),
      features: await reader.cluster.features(),
      webhooks: await new WebhookStore(database).all(),
      rules: searchRulesOf((await reader.cluster.searchRules()).rules),
      indexes: staged,
    });
    return uid;
  } finally {
    const { objects } = await bucket.list({ prefix: staging });
    await bucket.delete(objects.map(({ key }) => key));
  }
}
