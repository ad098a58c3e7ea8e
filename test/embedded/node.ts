/** An embedded node in memory, to be spoken to as over HTTP. */
import { EmbeddedEngine } from "../../durable-objects/embedded/embedded-engine.ts";
import { MemoryStorage } from "../../durable-objects/embedded/storage/memory-storage.ts";
import type { NodeStorage } from "../../durable-objects/embedded/storage/storage.ts";

export interface Reply {
  readonly status: number;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are compared as they are
  readonly json: any;
}

export class TestNode {
  private readonly engine: EmbeddedEngine;

  constructor(storage: NodeStorage = new MemoryStorage()) {
    this.engine = new EmbeddedEngine(storage, () => new Date(0));
  }

  call(method: string, url: string, body?: unknown, contentType = "application/json"): Reply {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const headers = { "content-type": contentType, "meili-proxy-search": "true" };
    const answer = this.engine.handle({ method, url, headers, body: text });
    return {
      status: answer.status,
      text: answer.body,
      json: answer.body === "" ? undefined : JSON.parse(answer.body),
    };
  }

  /** Does a write and answers with its finished task. */
  task(method: string, url: string, body?: unknown, contentType?: string): Reply["json"] {
    const { json } = this.call(method, url, body, contentType);
    return this.call("GET", `/tasks/${json.taskUid}`).json;
  }

  search(uid: string, body: object): Reply["json"] {
    return this.call("POST", `/indexes/${uid}/search`, body).json;
  }
}
