/** Every bound in one place: a name with its unit, and the resource that it protects. */

/** Shards of one index: the width of the shard mark, and of a shard filter in a request. */
export const SHARD_COUNT_MAX = 4096;
/** One SQLite row of document bytes: the platform refuses rows above 2 MB. */
export const LOG_ROW_BYTES_MAX = 1_000_000;
/** Document bytes gathered before they are sent to the IndexLog: the Worker's memory per upload. */
export const LOG_CHUNK_BYTES = 1_000_000;
/** A client's payload, as Meilisearch's `http_payload_size_limit`. */
export const PAYLOAD_BYTES_MAX = 104_857_600;
/** Simultaneous fetches of one invocation: Workers queue the seventh. */
export const CONNECTIONS_MAX = 6;
/** Time a search may take over all its node requests and retries, in milliseconds. */
export const SEARCH_DEADLINE_MS = 30_000;
/** Time a short node request (health, stats, task poll) may take, in milliseconds. */
export const NODE_CALL_DEADLINE_MS = 10_000;
/** Time one delivery request may take, in milliseconds: up to 100 MB travel in it. */
export const DELIVERY_DEADLINE_MS = 120_000;
/** Facet values that nodes return per facet, so that counts summed over shards are exact. */
export const NODE_FACET_VALUES_MIN = 10_000;
