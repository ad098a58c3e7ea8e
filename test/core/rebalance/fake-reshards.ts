/** Reshards as logs carry them out, one phase at a look. */
import type { PhysicalUid } from "../../../worker/core/ids.ts";
import {
  beginReshard,
  isOver,
  isRevocable,
  type ReshardPhase,
  type ReshardState,
} from "../../../worker/core/reshard/reshard-state.ts";

const NEXT: Readonly<Record<ReshardPhase, ReshardPhase>> = {
  building: "copying",
  copying: "checking",
  checking: "moving",
  moving: "switching",
  switching: "done",
  done: "done",
  abandoned: "abandoned",
};

export class FakeReshards {
  readonly #states = new Map<PhysicalUid, ReshardState>();

  begin(index: PhysicalUid, id: string, shardCount: number): boolean {
    const known = this.#states.get(index);
    if (known?.id === id) return true;
    if (known !== undefined && !isOver(known)) return false;
    this.#states.set(index, beginReshard(id, shardCount));
    return true;
  }

  state(index: PhysicalUid): ReshardState | undefined {
    return this.#states.get(index);
  }

  cancel(index: PhysicalUid, id: string): void {
    const state = this.#states.get(index);
    if (state?.id !== id || !isRevocable(state)) return;
    this.#states.set(index, { ...state, phase: "abandoned", error: "it was canceled" });
  }

  isUnderWay(index: PhysicalUid): boolean {
    const state = this.#states.get(index);
    return state !== undefined && !isOver(state);
  }

  /** Indexes whose reshard has just ended. */
  advance(): readonly PhysicalUid[] {
    const ended: PhysicalUid[] = [];
    for (const [index, state] of this.#states) {
      const phase = NEXT[state.phase];
      if (phase === "done" && state.phase !== "done") ended.push(index);
      this.#states.set(index, { ...state, phase });
    }
    return ended;
  }
}
