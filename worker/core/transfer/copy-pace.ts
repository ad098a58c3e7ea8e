/**
 * How fast copies may go, over all indexes of the cluster. Every page is charged for when it has been
 * copied, and nothing is copied before what was charged is over: so in any stretch of time no more is
 * copied than the rate allows, and one page of each copy that is under way.
 */

/** When everything that was copied is over, in milliseconds on the caller's clock. */
export interface CopyDebt {
  readonly paidAt: number;
}

export const NO_DEBT: CopyDebt = { paidAt: 0 };

/** The debt with these bytes on top. */
export function charged(
  { paidAt }: CopyDebt,
  bytes: number,
  bytesPerSecond: number,
  now: number,
): CopyDebt {
  return { paidAt: Math.max(paidAt, now) + (bytes * 1000) / bytesPerSecond };
}

/** How long to wait before the next page, in milliseconds. */
export function waitMs({ paidAt }: CopyDebt, now: number): number {
  return Math.max(0, Math.ceil(paidAt - now));
}
