/** One line for the operator's log: what happened, with facts. */
export function report(event: string, facts: object): void {
  // oxlint-disable-next-line no-console -- the log that an operator reads
  console.log(JSON.stringify({ event, ...facts }));
}
