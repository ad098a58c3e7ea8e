/**
 * The form in which Meilisearch compares facet values and sorts strings: trimmed, decomposed for
 * compatibility, in lower case. `é` and `e` stay different.
 */
const PLAIN = /^[!-@[-~](?:[ -@[-~]*[!-@[-~])?$/;

export function normalizeFacet(value: string): string {
  if (PLAIN.test(value)) return value;
  return value.trim().normalize("NFKD").toLowerCase();
}
