import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import {
  archiveEnd,
  directoryHeader,
  fileHeader,
  padding,
} from "../../../worker/core/archive/tar.ts";

function archive(files: Readonly<Record<string, string>>): Buffer {
  const parts: Uint8Array[] = [directoryHeader("folder", 1_700_000_000)];
  for (const [name, text] of Object.entries(files)) {
    const bytes = new TextEncoder().encode(text);
    const size = bytes.length;
    parts.push(fileHeader({ name, size, modifiedAt: 1_700_000_000 }), bytes, padding(size));
  }
  return Buffer.concat([...parts, archiveEnd()]);
}

test("tar reads it: empty files, files of whole blocks, names of any length", () => {
  const files = {
    "folder/empty": "",
    "folder/block": "x".repeat(512),
    "folder/text.json": '{"é":1}',
    [`folder/${"n".repeat(90)}`]: "long",
    [`folder/${"m".repeat(240)}`]: "longer",
  };
  const place = mkdtempSync(join(tmpdir(), "miroir-tar-"));
  try {
    writeFileSync(join(place, "a.tar"), archive(files));
    execFileSync("tar", ["xf", "a.tar"], { cwd: place });
    for (const [name, text] of Object.entries(files)) {
      expect(readFileSync(join(place, name), "utf8")).toBe(text);
    }
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("a file that tar cannot tell the size of is refused", () => {
  expect(() => fileHeader({ name: "a", size: 8 ** 11, modifiedAt: 0 })).toThrow(RangeError);
});
