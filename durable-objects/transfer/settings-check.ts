/**
 * Settings on nodes are those of the index: compared while the nodes stand still at one offset of
 * the log, and sent anew where somebody changed them on a node.
 */
import type { NodeId } from "../../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import { settingsRepair } from "../../worker/core/settings/settings-drift.ts";
import { report } from "../report.ts";
import { readNode, writeNode } from "./node-access.ts";
import type { TransferTools } from "./transfer-tools.ts";

export class SettingsCheck {
  readonly #tools: TransferTools;
  /** What was sent last to a node that still differs: it is told, and not sent again and again. */
  readonly #sent = new Map<NodeId, string>();

  constructor(tools: TransferTools) {
    this.#tools = tools;
  }

  async check(nodes: readonly NodeId[], repairs: boolean): Promise<void> {
    for (const node of nodes) await this.#checkOne(node, repairs);
  }

  async #checkOne(node: NodeId, repairs: boolean): Promise<void> {
    const { access, physical, replication, store } = this.#tools;
    const path = `/indexes/${physical}/settings`;
    const answer = await readNode(access, node, {
      method: "GET",
      path,
      timeoutMs: NODE_CALL_DEADLINE_MS,
    });
    const primaryKey = store.fact("primaryKey");
    const patch = settingsRepair(answer, { settings: replication.settings(), primaryKey });
    if (patch === undefined) {
      this.#sent.delete(node);
      return;
    }
    const body = JSON.stringify(patch);
    const isRepaired = repairs && this.#sent.get(node) !== body;
    report("settings_differ", { index: physical, node, names: Object.keys(patch), isRepaired });
    if (!isRepaired) return;
    this.#sent.set(node, body);
    await writeNode(access, node, {
      method: "PATCH",
      path,
      body,
      headers: { "Content-Type": "application/json" },
      settledBy: [],
    });
  }
}
