/** A size as a client may write it: `24MiB`, `1.5 GB`, `1000`. */
const UNITS: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** The bytes, or why the text is no size. */
export function readByteSize(text: string): number | { readonly mistake: string } {
  const trimmed = text.trim();
  const digits = /^\d+(\.\d+)?/.exec(trimmed)?.[0];
  if (digits === undefined) {
    const [first] = trimmed;
    return {
      mistake:
        first === undefined ? "no value can be found" : `the character '${first}' is not a number`,
    };
  }
  const unit = trimmed.slice(digits.length).trimStart();
  const [, prefix = "", binary = ""] = /^([kmgtpe]?)(i?)b?$/i.exec(unit) ?? [];
  const isUnit = /^([kmgtpe]i?)?b?$/i.test(unit);
  if (!isUnit) {
    return {
      mistake: `the character '${unit[0] ?? ""}' is incorrect ('B', 'K', 'M', 'G', 'T', 'P', 'E' or no character or no character is expected)`,
    };
  }
  const step = binary === "" ? 1000 : 1024;
  return Math.floor(Number(digits) * step ** (UNITS[prefix.toUpperCase()] ?? 0));
}
