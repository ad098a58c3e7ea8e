/** Filter expressions that Miroir writes itself, with every name and value quoted. */
export type FilterValue = string | number;

/** Text as a quoted filter value or attribute name. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function literal(value: FilterValue): string {
  return typeof value === "number" ? String(value) : quoted(value);
}

/** `attribute IN [values]`. */
export function isOneOf(attribute: string, values: readonly FilterValue[]): string {
  return `${quoted(attribute)} IN [${values.map(literal).join(", ")}]`;
}

/** Documents that have no value for the attribute, or only values that no facet has. */
export function hasNoValue(attribute: string): string {
  const name = quoted(attribute);
  return `${name} NOT EXISTS OR ${name} IS NULL OR ${name} IS EMPTY`;
}

export function not(condition: string): string {
  return `NOT (${condition})`;
}

export function anyOf(conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(" OR ");
}
