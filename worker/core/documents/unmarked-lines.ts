/**
 * Logged documents as the client sent them: one a line, without the shard mark that each line ends
 * with (`splice.ts`). Text comes in pieces of any size; a line is never held as a whole.
 */
import { MARK_FIELD, MARK_CHARACTERS } from "../placement/shard-mark.ts";

/** Raw newlines stand at the end of documents only, so nothing within a string looks like this. */
const MARK = new RegExp(`,?"${MARK_FIELD}":"[${MARK_CHARACTERS.join("")}]*"}\n`, "g");

/** Longer than a mark with what is around it. */
const HELD_BACK = 128;

export class UnmarkedLines {
  #held = "";

  /** What is certain after one more piece. */
  push(piece: string): string {
    const text = (this.#held + piece).replace(MARK, "}\n");
    const certain = Math.max(0, text.length - HELD_BACK);
    this.#held = text.slice(certain);
    return text.slice(0, certain);
  }

  /** The rest. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}
