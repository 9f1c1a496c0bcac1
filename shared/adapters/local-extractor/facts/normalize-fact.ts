const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const nationality =
  /(?:ish|ian|ese|ican|rean|ench|utch|erman|wiss|reek|indu|uslim|atholic|ewish|hai|sraeli|raqi|akistani|egan|ay|nglo|uddhist|orthodox|kh|aptist)$/i;

const residence = (fact: string, role: string): string | undefined => {
  if (/\b(?:team|department|role|company|position)\b/i.test(fact)) return undefined;
  if (!fact.endsWith('.')) return undefined;
  const moved = new RegExp(
    `^(${role})(?: \\((with [^)]*)\\))? (?:just |recently |finally |actually |now |has |have )*(?:moved|relocated)(?: back| out)?( from .+?)? to ((?:the )?[A-Z][\\w'.-]*(?:,? (?:[A-Z][\\w'.-]*|of|de))*)(.*)$`,
    's',
  ).exec(fact.slice(0, -1));
  if (!moved) return undefined;
  const [, subject, companions, from = '', place, rest = ''] = moved;
  const details = `${from}${rest}`.replace(/,$/, '');
  return `${subject} lives in ${place}${companions ? ` ${companions}` : ''}${details && ` (moved there${details})`}.`;
};

const name = (fact: string, role: string): string | undefined => {
  const [, subject, called = ''] =
    new RegExp(`^(${role}) is ([A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?)\\.$`).exec(fact) ?? [];
  return subject && !nationality.test(called) ? `${subject}'s name is ${called}.` : undefined;
};

/**
 * Rewrites a fact about an event as the state that follows, so that later facts about residence, name or age update one
 * memory: "User moved to Rome on 3 May 2023." -> "User lives in Rome (moved there on 3 May 2023)."
 */
export const normalizeFact = (fact: string, subject: string): string => {
  const role = escaped(subject);
  const calls = new RegExp(
    `^(?:Everyone|Everybody|People|(?:My )?[Ff]riends) calls? ${role} ([A-Z]\\S*)\\.$`,
  );
  return (
    residence(fact, role) ??
    name(fact, role) ??
    fact
      .replace(new RegExp(`^${role} goes by `), () => `${subject} prefers to be called `)
      .replace(calls, (_, called: string) => `${subject} prefers to be called ${called}.`)
      .replace(
        new RegExp(`^${role} (?:just )?turned (\\d{1,3})\\b(?! years)`),
        (_, age: string) => `${subject} turned ${age} years old`,
      )
  );
};
