/**
 * An error as a Meilisearch client sees it: `{ message, code, type, link }`.
 * Thrown by validation, caught once by the app's error boundary; also stored inside failed tasks.
 */
import { errorKind, type ErrorCode, type ErrorType } from "./codes.ts";

export interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly type: ErrorType;
  readonly link: string;
}

export class ApiError extends Error {
  readonly code: string;
  readonly type: ErrorType;
  readonly status: number;
  /** Seconds for the `Retry-After` header, on 503 only. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    const kind = errorKind(code);
    this.name = "ApiError";
    this.code = code;
    this.type = kind?.type ?? "internal";
    this.status = kind?.status ?? 500;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  body(): ErrorBody {
    return errorBody(this.code, this.message);
  }
}

/** The JSON shape of an error, with the type and the link that belong to its code. */
export function errorBody(code: string, message: string): ErrorBody {
  return {
    message,
    code,
    type: errorKind(code)?.type ?? "internal",
    link: `https://docs.meilisearch.com/errors#${code}`,
  };
}
