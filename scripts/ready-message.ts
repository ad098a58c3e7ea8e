/** What a user reads when Miroir is up: where, over which nodes, with which key, and what to try. */
import type { NamedNode, Options } from "./options.ts";

export function readyMessage(options: Options, nodes: readonly NamedNode[]): string {
  const url = `http://localhost:${options.port}`;
  const rows = [
    ["listening on", url],
    ["nodes", nodes.map(nodeText).join(", ")],
    ["placement", placementText(options)],
    ["key", options.key],
    ["state", options.stateFolder],
  ];
  return [
    "",
    "Miroir is ready.",
    "",
    ...rows.map(([name = "", text = ""]) => `  ${name.padEnd(14)}${text}`),
    "",
    "Try:",
    "",
    `  curl -X POST ${url}/indexes/movies/documents \\`,
    `    -H ${shellQuoted(`Authorization: Bearer ${options.key}`)} -H 'Content-Type: application/json' \\`,
    `    -d '[{"id": 1, "title": "Inception"}, {"id": 2, "title": "Interstellar"}]'`,
    "",
    "Ctrl-C ends it; the state stays.",
    "",
  ].join("\n");
}

const nodeText = ({ id, url }: NamedNode): string =>
  url === `embedded://${id}` ? `${id} (embedded)` : `${id} (${url})`;

const placementText = ({ shardCount, replicationFactor }: Options): string =>
  `${shardCount} shards, ${replicationFactor} replica${replicationFactor === 1 ? "" : "s"} of each`;

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
