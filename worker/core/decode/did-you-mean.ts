/**
 * The "did you mean" hint of unknown fields and values: the accepted name within a few edits
 * (insert, delete, replace, swap of neighbours), more for longer names, none up to 3 bytes.
 */
const ALLOWED: readonly { readonly bytes: number; readonly edits: number }[] = [
  { bytes: 3, edits: 0 },
  { bytes: 7, edits: 1 },
  { bytes: 12, edits: 2 },
  { bytes: 17, edits: 3 },
  { bytes: 24, edits: 4 },
];
const EDITS_MAX = 5;

/** ``did you mean `limit`? `` with its trailing space, or nothing. */
export function suggestion(received: string, accepted: readonly string[]): string {
  const bytes = new TextEncoder().encode(received).length;
  const allowed = ALLOWED.find((row) => bytes <= row.bytes)?.edits ?? EDITS_MAX;
  if (allowed === 0) return "";
  let best: { name: string; distance: number } | undefined;
  for (const name of accepted) {
    if (Math.abs(name.length - received.length) > allowed) continue;
    const distance = editDistance(received, name);
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best === undefined ? "" : `did you mean \`${best.name}\`? `;
}

/** Damerau-Levenshtein distance (with unrestricted transpositions) between two short names. */
export function editDistance(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  const infinite = a.length + b.length;
  const width = b.length + 2;
  const cells = Array.from({ length: (a.length + 2) * width }, () => 0);
  const cell = (row: number, column: number): number => cells[row * width + column] ?? infinite;
  const set = (row: number, column: number, value: number): void => {
    cells[row * width + column] = value;
  };
  set(0, 0, infinite);
  for (let row = 0; row <= a.length; row += 1) {
    set(row + 1, 0, infinite);
    set(row + 1, 1, row);
  }
  for (let column = 0; column <= b.length; column += 1) {
    set(0, column + 1, infinite);
    set(1, column + 1, column);
  }
  const lastRowOf = new Map<string, number>();
  for (let row = 1; row <= a.length; row += 1) {
    let lastMatch = 0;
    const letter = a[row - 1] ?? "";
    for (let column = 1; column <= b.length; column += 1) {
      const other = b[column - 1] ?? "";
      const swapRow = lastRowOf.get(other) ?? 0;
      const swapColumn = lastMatch;
      const cost = letter === other ? 0 : 1;
      if (cost === 0) lastMatch = column;
      set(
        row + 1,
        column + 1,
        Math.min(
          cell(row, column) + cost,
          cell(row + 1, column) + 1,
          cell(row, column + 1) + 1,
          cell(swapRow, swapColumn) + (row - swapRow - 1) + 1 + (column - swapColumn - 1),
        ),
      );
    }
    lastRowOf.set(letter, row);
  }
  return cell(a.length + 1, b.length + 1);
}
