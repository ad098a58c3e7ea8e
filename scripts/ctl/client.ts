/** The Miroir that a command speaks to. Answers are checked; what went wrong is one line. */
import { z } from "zod";

/** Something that the user has to be told, and nothing more. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export interface Connection {
  readonly url: string;
  readonly key: string;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const problem = z.object({ message: z.string(), code: z.string() });

const DEADLINE_MS = 60_000;

export class Client {
  readonly url: string;
  readonly key: string;

  constructor({ url, key }: Connection) {
    this.url = url.replace(/\/$/, "");
    this.key = key;
  }

  /** One request whose answer must be as the schema says. */
  async ask<T>(
    method: Method,
    path: string,
    reply: z.ZodType<T>,
    body?: object,
    deadlineMs = DEADLINE_MS,
  ): Promise<T> {
    const response = await this.send(method, path, body, deadlineMs);
    const text = await response.text();
    if (!response.ok) throw new CommandError(problemOf(response.status, text));
    const parsed = reply.safeParse(text === "" ? {} : JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new CommandError(`${this.url} answers ${method} ${path} like no Miroir does`);
  }

  async send(
    method: Method,
    path: string,
    body?: object,
    deadlineMs = DEADLINE_MS,
  ): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${this.key}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(deadlineMs),
      });
    } catch (error) {
      throw new CommandError(`${this.url} does not answer: ${reasonOf(error)}`);
    }
  }
}

function problemOf(status: number, text: string): string {
  try {
    const { message, code } = problem.parse(JSON.parse(text));
    return `${message} (${code})`;
  } catch {
    return `the answer was ${status}: is this a Miroir?`;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
