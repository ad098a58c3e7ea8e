/** The closing lines of `.ci/run`, from vitest's JSON report: what failed, what was skipped and why. */
import { readFileSync } from "node:fs";

import { z } from "zod";

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

const [file = "", checks = "passed"] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
if (text === "") {
  console.log("the tests did not run\n0 passed, 1 failed, 0 skipped");
  process.exit(1);
}
const { testResults } = report.parse(JSON.parse(text));
const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
const passed = tests.filter(({ status }) => status === "passed");
const failed = tests.filter(({ status }) => status === "failed");
const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
// A file that does not load has no tests to fail.
const broken = testResults.filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((test) => test.status === "failed"),
);

for (const { fullName } of skipped) console.log(`skipped: ${fullName}`);
for (const { fullName } of failed) console.log(`failed: ${fullName}`);
for (const { name, message } of broken) console.log(`failed: ${name}: ${message ?? ""}`);
if (checks !== "passed") console.log("failed: npm run check");
const failureCount = failed.length + broken.length + (checks === "passed" ? 0 : 1);
console.log(`${passed.length} passed, ${failureCount} failed, ${skipped.length} skipped`);
process.exitCode = failureCount === 0 && passed.length > 0 ? 0 : 1;
