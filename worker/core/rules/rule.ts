/**
 * Dynamic search rules: documents that are pinned to places of a search's list while their rule's
 * conditions hold. What a rule is, how a client changes it, and how it is shown.
 */

export interface TimeCondition {
  /** RFC 3339, in normal form. */
  readonly start: string | null;
  readonly end: string | null;
}

export interface QueryCondition {
  readonly isEmpty: boolean | null;
  readonly words: string | null;
}

export interface FilterCondition {
  /** Any JSON by attribute. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Conditions {
  readonly time: TimeCondition | null;
  readonly query: QueryCondition | null;
  readonly filter: FilterCondition | null;
}

/** Pins one document. */
export interface PinAction {
  /** Null: of whichever index is searched. */
  readonly indexUid: string | null;
  readonly id: string;
  readonly position: number;
}

export interface SearchRule {
  readonly uid: string;
  /** The lowest that was free when the rule was made: decides between rules of one precedence. */
  readonly number: number;
  readonly description: string | null;
  readonly lastUpdatedAt: string;
  /** The lower goes first; null goes last. */
  readonly precedence: number | null;
  readonly active: boolean;
  readonly conditions: Conditions;
  readonly actions: readonly PinAction[];
}

/** Undefined: as it is; null: its default. */
export interface RulePatch {
  readonly description?: string | null;
  readonly precedence?: number | null;
  readonly active?: boolean | null;
  readonly conditions?: Conditions | null;
  readonly actions?: readonly PinAction[] | null;
}

const NO_CONDITIONS: Conditions = { time: null, query: null, filter: null };

export function newRule(uid: string, number: number): SearchRule {
  return {
    uid,
    number,
    description: null,
    lastUpdatedAt: "",
    precedence: null,
    active: true,
    conditions: NO_CONDITIONS,
    actions: [],
  };
}

export function changedRule(rule: SearchRule, patch: RulePatch, now: string): SearchRule {
  const { description, precedence, active, conditions, actions } = patch;
  return {
    uid: rule.uid,
    number: rule.number,
    description: description === undefined ? rule.description : description,
    lastUpdatedAt: now,
    precedence: precedence === undefined ? rule.precedence : precedence,
    active: active === undefined ? rule.active : (active ?? true),
    conditions: conditions === undefined ? rule.conditions : (conditions ?? NO_CONDITIONS),
    actions: actions === undefined ? rule.actions : (actions ?? []),
  };
}

/** The rule as answers show it. */
export function viewRule(rule: SearchRule): object {
  const { uid, description, lastUpdatedAt, precedence, active, conditions, actions } = rule;
  return {
    uid,
    ...(description === null ? {} : { description }),
    lastUpdatedAt,
    ...(precedence === null ? {} : { precedence }),
    active,
    conditions: viewConditions(conditions),
    actions: actions.map(viewAction),
  };
}

/** The change as its task shows it. */
export function viewPatch({ conditions, actions, ...rest }: RulePatch): object {
  return {
    ...rest,
    ...(conditions === undefined ? {} : { conditions: conditions && viewConditions(conditions) }),
    ...(actions === undefined ? {} : { actions: actions && actions.map(viewAction) }),
  };
}

function viewConditions({ time, query, filter }: Conditions): object {
  return {
    ...(time === null ? {} : { time: present(time) }),
    ...(query === null ? {} : { query: present(query) }),
    ...(filter === null ? {} : { filter }),
  };
}

function present(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

function viewAction({ indexUid, id, position }: PinAction): object {
  return {
    selector: indexUid === null ? { id } : { indexUid, id },
    action: { type: "pin", position },
  };
}
