import { expect, test } from "vitest";

import { renderedDocuments } from "../../worker/chats/render-documents.ts";
import { DEFAULT_SETTINGS } from "../../worker/core/settings/settings.ts";

const DOCUMENT = { id: 1, title: "red hat", tags: ["a", "b"], price: null, size: { w: 2 } };

/** As one Meilisearch 1.50 was seen to render the default template. */
test("the default template lists searchable fields that have a value", () => {
  const searchable = { ...DEFAULT_SETTINGS, searchableAttributes: ["title", "tags"] };
  expect(renderedDocuments([DOCUMENT], searchable)).toEqual(["title: red hat\ntags: ab\n"]);
  expect(renderedDocuments([DOCUMENT], DEFAULT_SETTINGS)).toEqual([
    "id: 1\ntitle: red hat\ntags: ab\nsize: w2\n",
  ]);
});

test("a template of the client's sees the document by its fields", () => {
  const chat = { ...DEFAULT_SETTINGS.chat, documentTemplate: "{{doc.title}} {{doc.size.w}}" };
  expect(renderedDocuments([DOCUMENT], { ...DEFAULT_SETTINGS, chat })).toEqual(["red hat 2"]);
});

test("a template that is none is told", () => {
  const chat = { ...DEFAULT_SETTINGS.chat, documentTemplate: "{% nope" };
  expect(() => renderedDocuments([DOCUMENT], { ...DEFAULT_SETTINGS, chat })).toThrow(
    expect.objectContaining({ code: "invalid_chat_setting_document_template" }),
  );
});
