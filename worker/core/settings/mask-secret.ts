/** API keys of embedders as answers show them: enough to recognise one, never all of it. */
const SHOWN: readonly { readonly below: number; readonly bytes: number; readonly mask: string }[] =
  [
    { below: 10, bytes: 0, mask: "XXX..." },
    { below: 20, bytes: 2, mask: "XXXX..." },
    { below: 30, bytes: 3, mask: "XXXXX..." },
    { below: Infinity, bytes: 5, mask: "XXXXXX..." },
  ];

/** As Meilisearch masks a key: the longer it is, the more of its start is shown. */
export function maskSecret(secret: string): string {
  const bytes = new TextEncoder().encode(secret).length;
  const row = SHOWN.find(({ below }) => bytes < below);
  if (row === undefined) return "XXX...";
  let shown = "";
  for (const character of secret) {
    if (new TextEncoder().encode(shown).length >= row.bytes) break;
    shown += character;
  }
  return shown + row.mask;
}
