import { beforeAll, expect, test } from "vitest";

import { call } from "./miroir.ts";

const COMPLETION = { model: "m", stream: true, messages: [{ role: "user", content: "hi" }] };

beforeAll(async () => {
  await call("PATCH", "/experimental-features", { chatCompletions: true });
  const settings = { source: "vLlm", baseUrl: "http://127.0.0.1:9/v1" };
  await call("PATCH", "/chats/w/settings", settings);
});

const tool = (name: string) => ({ tools: [{ type: "function", function: { name } }] });

test.for([
  [{ stream: false }, "unimplemented_non_streaming_chat_completions"],
  [{ n: 2 }, "unimplemented_multi_choice_chat_completions"],
  [tool("mine"), "unimplemented_external_function_calling"],
  [tool("_meiliSearchInIndex"), "bad_request"],
  [{ messages: 1 }, "bad_request"],
] as const)("%j is refused before the model is asked: %s", async ([change, code]) => {
  const body = { ...COMPLETION, ...change };
  expect((await call("POST", "/chats/w/chat/completions", body)).json).toMatchObject({ code });
});

test("a workspace that is not there is not found", async () => {
  const { json } = await call("POST", "/chats/none/chat/completions", COMPLETION);
  expect(json).toMatchObject({ code: "chat_not_found" });
});

test("the answer is a stream of events, in which errors of the model are told", async () => {
  const { status, headers, text } = await call("POST", "/chats/w/chat/completions", COMPLETION);
  expect(status).toBe(200);
  expect(headers.get("Content-Type")).toBe("text/event-stream");
  const [retry, error, done, rest] = text.split("\n\n");
  expect([retry, done, rest]).toEqual(["retry: 10000", "data: [DONE]", ""]);
  expect(JSON.parse(error?.slice("data: ".length) ?? "")).toMatchObject({
    type: "error",
    error: {
      type: "transport_error",
      message: "error sending request for url (http://127.0.0.1:9/v1/chat/completions)",
    },
  });
});
