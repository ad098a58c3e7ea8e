/** `fetch` to nodes: each request takes its time, and meets its fate on the way there or back. */
import type { Faults, RequestFate } from "./faults.ts";
import type { NodeHost } from "./node/host.ts";
import { refusal, type NodeAnswer } from "./node/stand-in.ts";
import { Refused } from "./node/documents.ts";
import type { Events } from "./platform/events.ts";
import { currentLife } from "./platform/wire.ts";
import type { Trace } from "./trace.ts";

export interface NetworkTools {
  readonly events: Events;
  readonly faults: Faults;
  readonly host: (name: string) => NodeHost | undefined;
  readonly trace: Trace;
}

const OVERLOADED = new Refused(
  "too_many_search_requests",
  "Too many search requests running at the same time.",
  503,
);
const WRONG_SETTINGS = new Refused("invalid_settings_filterable_attributes", "not these settings");
const BROKEN = new Refused("internal", "the node broke after it had taken the request", 500);
const decoder = new TextDecoder();

/** What production code uses of a response. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
}

export class Network {
  readonly #tools: NetworkTools;

  constructor(tools: NetworkTools) {
    this.#tools = tools;
  }

  async fetch(url: string, init: RequestInit): Promise<Answer> {
    const { events, faults, trace } = this.#tools;
    const caller = currentLife();
    caller.point("call");
    const sentIn = events.turn;
    const [, name = "", path = ""] = /^http:\/\/([^/]+)(.*)$/.exec(url) ?? [];
    const method = init.method ?? "GET";
    const passage = faults.request(name, method, path);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { signal } = init;
    signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    const body = textOf(init.body);
    const disk = this.#tools.host(name)?.disk;
    events.schedule(passage.thereMs, () => {
      if (caller.isOver && caller.endedIn <= sentIn) return;
      // Connections are closed when their caller gives up or ends: what was still to come never does.
      if (signal?.aborted === true || (caller.isOver && passage.isDelayed)) return;
      // The process that it was sent to is gone, and its connections with it.
      if (this.#tools.host(name)?.disk !== disk) {
        return reject(new Error("Network connection lost."));
      }
      trace.add(name, method, `${path} ${passage.fate === "whole" ? "" : passage.fate}`);
      this.#arrive(name, { method, url: path, body }, passage, (answer) => {
        events.schedule(passage.backMs, () => {
          if (caller.isOver) return;
          if (answer === "broken") reject(new Error("Network connection lost."));
          else resolve(answer);
        });
      });
    });
    return await promise;
  }

  #arrive(
    name: string,
    request: { readonly method: string; readonly url: string; readonly body: string },
    { fate }: RequestFate,
    back: (answer: Answer | "broken") => void,
  ): void {
    const host = this.#tools.host(name);
    if (fate === "drop" || host === undefined) return back("broken");
    if (fate === "overload") return back(answerOf(refusal(OVERLOADED), false));
    const isClients = request.body.includes('"tag"') && request.method === "PATCH";
    if (isClients && this.#tools.faults.refusesSettings(name)) {
      return back(answerOf(refusal(WRONG_SETTINGS), false));
    }
    host.receive(request, (answer) => {
      if (answer === "refused" || fate === "lose-answer") return back("broken");
      if (fate === "hang") return;
      if (fate === "fail-after-effect") return back(answerOf(refusal(BROKEN), false));
      back(answerOf(answer, fate === "cut-answer"));
    });
  }
}

function answerOf({ status, text }: NodeAnswer, isCut: boolean): Answer {
  return {
    ok: status < 400,
    status,
    headers: { get: () => null },
    text: () =>
      isCut ? Promise.reject(new Error("Network connection lost.")) : Promise.resolve(text),
  };
}

function textOf(body: unknown): string {
  if (body === null || body === undefined) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return decoder.decode(body);
  throw new TypeError("the simulation sends no streams to nodes");
}
