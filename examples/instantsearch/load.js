/** Loads the example index, makes a search-only key for the page, and prints the page's address. */
import { readFile } from "node:fs/promises";
import { Meilisearch } from "meilisearch";

const host = process.env["MIROIR_URL"] ?? "http://localhost:7700";
const client = new Meilisearch({ host, apiKey: process.env["MIROIR_KEY"] ?? "dev-key" });
const corpus = new URL("../../test/golden/corpus/packages.ndjson", import.meta.url);
const packages = (await readFile(corpus, "utf8"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const index = client.index("packages");
const done = [
  await index
    .updateSettings({
      searchableAttributes: ["package", "summary", "description", "tags"],
      filterableAttributes: ["section", "priority", "tags", "installedSize", "size"],
      sortableAttributes: ["size"],
    })
    .waitTask({ timeout: 60_000 }),
  await index.addDocuments(packages, { primaryKey: "id" }).waitTask({ timeout: 60_000 }),
];
for (const task of done) {
  if (task.status !== "succeeded") throw new Error(JSON.stringify(task.error));
}

// The uid is fixed so that a second run finds the key again instead of adding one.
const uid = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";
const key = await client.getKey(uid).catch(() =>
  client.createKey({
    uid,
    name: "InstantSearch page",
    actions: ["search"],
    indexes: ["packages"],
    expiresAt: null,
  }),
);
const page = `http://localhost:5173/?${new URLSearchParams({ host, key: key.key })}`;
process.stdout.write(`${packages.length} packages. Now \`npm start\` and open ${page}\n`);
