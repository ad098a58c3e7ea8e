/**
 * The inverted index: which documents hold a word, and where in each. Documents keep their words as
 * one packed list sorted by word, so a place is found by binary search and 50,000 documents fit in
 * a small heap. Sorted word lists are rebuilt on the first search after a write.
 */
import { compareBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import type { Occurrence } from "./word-positions.ts";

export type WordId = number;
export type FieldId = number;
/** Attribute in the upper half, position in the lower. */
export type Place = number;

const POSITION_BITS = 16;
const POSITION_MASK = 0xffff;

export function fieldOf(place: Place): FieldId {
  return place >>> POSITION_BITS;
}

export function positionOf(place: Place): number {
  return place & POSITION_MASK;
}

/** Names of searchable attributes by a small number. */
export class FieldNames {
  private readonly ids = new Map<string, FieldId>();
  private readonly names: string[] = [];

  idOf(name: string): FieldId {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.names.length;
    this.ids.set(name, id);
    this.names.push(name);
    return id;
  }

  get(name: string): FieldId | undefined {
    return this.ids.get(name);
  }

  all(): readonly string[] {
    return this.names;
  }
}

function insertionPoint(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const NO_DOCUMENTS: readonly number[] = [];

export class Vocabulary {
  readonly fields = new FieldNames();
  private readonly ids = new Map<string, WordId>();
  private readonly spellings: string[] = [];
  private readonly postings: number[][] = [];
  /** Per document: word, place, word, place, … sorted. */
  private readonly documents: (Uint32Array | undefined)[] = [];
  private sorted: readonly string[] | undefined;

  add(doc: number, found: readonly Occurrence[]): void {
    const order = found.map(({ word, field, position }) => ({
      word: this.intern(word),
      place: ((this.fields.idOf(field) << POSITION_BITS) | position) >>> 0,
    }));
    order.sort((a, b) => a.word - b.word || a.place - b.place);
    const packed = new Uint32Array(order.length * 2);
    let previous = -1;
    order.forEach(({ word, place }, at) => {
      packed[at * 2] = word;
      packed[at * 2 + 1] = place;
      if (word !== previous) this.addPosting(word, doc);
      previous = word;
    });
    this.documents[doc] = packed;
  }

  remove(doc: number): void {
    const packed = this.documents[doc];
    if (packed === undefined) return;
    let previous = -1;
    for (let at = 0; at < packed.length; at += 2) {
      const word = packed[at] ?? 0;
      if (word !== previous) this.removePosting(word, doc);
      previous = word;
    }
    this.documents[doc] = undefined;
  }

  id(word: string): WordId | undefined {
    const id = this.ids.get(word);
    return id === undefined || (this.postings[id]?.length ?? 0) === 0 ? undefined : id;
  }

  docs(id: WordId): readonly number[] {
    return this.postings[id] ?? NO_DOCUMENTS;
  }

  /** Where the word stands in the document: `visit` is called with each place, ascending. */
  places(doc: number, word: WordId, visit: (place: Place) => void): void {
    const packed = this.documents[doc];
    if (packed === undefined) return;
    let low = 0;
    let high = packed.length >>> 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((packed[middle * 2] ?? 0) < word) low = middle + 1;
      else high = middle;
    }
    for (let at = low * 2; packed[at] === word; at += 2) visit(packed[at + 1] ?? 0);
  }

  /** How many words the document has in that attribute. */
  wordCount(doc: number, field: FieldId): number {
    const packed = this.documents[doc];
    if (packed === undefined) return 0;
    let count = 0;
    for (let at = 1; at < packed.length; at += 2)
      if (fieldOf(packed[at] ?? 0) === field) count += 1;
    return count;
  }

  /** Every word that some document holds, in byte order. */
  sortedWords(): readonly string[] {
    if (this.sorted !== undefined) return this.sorted;
    const words = this.spellings.filter((_, id) => (this.postings[id]?.length ?? 0) > 0);
    words.sort(compareBytes);
    this.sorted = words;
    return words;
  }

  private intern(word: string): WordId {
    const known = this.ids.get(word);
    if (known !== undefined) return known;
    const id = this.spellings.length;
    this.ids.set(word, id);
    this.spellings.push(word);
    this.postings.push([]);
    return id;
  }

  private addPosting(word: WordId, doc: number): void {
    const list = this.postings[word];
    if (list === undefined) return;
    if (list.length === 0) this.sorted = undefined;
    if (list.length === 0 || (list.at(-1) ?? 0) < doc) list.push(doc);
    else list.splice(insertionPoint(list, doc), 0, doc);
  }

  private removePosting(word: WordId, doc: number): void {
    const list = this.postings[word];
    if (list === undefined) return;
    const at = insertionPoint(list, doc);
    if (list[at] === doc) list.splice(at, 1);
    if (list.length === 0) this.sorted = undefined;
  }
}
