import { attributeRules } from './attribute-rules.ts';
import { thingRules } from './preference-rules.ts';
import type { Slot, SlotRule } from './slot.ts';
import { stateRules } from './state-rules.ts';
import { tasteRules } from './taste-rules.ts';
import { workRules } from './work-rules.ts';

const rules: readonly SlotRule[] = [...stateRules, ...workRules, ...tasteRules, ...thingRules];

const deny = (slot: Slot): Slot => {
  if (slot.key.startsWith('taste:')) return { ...slot, value: slot.value === '+' ? '-' : '+' };
  return { ...slot, ended: true };
};

const firstMatch = (rulesInOrder: readonly SlotRule[], predicate: string): Slot[] => {
  for (const [pattern, read] of rulesInOrder) {
    const match = pattern.exec(predicate);
    const slots = match ? read(match) : [];
    if (slots.length > 0) return slots;
  }
  return [];
};

/** `owned`: the predicate follows "User's", not "User". `negative`: a negation was taken out of it. */
export const slotsOf = (
  predicate: string,
  { owned, negative }: { owned: boolean; negative: boolean },
): Slot[] => {
  const slots = firstMatch(owned ? attributeRules : rules, predicate);
  return negative ? slots.map(deny) : slots;
};
