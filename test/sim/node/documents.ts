/** One index of the stand-in: documents by id, and the few filters that the simulation uses. */
export type Document = Readonly<Record<string, unknown>>;

/** A refusal in Meilisearch's own words, as far as production code reads them. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

type Matcher = (document: Document) => boolean;

const CLAUSE = /^([\w]+)\s*(=|IN)\s*(.+)$/;

export class NodeIndex {
  readonly uid: string;
  primaryKey: string | null;
  readonly documents = new Map<string, Document>();
  readonly settings = new Map<string, unknown>();

  constructor(uid: string, primaryKey: string | null) {
    this.uid = uid;
    this.primaryKey = primaryKey;
  }

  copy(): NodeIndex {
    const copy = new NodeIndex(this.uid, this.primaryKey);
    for (const [id, document] of this.documents) copy.documents.set(id, document);
    for (const [name, value] of this.settings) copy.settings.set(name, value);
    return copy;
  }

  /** All or nothing: one document that cannot be taken fails all of them. */
  add(documents: readonly Document[], isUpdate: boolean, skipsCreation: boolean): void {
    if (documents.some(({ _geo }) => _geo !== undefined)) {
      throw new Refused("invalid_document_geo_field", "Could not find latitude in the document.");
    }
    for (const document of documents) {
      const id = this.idOf(document);
      const before = this.documents.get(id);
      if (before === undefined && skipsCreation) continue;
      this.documents.set(
        id,
        isUpdate && before !== undefined ? { ...before, ...document } : document,
      );
    }
  }

  remove(ids: readonly string[]): number {
    return ids.filter((id) => this.documents.delete(id)).length;
  }

  idOf(document: Document): string {
    return String(document[this.primaryKey ?? "id"]);
  }

  /** The documents that match, by ascending id. */
  matching(filter: unknown, code: string): readonly Document[] {
    const matcher = this.#matcher(filter, code);
    return [...this.documents.values()]
      .filter(matcher)
      .toSorted((a, b) => Number(this.idOf(a)) - Number(this.idOf(b)));
  }

  #matcher(filter: unknown, code: string): Matcher {
    if (filter === null || filter === undefined) return () => true;
    if (typeof filter === "string") return this.#clause(filter, code);
    if (!Array.isArray(filter)) throw new Refused(code, "a filter of another shape");
    const all = filter.map((part: unknown) => this.#matcher(part, code));
    return (document) => all.every((matches) => matches(document));
  }

  #clause(text: string, code: string): Matcher {
    const [, attribute, operator, rest] = CLAUSE.exec(text.trim()) ?? [];
    if (attribute === undefined || rest === undefined) throw new Refused(code, `filter: ${text}`);
    if (!this.isFilterable(attribute)) {
      throw new Refused(code, `Attribute \`${attribute}\` is not filterable.`);
    }
    const list = operator === "IN" ? rest.replace(/^\[|\]$/g, "").split(",") : [rest];
    const values = new Set(list.map((value) => value.trim().replace(/^"|"$/g, "")));
    return (document) => values.has(String(document[attribute]));
  }

  isFilterable(attribute: string): boolean {
    const rules = this.settings.get("filterableAttributes");
    if (!Array.isArray(rules)) return false;
    return rules.some((rule: unknown) =>
      typeof rule === "string"
        ? rule === attribute
        : JSON.stringify(rule).includes(`"attributePatterns":["${attribute}"]`),
    );
  }
}
