/** Every bound in one place: a name with its unit, and the resource that it protects. */

/** Shards of one index: the width of the shard mark, and of a shard filter in a request. */
export const SHARD_COUNT_MAX = 4096;
/** One SQLite row of document bytes: the platform refuses rows above 2 MB. */
export const LOG_ROW_BYTES_MAX = 1_000_000;
/** Document bytes gathered before they are sent to the IndexLog: the Worker's memory per upload. */
export const LOG_CHUNK_BYTES = 1_000_000;
/** What one upload holds at most: a chunk, its copy in rows by shard, and what is on its way. */
export const UPLOAD_HELD_BYTES = 3 * LOG_CHUNK_BYTES;
/** What all uploads of an isolate hold at once: half of its 128 MB are for everything else. */
export const UPLOADS_HELD_BYTES_MAX = 60_000_000;
/** Time an upload waits for others to end before it is refused, in milliseconds. */
export const UPLOAD_WAIT_MS = 10_000;
/** A client's payload, as Meilisearch's `http_payload_size_limit`: 100 MB, not MiB. */
export const PAYLOAD_BYTES_MAX = 100_000_000;
/** Queries of one client request that go to a node in one request: a node runs them in turn. */
export const BUNDLE_QUERIES_MAX = 50;
/** Simultaneous fetches of one invocation: Workers queue the seventh. */
export const CONNECTIONS_MAX = 6;
/** How often nodes are probed. */
export const PROBE_INTERVAL_MS = 5_000;
/** Time a search may take over all its node requests and retries, in milliseconds. */
export const SEARCH_DEADLINE_MS = 30_000;
/** Time a short node request (health, stats, task poll) may take, in milliseconds. */
export const NODE_CALL_DEADLINE_MS = 10_000;
/** Time one delivery request may take, in milliseconds: up to 100 MB travel in it. */
export const DELIVERY_DEADLINE_MS = 120_000;
/** Facet values that nodes return per facet, so that counts summed over shards are exact. */
export const NODE_FACET_VALUES_MIN = 10_000;
/** Most that one IndexLog may be told to keep until nodes have it: its SQLite holds 10 GB. */
export const LOG_BYTES_MAX = 2_000_000_000;
/** Above this share of it a replica that is away is given up, to be copied anew: writes go on. */
export const GIVE_UP_SHARE = 0.8;
/** Entries and payload bytes that one node task carries: what must be sent again after a failure. */
export const GROUP_ENTRIES_MAX = 500;
export const GROUP_BYTES_MAX = 32_000_000;
/** Documents of one edit that are kept to undo it; an edit of more is not undone. */
export const BEFORE_IMAGES_BYTES_MAX = 32_000_000;
/** Time a write waits for its task uid while the task log cannot be written, in milliseconds. */
export const REGISTRATION_DEADLINE_MS = 15_000;
/** Time a read may wait for the task of its `X-Miroir-Min-Task`, in milliseconds. */
export const MIN_TASK_DEADLINE_MS = 10_000;
/** A replica that cannot be reached for this long leaves the in-sync set, in milliseconds. */
export const LAG_AFTER_MS = 3_000;
/** Documents from the top of an index that nodes are asked for in one round, without keys first. */
export const DOCUMENTS_DIRECT_MAX = 1_000;
/** Documents of one node's answer while a page is read in chunks. */
export const DOCUMENT_CHUNK = 1_000;
/** Tasks of a page that are read and held at once; their details can be long. */
export const TASKS_AT_ONCE = 1_000;
/** Sort values that one page of documents may look at: about 130 bytes each, from all nodes. */
export const DOCUMENT_KEYS_MAX = 100_000;
/** Text of one page of documents, in characters: the page is held whole before it is sent. */
export const DOCUMENTS_TEXT_MAX = 32_000_000;
/** One CSV record: a forgotten quote would otherwise gather the rest of the payload in memory. */
export const CSV_RECORD_BYTES_MAX = 8_388_608;
/** Ids of one upload that are told apart, to count them once: 8 bytes each in a half empty table. */
export const DISTINCT_IDS_MAX = 3_000_000;

/** A Worker refuses a key that it does not know when its snapshot is no older; else it asks first. */
export const KEY_MISS_BELIEVED_MS = 1000;
/** Aliases of one cluster: every reader holds all of them. */
export const ALIASES_MAX = 1_000;
/** Indexes that one alias stands for: a search by it is that many searches. */
export const ALIAS_INDEXES_MAX = 20;
/** Time a comparison of one shard's replicas may take, in milliseconds: they are read whole. */
export const VERIFY_DEADLINE_MS = 120_000;
