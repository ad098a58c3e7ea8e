/** Time and chance as a running object has them. */
import { sleep } from "./sleep.ts";

export const CLOCK = { now: () => Date.now(), random: () => Math.random(), sleep };
