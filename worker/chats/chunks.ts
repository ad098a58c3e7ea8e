/** The chunks of a model's stream, and those that the client gets: in the form Meilisearch prints. */
import { z } from "zod";

const text = z.string().nullish().default(null);

const toolCall = z.object({
  index: z.number(),
  id: text,
  type: text,
  function: z.object({ name: text, arguments: text }).nullish().default(null),
});

const choice = z.object({
  index: z.number(),
  delta: z.object({
    content: text,
    function_call: z.object({ name: text, arguments: text }).nullish().default(null),
    tool_calls: z.array(toolCall).nullish().default(null),
    role: text,
    refusal: text,
  }),
  finish_reason: text,
  logprobs: z.unknown().nullish().default(null),
});

const chunk = z.object({
  id: z.string(),
  choices: z.array(choice),
  created: z.number(),
  model: z.string(),
  service_tier: text,
  system_fingerprint: text,
  object: z.string(),
  usage: z.unknown().nullish().default(null),
});

export type Chunk = z.output<typeof chunk>;
export type ToolCallPart = z.output<typeof toolCall>;

export function chunkOf(data: string): Chunk {
  return chunk.parse(JSON.parse(data));
}

/** A chunk that calls a function of the client's with JSON text, in the place of a model's. */
export function callingChunk(of: Chunk, name: string, args: string): Chunk {
  return {
    ...of,
    choices: [
      {
        index: 0,
        delta: {
          content: null,
          function_call: null,
          tool_calls: [
            {
              index: 0,
              id: crypto.randomUUID(),
              type: "function",
              function: { name, arguments: args },
            },
          ],
          role: "assistant",
          refusal: null,
        },
        finish_reason: null,
        logprobs: null,
      },
    ],
  };
}

/** What went wrong, as an event of the stream. */
export interface StreamError {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param: string | null;
}

export function errorEvent(error: StreamError): object {
  const { type, code, message, param } = error;
  const told = { type, code, message, param, event_id: null };
  return { event_id: crypto.randomUUID(), type: "error", error: told };
}

const refusal = z.object({ message: z.string(), type: z.string(), param: text, code: text });

/** The error that a model's API answered with instead of a stream. */
export function refusalOf(body: string, isMistral: boolean): StreamError {
  try {
    const value: unknown = JSON.parse(body);
    return isMistral ? refusal.parse(value) : z.object({ error: refusal }).parse(value).error;
  } catch {
    return {
      type: "reqwest_error",
      code: null,
      message: "error decoding response body",
      param: null,
    };
  }
}
