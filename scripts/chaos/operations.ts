/**
 * The writes of a chaos run: drawn from a seed, sent with the official client, and told again from
 * a task. Each has a name of its own in its task, so that a write whose answer was lost is found by
 * its task, or by the lack of one, when all is over.
 */
import type { EnqueuedTask, Index, Task } from "meilisearch";

export type ChaosDocument = Readonly<Record<string, string | number>>;

export type Operation =
  | { readonly kind: "add" | "update"; readonly documents: readonly ChaosDocument[] }
  | { readonly kind: "deleteIds"; readonly ids: readonly string[] }
  | { readonly kind: "deleteByFilter"; readonly filter: string }
  | { readonly kind: "edit"; readonly filter: string };

export type ChaosIndex = Index<Record<string, string | number>>;

/** Documents that no write touches: a search that should find them all must. */
export const STATIC_COUNT = 500;
export const FILTERABLE = ["kind", "bucket", "n", "probe"];

const ID_COUNT = 3000;
const BUCKETS = 20;
const WORDS = "amber basalt cedar delta ember fjord grove harbor iris juniper kelp lagoon".split(
  " ",
);

export function staticDocuments(): ChaosDocument[] {
  return Array.from({ length: STATIC_COUNT }, (_, n) => {
    return { id: `s${n}`, kind: "static", n, text: `${WORDS[n % WORDS.length]} stone` };
  });
}

/** The id of the document that only this write touches: how its effect is looked for. */
export const probeOf = (name: string): string => `p-${name}`;

/** A write, by its name; one that adds brings its probe along. */
export function drawOperation(random: () => number, name: string): Operation {
  const whole = (below: number): number => Math.floor(random() * below);
  const id = (): string => `d${whole(ID_COUNT)}`;
  const word = (): string => WORDS[whole(WORDS.length)] ?? "";
  const many = <T>(max: number, make: () => T): T[] => Array.from({ length: 1 + whole(max) }, make);
  const draw = random();
  if (draw < 0.55) {
    const documents = many(30, () => {
      const text = `${word()} ${word()} ${word()}`;
      return {
        id: id(),
        kind: "live",
        bucket: whole(BUCKETS),
        n: whole(1000),
        count: 0,
        text,
        by: name,
      };
    });
    return { kind: "add", documents: [...documents, { id: probeOf(name), probe: name }] };
  }
  if (draw < 0.75) {
    return { kind: "update", documents: many(20, () => ({ id: id(), note: word(), last: name })) };
  }
  if (draw < 0.87) return { kind: "deleteIds", ids: many(10, id) };
  const filter = `kind = live AND bucket = ${whole(BUCKETS)}`;
  return draw < 0.92
    ? { kind: "deleteByFilter", filter: `${filter} AND n < ${whole(300)}` }
    : { kind: "edit", filter };
}

/** Sends a write; answers the task of a write that was accepted. */
export async function send(
  index: ChaosIndex,
  name: string,
  operation: Operation,
): Promise<EnqueuedTask> {
  const options = { customMetadata: name };
  switch (operation.kind) {
    case "add":
      return await index.addDocuments([...operation.documents], options);
    case "update":
      return await index.updateDocuments([...operation.documents], options);
    case "deleteIds":
      return await index.deleteDocuments([...operation.ids], options);
    case "deleteByFilter":
      return await index.deleteDocuments({ filter: operation.filter }, options);
    case "edit":
      return await index.updateDocumentsByFunction({
        function: "doc.count += 1",
        filter: operation.filter,
        context: { name },
      });
  }
}

/** The name of the write that a task carries out; undefined for a task of another kind. */
export function nameOf(task: Task): string | undefined {
  const name = task.details?.context?.["name"];
  return task.customMetadata ?? (typeof name === "string" ? name : undefined);
}
