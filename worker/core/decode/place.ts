/**
 * Where in a body a value stands, and which error code a mistake there gets. The path is only
 * spelled out (`.queries[0].q`) when a mistake is reported, so descending costs one small object.
 */
import type { ErrorCode } from "../errors/codes.ts";

export class Place {
  readonly code: ErrorCode;
  private readonly parent: Place | undefined;
  private readonly step: string | number;

  private constructor(code: ErrorCode, parent: Place | undefined, step: string | number) {
    this.code = code;
    this.parent = parent;
    this.step = step;
  }

  /** The whole body; mistakes that belong to no field get `code`. */
  static root(code: ErrorCode = "bad_request"): Place {
    return new Place(code, undefined, "");
  }

  key(name: string, code: ErrorCode = this.code): Place {
    return new Place(code, this, name);
  }

  index(position: number): Place {
    return new Place(this.code, this, position);
  }

  withCode(code: ErrorCode): Place {
    return new Place(code, this.parent, this.step);
  }

  /** `` at `.filter` ``, or nothing for the whole body. */
  phrase(preposition: string): string {
    return this.parent === undefined ? "" : ` ${preposition} \`${this.path()}\``;
  }

  private path(): string {
    if (this.parent === undefined) return "";
    const step = typeof this.step === "number" ? `[${this.step}]` : `.${this.step}`;
    return this.parent.path() + step;
  }
}
