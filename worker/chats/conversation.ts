/**
 * A conversation with a workspace's language model: what the model says is passed on as it comes;
 * where it asks for a search, the search is carried out and the model asked again with what was
 * found, without the client in between.
 */
import type { ChatSettings } from "../core/chats/chat-settings.ts";
import type { Completion } from "../core/chats/completion.ts";
import {
  APPEND_MESSAGE,
  SEARCH_IN_INDEX,
  SEARCH_PROGRESS,
  SEARCH_SOURCES,
  type Reports,
} from "../core/chats/functions.ts";
import { modelEndpoint, systemRole, tellsUsage } from "../core/chats/model-request.ts";
import {
  callingChunk,
  chunkOf,
  errorEvent,
  refusalOf,
  type Chunk,
  type StreamError,
  type ToolCallPart,
} from "./chunks.ts";
import { eventData } from "./event-stream.ts";

/** What the model's search found: a text for the model, documents for the client. */
export interface ToolAnswer {
  readonly text: string;
  /** JSON texts, as the nodes have them. */
  readonly sources: readonly string[] | undefined;
  /** Told to the client besides. */
  readonly error: StreamError | undefined;
}

export interface ConversationTools {
  readonly settings: ChatSettings;
  readonly completion: Completion;
  readonly searchTool: object;
  readonly reports: Reports;
  readonly search: (args: string) => Promise<ToolAnswer>;
  readonly send: (event: object) => Promise<void>;
  readonly fetch: typeof fetch;
  /** When the client is gone. */
  readonly signal: AbortSignal;
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/** As Meilisearch does: a model that goes on searching is stopped after so many rounds. */
const ROUNDS_MAX = 20;
/** Time the model may take for one round, in milliseconds. */
const ROUND_DEADLINE_MS = 120_000;

export class Conversation {
  readonly #tools: ConversationTools;
  readonly #messages: unknown[];
  readonly #calls = new Map<number, Call>();

  constructor(tools: ConversationTools) {
    const { settings, completion } = tools;
    this.#tools = tools;
    const role = systemRole(settings, completion.model);
    this.#messages = [{ role, content: settings.prompts.system }, ...completion.messages];
  }

  async run(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (!(await this.#round())) return;
    }
  }

  /** Whether the model asked for searches and is to hear of them. */
  async #round(): Promise<boolean> {
    const stream = await this.#ask();
    if (stream === undefined) return false;
    let finish: string | null = null;
    try {
      for await (const data of eventData(stream)) {
        if (data === "[DONE]") return finish === "tool_calls";
        const chunk = chunkOf(data);
        const [choice] = chunk.choices;
        if (choice === undefined) return finish === "tool_calls";
        finish = choice.finish_reason;
        await this.#take(chunk, choice.delta.tool_calls);
      }
    } catch (error) {
      if (this.#tools.signal.aborted) throw error;
      const type = error instanceof SyntaxError ? "json_deserialize_error" : "transport_error";
      const message = error instanceof Error ? error.message : String(error);
      await this.#fail({ type, code: null, message, param: null });
      return false;
    }
    await this.#fail({ type: "stream_ended", code: null, message: "Stream ended", param: null });
    return false;
  }

  /** The model's stream; undefined when there is none, which the client was told. */
  async #ask(): Promise<ReadableStream<Uint8Array> | undefined> {
    const { settings, completion, searchTool, signal } = this.#tools;
    const { url, headers } = modelEndpoint(settings);
    const body = {
      messages: this.#messages,
      model: completion.model,
      ...completion.passed,
      stream: true,
      ...(tellsUsage(settings) ? { stream_options: { include_usage: true } } : {}),
      tools: [searchTool],
    };
    try {
      const response = await this.#tools.fetch(url, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(ROUND_DEADLINE_MS)]),
      });
      const type = response.headers.get("Content-Type") ?? "";
      if (response.ok && type.startsWith("text/event-stream") && response.body !== null) {
        return response.body;
      }
      await this.#fail(refusalOf(await response.text(), settings.source === "mistral"));
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `error sending request for url (${url})`;
      await this.#fail({ type: "transport_error", code: null, message, param: null });
    }
    return undefined;
  }

  async #fail(error: StreamError): Promise<void> {
    await this.#tools.send(errorEvent(error));
  }

  async #take(chunk: Chunk, parts: readonly ToolCallPart[] | null): Promise<void> {
    if (parts !== null) {
      for (const part of parts) this.#gather(part);
    } else if (this.#calls.size > 0) {
      const calls = [...this.#calls.values()].filter(({ name }) => name === SEARCH_IN_INDEX);
      this.#calls.clear();
      await this.#answer(calls, chunk);
    } else {
      await this.#tools.send(chunk);
    }
  }

  /** A call comes in parts: its name first, then its arguments bit by bit. */
  #gather({ index, id, function: part }: ToolCallPart): void {
    const known = this.#calls.get(index);
    const name = known?.name ?? part?.name ?? "";
    const args = (known?.args ?? "") + (part?.arguments ?? "");
    this.#calls.set(index, { id: known?.id ?? id ?? "", name, args });
  }

  async #answer(calls: readonly Call[], chunk: Chunk): Promise<void> {
    this.#messages.push(assistantMessage(calls));
    for (const call of calls) await this.#answerOne(call, chunk);
  }

  async #answerOne(call: Call, chunk: Chunk): Promise<void> {
    const { reports, send, search } = this.#tools;
    if (reports.progress) {
      const { id: call_id, name: function_name, args: function_arguments } = call;
      const progress = { call_id, function_name, function_arguments };
      await send(callingChunk(chunk, SEARCH_PROGRESS, JSON.stringify(progress)));
    }
    if (reports.messages) {
      const told = JSON.stringify(assistantMessage([call]));
      await send(callingChunk(chunk, APPEND_MESSAGE, told));
    }
    const { text: content, sources, error } = await search(call.args);
    if (reports.sources && sources !== undefined) {
      const told = `{"call_id":${JSON.stringify(call.id)},"sources":[${sources.join(",")}]}`;
      await send(callingChunk(chunk, SEARCH_SOURCES, told));
    }
    const message = { role: "tool", content, tool_call_id: call.id };
    if (reports.messages) {
      await send(callingChunk(chunk, APPEND_MESSAGE, JSON.stringify(message)));
    }
    this.#messages.push(message);
    if (error !== undefined) await this.#fail(error);
  }
}

function assistantMessage(calls: readonly Call[]): object {
  return {
    role: "assistant",
    tool_calls: calls.map(({ id, name, args }) => ({
      id,
      type: "function",
      function: { name, arguments: args },
    })),
  };
}
