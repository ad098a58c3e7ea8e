/** Why one Meilisearch would fail a write's task, when that shows before delivery. */
import { errorBody, type ErrorBody } from "../worker/core/errors/api-error.ts";
import { primaryKeyConflict } from "../worker/core/documents/primary-key.ts";
import type { IndexUid, LogOffset } from "../worker/core/ids.ts";
import type { Operation } from "../worker/core/log/operation.ts";

/** The index as its log knows it when the write comes. */
export interface Known {
  readonly head: LogOffset;
  readonly primaryKey: string | undefined;
  /** Whether it holds documents, once everything in the log has been applied. */
  readonly hasDocuments: () => Promise<boolean>;
}

export async function refusalOf(
  operation: Operation,
  indexUid: IndexUid,
  { head, primaryKey, hasDocuments }: Known,
): Promise<ErrorBody | undefined> {
  switch (operation.kind) {
    case "createIndex": {
      if (head === 0) return undefined;
      return errorBody("index_already_exists", `Index \`${indexUid}\` already exists.`);
    }
    case "writeDocuments":
      if (primaryKey === undefined || primaryKey === operation.primaryKey) return undefined;
      return primaryKeyConflict(primaryKey);
    case "setPrimaryKey": {
      if (primaryKey === undefined || primaryKey === operation.primaryKey) return undefined;
      if (!(await hasDocuments())) return undefined;
      const { code, message } = primaryKeyConflict(primaryKey);
      return errorBody(code, `Index \`${indexUid}\`: ${message}`);
    }
    case "deleteDocuments":
    case "deleteByFilter":
    case "deleteAllDocuments":
    case "changeSettings":
    case "restoreSettings":
    case "restoreDocuments":
    case "deleteIndex":
    case "compactIndex":
    case "editDocuments":
    case "reshard":
    case "pass":
      return undefined;
  }
}
