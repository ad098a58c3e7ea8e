/** The data of the events in a body of `text/event-stream`, one after the other. */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = "";
  let lines: string[] = [];
  for await (const bytes of body) {
    held += decoder.decode(bytes, { stream: true });
    if (held.length > EVENT_LENGTH_MAX) throw new Error("an event of the model is too long");
    for (;;) {
      const end = held.indexOf("\n");
      if (end === -1) break;
      const line = held.slice(0, end).replace(/\r$/, "");
      held = held.slice(end + 1);
      if (line.startsWith("data:")) lines.push(line.slice("data:".length).replace(/^ /, ""));
      if (line !== "" || lines.length === 0) continue;
      yield lines.join("\n");
      lines = [];
    }
  }
}

/** Characters of one event: what is held of a stream that does not end its lines. */
const EVENT_LENGTH_MAX = 4_000_000;
