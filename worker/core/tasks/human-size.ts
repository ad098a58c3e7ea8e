/** Sizes in the words in which Meilisearch tells those of a compaction: `64 KiB`, `1.5 MiB`. */
const PREFIXES = ["K", "M", "G", "T", "P"] as const;

/** As Meilisearch does: decimal and binary units side by side, smallest first. */
const UNITS: readonly (readonly [string, number])[] = [
  ["B", 1],
  ...PREFIXES.flatMap((prefix, at) => [
    [`${prefix}B`, 1000 ** (at + 1)] as const,
    [`${prefix}iB`, 1024 ** (at + 1)] as const,
  ]),
];

/** In the largest unit of which it is at least one, to the last digit. */
export function humanSize(bytes: number): string {
  const [name, size] = UNITS.findLast((unit) => bytes >= unit[1]) ?? ["B", 1];
  return `${bytes / size} ${name}`;
}

/** As Meilisearch tells those of its statistics: binary units alone, two digits after the point. */
export function roundedSize(bytes: number): string {
  const [name, size] = UNITS.findLast(([unit, least]) => bytes >= least && !/^.B$/.test(unit)) ?? [
    "B",
    1,
  ];
  return `${Number((bytes / size).toFixed(2))} ${name}`;
}

/** The bytes of such a text; undefined when it is none. */
export function sizeOf(text: string): number | undefined {
  const [, digits = "", name = ""] = /^(\d+(?:\.\d+)?) ?([KMGTP]?i?B)$/.exec(text) ?? [];
  const size = UNITS.find((unit) => unit[0] === name)?.[1];
  return size === undefined ? undefined : Math.round(Number(digits) * size);
}
