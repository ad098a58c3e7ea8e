/** The machine that a stand-in runs on: it may be down, stopped or slow, and works off the tasks. */
import type { Events } from "../platform/events.ts";
import type { Random } from "../random.ts";
import { StandIn, type Backup, type NodeAnswer, type NodeRequest } from "./stand-in.ts";
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
  /** Counts disks: what was being done on an old one is done nowhere. */
  #disk = 0;
  /** It is down for as long as its disk is being exchanged, whatever else may start it. */
  #isInRepair = false;
  /** When it came back with another disk. */
  repairedAt = -Infinity;
  readonly #events: Events;
  readonly #random: Random;
  readonly #onApplied: (task: NodeTask) => void;

  constructor(name: string, events: Events, random: Random, onApplied: (task: NodeTask) => void) {
    this.name = name;
    this.#events = events;
    this.#random = random;
    this.#onApplied = onApplied;
    this.node = new StandIn(
      name,
      () => events.now,
      () => this.#work(),
    );
  }

  get state(): "up" | "down" | "paused" {
    return this.#state;
  }

  /** The number of its disk. */
  get disk(): number {
    return this.#disk;
  }

  get isInRepair(): boolean {
    return this.#isInRepair;
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

  /** It is down until it is back with a disk that holds this. */
  exchangeDisk(content: Backup): void {
    this.stop();
    this.#isInRepair = true;
    this.#disk += 1;
    this.#working = false;
    this.node.restore(content);
  }

  repaired(): void {
    this.#isInRepair = false;
    this.repairedAt = this.#events.now;
    this.start();
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
    if (this.#isInRepair) return;
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
    const disk = this.#disk;
    this.#events.schedule(this.#random.between(1, 12) * this.slowness, () => {
      if (disk !== this.#disk) return;
      this.#working = false;
      if (this.#state !== "up") return;
      this.node.carryOut(task);
      this.#onApplied(task);
      this.#work();
    });
  }
}
