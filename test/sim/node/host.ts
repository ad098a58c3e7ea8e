/** The machine that a stand-in runs on: it may be down, stopped or slow, and works off the tasks. */
import type { Events } from "../platform/events.ts";
import type { Random } from "../random.ts";
import { StandIn, type NodeAnswer, type NodeRequest } from "./stand-in.ts";
import type { NodeTask } from "./tasks.ts";

type Answering = (answer: NodeAnswer | "refused") => void;

export class NodeHost {
  readonly name: string;
  readonly node: StandIn;
  slowness = 1;
  #state: "up" | "down" | "paused" = "up";
  /** Requests that came while it was stopped. */
  #held: (() => void)[] = [];
  #working = false;
  readonly #events: Events;
  readonly #random: Random;
  readonly #onApplied: (task: NodeTask) => void;

  constructor(name: string, events: Events, random: Random, onApplied: (task: NodeTask) => void) {
    this.name = name;
    this.#events = events;
    this.#random = random;
    this.#onApplied = onApplied;
    this.node = new StandIn(name, () => this.#work());
  }

  get state(): "up" | "down" | "paused" {
    return this.#state;
  }

  receive(request: NodeRequest, answer: Answering): void {
    if (this.#state === "down") return answer("refused");
    const serve = (): void => answer(this.node.handle(request));
    if (this.#state === "up") return serve();
    this.#held.push(() => (this.#state === "down" ? answer("refused") : serve()));
  }

  /** The process is gone; its disk stays. */
  stop(): void {
    this.#state = "down";
    this.#release();
  }

  pause(): void {
    if (this.#state === "up") this.#state = "paused";
  }

  restart(): void {
    this.stop();
    this.start();
  }

  /** Runs again: what it was at when it went down begins anew. */
  start(): void {
    this.#state = "up";
    this.#release();
    this.#work();
  }

  #release(): void {
    for (const serve of this.#held.splice(0)) serve();
  }

  #work(): void {
    if (this.#working || this.#state !== "up") return;
    const task = this.node.next();
    if (task === undefined) return;
    this.#working = true;
    task.status = "processing";
    this.#events.schedule(this.#random.between(1, 12) * this.slowness, () => {
      this.#working = false;
      if (this.#state !== "up") return;
      this.node.carryOut(task);
      this.#onApplied(task);
      this.#work();
    });
  }
}
