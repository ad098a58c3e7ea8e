/**
 * `npm run simulate`: lives of a whole cluster on virtual time, one per seed, under faults. The same
 * seed is the same life: what fails is printed with the line that replays it.
 */
import "../test/sim/platform/hooks.ts";

const { simulate } = await import("../test/sim/simulate.ts");
process.exitCode = await simulate(process.argv.slice(2));
