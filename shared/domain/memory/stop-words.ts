/** English words too common to tell texts apart. "May" is missing on purpose: it is a month. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are as at be because been before being
  below between both but by can could did do does doing down during each else ever few for from
  further get gets getting got had has have having he her here hers herself him himself his how i
  if in into is it its itself just let like me might more max must my myself no nor not now of off
  on once only or other our ours ourselves out over own really same shall she should so some such
  than that the their theirs them themselves then there these they this those through to too under
  until up upon very was we were what whatever when where whether which while who whom whose why
  will with would yes you your yours yourself yourselves`.split(/\s+/),
);
