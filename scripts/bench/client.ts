/** A small keep-alive client: `fetch` of Node.js would cost more than what is measured. */
import { Agent, request } from "node:http";

export interface Contender {
  readonly name: string;
  readonly url: string;
  readonly key: string;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export class Client {
  readonly #contender: Contender;
  readonly #agent: Agent;

  constructor(contender: Contender, connectionCount: number) {
    this.#contender = contender;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionCount });
  }

  send(method: string, path: string, body = "", type = "application/json"): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.#contender.url}${path}`,
        {
          method,
          agent: this.#agent,
          headers: {
            Authorization: `Bearer ${this.#contender.key}`,
            ...(body === ""
              ? {}
              : { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }),
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("end", () =>
            resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
          incoming.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  /** A request whose failure ends the bench. */
  async expect(method: string, path: string, body?: string, type?: string): Promise<string> {
    const { status, text } = await this.send(method, path, body, type);
    if (status < 200 || status > 299) {
      throw new Error(`${this.#contender.name}: ${method} ${path}: ${status} ${text}`);
    }
    return text;
  }

  close(): void {
    this.#agent.destroy();
  }
}
