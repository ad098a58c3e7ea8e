/** Why a backup job fails, in the words that its task shows. */
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";

export class BackupError extends Error {
  readonly body: ErrorBody;
  /** Trying again cannot help. */
  readonly isFinal: boolean;

  constructor(body: ErrorBody, isFinal: boolean) {
    super(body.message);
    this.name = "BackupError";
    this.body = body;
    this.isFinal = isFinal;
  }
}
