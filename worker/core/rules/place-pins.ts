/**
 * Pinned hits among the others. As Meilisearch does, twice: a node places them in the order of their
 * rules' precedence, where one that waits for its position keeps those behind it waiting, and keeps
 * the first hits; of those the pinned ones are then placed in the order of their positions.
 */
export interface Pinned<T> {
  readonly position: number;
  readonly hit: T;
}

type Slot<T> = { readonly kind: "pin"; readonly pin: Pinned<T> } | { readonly kind: "other" };

/** The first `limit` places, pins in the given order: each where it wants to be or right after. */
function slots<T>(pins: readonly Pinned<T>[], others: number, limit: number): readonly Slot<T>[] {
  const placed: Slot<T>[] = [];
  let next = 0;
  let left = others;
  while (placed.length < limit) {
    const pin = pins[next];
    if (pin !== undefined && (pin.position <= placed.length || left === 0)) {
      placed.push({ kind: "pin", pin });
      next += 1;
    } else if (left > 0) {
      placed.push({ kind: "other" });
      left -= 1;
    } else break;
  }
  return placed;
}

/** The pins that come among the first `limit` of a query's hits, by position. */
export function keptPins<T>(
  pins: readonly Pinned<T>[],
  others: number,
  limit: number,
): readonly Pinned<T>[] {
  return slots(pins, others, limit)
    .flatMap((slot) => (slot.kind === "pin" ? [slot.pin] : []))
    .toSorted((a, b) => a.position - b.position);
}

/** The first `limit` hits, with pins that are in the order of their positions. */
export function withPins<T>(
  pins: readonly Pinned<T>[],
  others: readonly T[],
  limit: number,
): readonly T[] {
  if (pins.length === 0) return others.slice(0, limit);
  const rest = others.values();
  return slots(pins, others.length, limit).flatMap((slot) => {
    if (slot.kind === "pin") return [slot.pin.hit];
    const { value, done } = rest.next();
    return done === true ? [] : [value];
  });
}
