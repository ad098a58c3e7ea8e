/**
 * Switches experimental features, and answers when every Worker goes by it: as in Meilisearch, a
 * feature is there, or gone, for every request that comes after the answer.
 */
import type { FeatureFlags } from "../core/features/feature-flags.ts";
import { leasesEnded, type KeyTools } from "./key-writer.ts";

export async function changeFeatures(
  { cluster, lease }: KeyTools,
  patch: Partial<FeatureFlags>,
): Promise<FeatureFlags> {
  if (Object.keys(patch).length === 0) return await cluster.features();
  const { flags, epoch } = await cluster.changeFeatures(patch, lease.drop());
  await leasesEnded(cluster, epoch);
  return flags;
}
