/** The query of the statistics routes: whether to show each database, and how sizes are written. */
import { booleanParam, wordParam } from "../decode/param-decoders.ts";
import { fillParams, OptionalParam, type Params } from "../decode/params.ts";

const SIZE_FORMATS = ["human", "raw"] as const;

export interface StatsQuery {
  readonly showInternalDatabaseSizes: boolean;
  readonly sizeFormat: (typeof SIZE_FORMATS)[number];
}

export function parseStats(params: Params): StatsQuery {
  const showInternalDatabaseSizes = new OptionalParam(
    booleanParam,
    false,
    "invalid_stats_show_internal_database_sizes",
  );
  const sizeFormat = new OptionalParam<StatsQuery["sizeFormat"]>(
    wordParam(SIZE_FORMATS),
    "raw",
    "invalid_stats_size_format",
  );
  fillParams({ showInternalDatabaseSizes, sizeFormat }, params);
  return {
    showInternalDatabaseSizes: showInternalDatabaseSizes.value,
    sizeFormat: sizeFormat.value,
  };
}
