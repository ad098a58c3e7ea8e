/** A name for one request: the client's own when it sent a usable one, so that logs can be joined. */
const HEADER = "X-Request-Id";
const USABLE = /^[\x21-\x7e]{1,200}$/;

export function requestId(request: Request): string {
  const sent = request.headers.get(HEADER);
  return sent !== null && USABLE.test(sent) ? sent : crypto.randomUUID();
}

export function nameResponse(headers: Headers, id: string): void {
  headers.set(HEADER, id);
}
