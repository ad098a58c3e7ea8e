/** `node test/golden/main.ts URL KEY [-v] [--loaded]`: agreement per group with a running endpoint. */
import { loadGolden, replayGolden } from "./replay.ts";

const [url, key, ...flags] = process.argv.slice(2);
if (url === undefined || key === undefined) {
  process.stderr.write("usage: node test/golden/main.ts URL KEY [-v] [--loaded]\n");
  process.exit(2);
}
const endpoint = { url, key };
if (!flags.includes("--loaded")) await loadGolden(endpoint);
const { groups, differences } = await replayGolden(endpoint);
if (flags.includes("-v")) {
  for (const { id, request, path, want, got } of differences.slice(0, 40)) {
    console.log(`${id} at ${path}\n  ${request.slice(0, 240)}\n  want ${want}\n  got  ${got}`);
  }
}
for (const { group, same, total } of groups) console.log(`${group.padEnd(16)}${same}/${total}`);
const total = groups.reduce((sum, group) => sum + group.total, 0);
console.log(`agreement ${total - differences.length}/${total}`);
process.exitCode = differences.length === 0 ? 0 : 1;
