import { analyze } from '../../../domain/memory/analyzer.ts';
import { conceptsOf } from './concepts.ts';

/** Subjects that people name by different words. Facts about others' homes or phones begin with those others. */
const subjects: readonly (readonly [string, RegExp])[] = [
  [
    '#home',
    /^(?:User (?:\(.{1,40}\) )?(?:lives|moved|(?:just |finally )?bought a (?:house|flat|place|home|condo)|(?:finally )?got (?:their|User's) own (?:place|flat|home|apartment)|(?:just |finally )?(?:got|found|rented|bought|has) an? (?:bigger|smaller|new|nicer|different|cheaper) (?:place|flat|home|apartment|house|condo))|new address)\b/i,
  ],
  [
    '#pet',
    /^User (?:(?:does not have|has no) (?:any )?(?:pets?|animals)\b|(?:just |finally )?adopted an? )/i,
  ],
  [
    '#seat',
    /^(?:User's seat\b.{0,60}\b\d{1,2}[A-K]\b|.{0,40}\b(?:moved|switched|changed|upgraded|reseated|bumped|put|gave|given|assigned)\b.{0,40}\b\d{1,2}[A-K]\b|.{0,60}\bseat .{0,40}\d{1,2}[A-K]\b)/i,
  ],
  [
    '#boss',
    /^(?:User's (?:new |old )?(?:boss|manager|supervisor|team lead) is|User (?:is reporting|reports|has to report) to|\p{Lu}[\p{L}'-]+ is User's (?:new )?(?:boss|manager))\b/iu,
  ],
  [
    '#shift',
    /^(?:They put User|User (?:is|works|switched to|moved to|went)) (?:on |the |to )*(?:early|late|night|day|morning|evening)s?(?: shifts?)?\b/i,
  ],
  [
    '#hours',
    /^User (?:works? \d+ hours|(?:has )?(?:cut|reduced|dropped|raised|increased) (?:their|User's) hours (?:to|by))\b/i,
  ],
  ['#bank', /^User (?:banks|moved (?:all )?(?:their|User's) accounts?)\b/i],
  [
    '#phone',
    /^User(?:'s (?:new )?phone is| (?:switched|upgraded|changed) (?:from .{1,40} )?to an? (?:new )?(?:iphone|pixel|galaxy|samsung|oneplus|xiaomi|huawei|motorola|nokia|fairphone|android))\b/i,
  ],
];

/** Names of the subjects of a text that people name by different words. */
export const subjectTerms = (text: string): string[] =>
  subjects.filter(([, pattern]) => pattern.test(text)).map(([term]) => term);

/** Terms by which the facts that a text may change are found. */
export const linkTerms = (text: string): ReadonlySet<string> =>
  new Set([...analyze(text), ...conceptsOf(analyze(text)), ...subjectTerms(text)]);
