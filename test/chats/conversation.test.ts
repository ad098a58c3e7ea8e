import { expect, test } from "vitest";

import { Conversation, type ToolAnswer } from "../../worker/chats/conversation.ts";
import { DEFAULT_CHAT } from "../../worker/core/chats/chat-settings.ts";
import { parseCompletion } from "../../worker/core/chats/completion.ts";
import { reportsOf, searchTool } from "../../worker/core/chats/functions.ts";

const SETTINGS = { ...DEFAULT_CHAT, baseUrl: "http://model/v1", apiKey: "sk" };

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const part = (args: string, begun: object = {}): string =>
  chunk({ tool_calls: [{ index: 0, ...begun, function: { ...begun, arguments: args } }] });

const SAYS_HELLO = [chunk({ role: "assistant", content: "Hel" }), chunk({ content: "lo" })];
const ENDS = [chunk({}, "stop"), "data: [DONE]\n\n"];
const SEARCHES = [
  part('{"index_uid":', { id: "call_1", type: "function", name: "_meiliSearchInIndex" }),
  part('"m","q":"red"}'),
  chunk({}, "tool_calls"),
  "data: [DONE]\n\n",
];

interface Round {
  readonly status?: number;
  readonly type?: string;
  readonly body: readonly string[];
}

/** What the client is sent, and what the model, when it answers with these rounds. */
async function talk(rounds: readonly Round[], tools: readonly string[] = [], answer?: ToolAnswer) {
  const sent: Record<string, unknown>[] = [];
  const asked: { url: string; headers: Headers; body: Record<string, unknown> }[] = [];
  const completion = parseCompletion(
    JSON.stringify({
      model: "gpt-4o",
      stream: true,
      messages: [{ role: "user", content: "hi" }],
      tools: tools.map((name) => ({ type: "function", function: { name } })),
      temperature: 0.5,
    }),
  );
  const conversation = new Conversation({
    settings: SETTINGS,
    completion,
    reports: reportsOf(completion.tools),
    searchTool: searchTool(SETTINGS.prompts, []),
    search: async (args) => answer ?? { text: `found ${args}`, sources: [], error: undefined },
    send: async (event) => {
      sent.push({ ...event });
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const round = rounds[asked.length];
      if (round === undefined) throw new TypeError("no more rounds");
      asked.push({ url: request.url, headers: request.headers, body: await request.json() });
      // Cut where no event ends, as networks do.
      const bytes = new TextEncoder().encode(round.body.join(""));
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
          controller.close();
        },
      });
      const headers = { "Content-Type": round.type ?? "text/event-stream; charset=utf-8" };
      return new Response(stream, { status: round.status ?? 200, headers });
    },
    signal: new AbortController().signal,
  });
  await conversation.run();
  return { sent, asked };
}

const contents = (sent: readonly Record<string, unknown>[]): readonly unknown[] =>
  sent.map(({ choices }) => {
    const [choice] = choices as { delta: { content: unknown } }[];
    return choice?.delta.content;
  });

test("what the model says is passed on as it comes, with the members it left out", async () => {
  const { sent, asked } = await talk([{ body: [...SAYS_HELLO, ...ENDS] }]);
  expect(contents(sent)).toEqual(["Hel", "lo", null]);
  expect(sent[1]).toEqual({
    id: "c",
    choices: [
      {
        index: 0,
        delta: {
          content: "lo",
          function_call: null,
          tool_calls: null,
          role: null,
          refusal: null,
        },
        finish_reason: null,
        logprobs: null,
      },
    ],
    created: 1,
    model: "m",
    service_tier: null,
    system_fingerprint: null,
    object: "chat.completion.chunk",
    usage: null,
  });
  expect(asked).toMatchObject([
    {
      url: "http://model/v1/chat/completions",
      body: {
        model: "gpt-4o",
        stream: true,
        temperature: 0.5,
        messages: [{ role: "system" }, { role: "user", content: "hi" }],
        tools: [{ function: { name: "_meiliSearchInIndex" } }],
      },
    },
  ]);
  expect(asked[0]?.headers.get("Authorization")).toBe("Bearer sk");
});

test("a search is carried out in between, and the model hears what was found", async () => {
  const { sent, asked } = await talk([{ body: SEARCHES }, { body: [...SAYS_HELLO, ...ENDS] }]);
  expect(contents(sent)).toEqual(["Hel", "lo", null]);
  expect(asked[1]?.body["messages"]).toMatchObject([
    { role: "system" },
    { role: "user" },
    {
      role: "assistant",
      tool_calls: [
        {
          id: "call_1",
          function: { name: "_meiliSearchInIndex", arguments: '{"index_uid":"m","q":"red"}' },
        },
      ],
    },
    { role: "tool", content: 'found {"index_uid":"m","q":"red"}', tool_call_id: "call_1" },
  ]);
});

test("a client that offers the functions is told of the search and of its sources", async () => {
  const functions = [
    "_meiliSearchProgress",
    "_meiliSearchSources",
    "_meiliAppendConversationMessage",
  ];
  const answer = { text: "a red hat", sources: ['{"id":3.0}'], error: undefined };
  const { sent } = await talk([{ body: SEARCHES }, { body: ENDS }], functions, answer);
  const calls = sent.slice(0, -1).map(({ choices }) => {
    const [choice] = choices as { delta: { tool_calls: { function: object }[] } }[];
    return choice?.delta.tool_calls[0]?.function;
  });
  expect(calls).toMatchObject([
    { name: "_meiliSearchProgress" },
    { name: "_meiliAppendConversationMessage" },
    {
      name: "_meiliSearchSources",
      arguments: '{"call_id":"call_1","sources":[{"id":3.0}]}',
    },
    {
      name: "_meiliAppendConversationMessage",
      arguments: JSON.stringify({ role: "tool", content: "a red hat", tool_call_id: "call_1" }),
    },
  ]);
});

test.for([
  [
    "its own error",
    { status: 401, type: "application/json", body: ['{"error":{"message":"no","type":"t"}}'] },
    { type: "t", message: "no", code: null },
  ],
  [
    "no error of its own",
    { status: 500, type: "text/html", body: ["<html>"] },
    { type: "reqwest_error", message: "error decoding response body" },
  ],
  ["a stream that breaks off", { body: SAYS_HELLO }, { type: "stream_ended" }],
  ["no JSON", { body: ["data: {\n\n"] }, { type: "json_deserialize_error" }],
] as const)("a model that answers with %s: the client hears of it", async ([, round, error]) => {
  const { sent } = await talk([round]);
  expect(sent.at(-1)).toMatchObject({ type: "error", error });
});

test("a model that cannot be reached is an error event, too", async () => {
  const { sent } = await talk([]);
  expect(sent).toMatchObject([{ error: { type: "transport_error" } }]);
});

test("a model that goes on searching for ever is stopped", async () => {
  const { asked } = await talk(Array.from({ length: 30 }, () => ({ body: SEARCHES })));
  expect(asked).toHaveLength(20);
});
