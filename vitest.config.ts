import { join } from "node:path";

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Tests that start a whole Miroir, one after the other: they need the machine for themselves. */
const wholeFleets = (name: string, groupOrder: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: "node",
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 600_000,
    sequence: { groupOrder },
  },
});

/** For tests that wait for conditions: a machine that is busy must not fail them. */
const PATIENCE_MS = 60_000;

/** Where `.ci/run` wants the results; people read the usual output. */
const report = process.env["MIROIR_TEST_REPORT"];

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", "json"],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    projects: [
      {
        test: {
          name: "core",
          include: [
            "test/chats/**/*.test.ts",
            "test/core/**/*.test.ts",
            "test/embedded/**/*.test.ts",
            "test/ingest/**/*.test.ts",
            "test/scripts/**/*.test.ts",
            "test/search/**/*.test.ts",
          ],
          environment: "node",
          testTimeout: PATIENCE_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "sim",
          include: ["test/sim/**/*.test.ts"],
          environment: "node",
          alias: {
            "cloudflare:workers": join(
              import.meta.dirname,
              "test/sim/platform/cloudflare-workers.ts",
            ),
          },
          testTimeout: 300_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations("./migrations"),
                MIROIR_MASTER_KEY: "test-master-key",
                MIROIR_SHARDS: "16",
                MIROIR_RF: "2",
                // Small enough to be filled by a test.
                MIROIR_LOG_BYTES: "20000000",
                MIROIR_LEASE_MS: "1000",
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          include: ["test/workerd/**/*.test.ts"],
          setupFiles: ["./test/workerd/apply-migrations.ts"],
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          sequence: { groupOrder: 1 },
        },
      },
      wholeFleets("golden", 2),
      wholeFleets("e2e", 3),
    ],
  },
});
