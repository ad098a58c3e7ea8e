/** A conversation as a response: a stream of events that begins at once and ends with `[DONE]`. */
import { v7 } from "uuid";

import type { ChatSettings } from "../core/chats/chat-settings.ts";
import type { Completion } from "../core/chats/completion.ts";
import { reportsOf, searchTool } from "../core/chats/functions.ts";
import type { Call } from "../http/call.ts";
import { Conversation } from "./conversation.ts";
import { describedIndexes } from "./described-indexes.ts";
import { toolSearch } from "./tool-search.ts";

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache",
  "Content-Encoding": "identity",
  "X-Accel-Buffering": "no",
};

/** What a client that lost the connection is to wait, in milliseconds. */
const RETRY = "retry: 10000\n\n";

export async function converse(
  call: Call,
  settings: ChatSettings,
  completion: Completion,
): Promise<Response> {
  const reports = reportsOf(completion.tools);
  const indexes = await describedIndexes(await call.read(), call.access);
  const features = await call.features();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const write = async (text: string): Promise<void> => {
    await writer.write(encoder.encode(text));
  };
  const gone = new AbortController();
  writer.closed.catch(() => gone.abort());
  const conversation = new Conversation({
    settings,
    completion,
    reports,
    searchTool: searchTool(settings.prompts, indexes),
    search: async (args) =>
      await toolSearch(
        {
          read: () => call.read(),
          features,
          access: (uid) => call.accessTo("search", uid),
          requestUid: v7,
        },
        args,
      ),
    send: (event) => write(`data: ${JSON.stringify(event)}\n\n`),
    fetch: (url, init) => fetch(url, init),
    signal: gone.signal,
  });
  call.inBackground(
    (async () => {
      try {
        await write(RETRY);
        await conversation.run();
        await write("data: [DONE]\n\n");
        await writer.close();
      } catch (error) {
        // A client that is gone cuts the stream too, and hears of nothing.
        await writer.abort(error).catch(() => undefined);
      }
    })(),
  );
  return new Response(readable, { headers: HEADERS });
}
