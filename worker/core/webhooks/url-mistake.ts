/** Why a text is no URL, in the words of the parser that Meilisearch uses. */

/** The part between `//` and the path, of a URL that names a host. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:[/\\]*([^/\\?#]*)/i;

/** Undefined when the text is a URL; the same standard decides in both. */
export function urlMistake(text: string): string | undefined {
  if (URL.canParse(text)) return undefined;
  if (!/^\s*[a-z][a-z0-9+.-]*:/i.test(text)) return "relative URL without a base";
  const authority = AUTHORITY.exec(text.trim())?.[1] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host.startsWith("[")) {
    const end = host.indexOf("]");
    const address = end === -1 ? host : host.slice(0, end + 1);
    return isHost(address) ? "invalid port number" : "invalid IPv6 address";
  }
  const colon = host.lastIndexOf(":");
  const name = colon === -1 ? host : host.slice(0, colon);
  if (name === "") return "empty host";
  if (isHost(name)) return "invalid port number";
  const last = name.replace(/\.$/, "").split(".").at(-1) ?? "";
  return /^(\d+|0x[0-9a-f]*)$/i.test(last)
    ? "invalid IPv4 address"
    : "invalid international domain name";
}

const isHost = (name: string): boolean => URL.canParse(`http://${name}/`);
