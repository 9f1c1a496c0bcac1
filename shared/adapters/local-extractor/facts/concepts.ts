import { analyze } from '../../../domain/memory/analyzer.ts';

/** Words by which people name one subject. */
const groups: { readonly [concept: string]: string } = {
  grandmother: 'grandma gran granny nan nana grandmother',
  grandfather: 'grandpa grandad granddad grandfather',
  parents: 'parents mom dad mum mother father folks',
  children: 'kid kids children son daughter',
  doctor: 'doctor doc gp physician allergist dermatologist pediatrician specialist',
  home: 'home house flat apartment place condo address studio',
  vehicle: 'car vehicle truck van suv',
  job: 'job employer company',
  rent: 'rent rented landlord lease',
  relationship: 'single together engaged married divorced',
  phone: 'phone iphone pixel galaxy android',
  smoking: 'smoke smoking smoked cigarettes pack vape',
  alcohol: 'alcohol beer wine booze',
  flight: 'flight plane fly flying',
  stay: 'hotel hostel airbnb inn resort',
  wedding: 'wedding marry married engaged fiance',
  partner: 'girlfriend boyfriend partner dating',
  boss: 'boss manager supervisor lead',
  studies: 'major degree studying study course uni university college',
  sleep: 'bed sleep asleep bedtime',
  waking: 'wake wakes waking gets alarm',
  pay: 'salary wage rate charge charges',
  diet: 'vegan vegetarian pescatarian meat fish diet keto',
  weight: 'weigh weighs weight kilos kg lbs pounds',
  guests: 'guests guest invited people attendees',
  bank: 'bank banks account banking',
  medicine: 'medication meds pills dose prescription antibiotics',
  exercise: 'gym workout training exercise',
  commute: 'commute bus tram bike cycle cycles',
  dog: 'dog puppy',
  cat: 'cat kitten',
  therapy: 'therapy therapist shrink counselor counsellor psychologist',
  reservation: 'reservation reserved booking table restaurant',
  insurance: 'insurance insured insurer policy',
  internet: 'internet wifi broadband',
  computer: 'laptop computer macbook thinkpad pc',
  haircut: 'hairdresser barber salon haircut',
  loan: 'loan debt owe owes',
  mortgage: 'mortgage remortgage remortgaged',
  visa: 'visa permit',
  childcare: 'nanny babysitter daycare childcare',
  bees: 'bee bees hive hives beekeeper',
  allergy: 'allergy allergic allergist intolerant intolerance celiac',
};

const byTerm = new Map<string, string[]>();
for (const [concept, words] of Object.entries(groups))
  for (const term of new Set(analyze(words)))
    byTerm.set(term, [...(byTerm.get(term) ?? []), `~${concept}`]);

/** Subjects that the terms of a text may name. */
export const conceptsOf = (terms: Iterable<string>): ReadonlySet<string> =>
  new Set([...terms].flatMap((term) => byTerm.get(term) ?? []));
