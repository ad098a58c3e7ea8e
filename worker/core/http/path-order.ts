/**
 * The order in which path patterns are tried: a fixed segment before a parameter, position by
 * position, so that `/tasks/cancel` is never taken for the task `cancel`.
 */
export function comparePatterns(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const order = Number(isParameter(left[at])) - Number(isParameter(right[at]));
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const isParameter = (segment: string | undefined): boolean => segment?.startsWith(":") ?? false;
