import { byText } from '../text/by-text.ts';

/** Kinds of products, programs and companies, by names that people mention without the kind: "Firefox is my browser now". */
const kinds: { readonly [kind: string]: string } = {
  browser: 'browser chrome firefox safari edge brave opera vivaldi arc chromium duckduckgo',
  editor:
    'editor ide vim neovim emacs vscode sublime zed intellij webstorm pycharm atom nano notepad++ cursor xcode eclipse helix',
  notes: 'evernote obsidian notion onenote bear joplin logseq roam simplenote craft',
  tasks:
    'todoist trello asana ticktick things jira linear clickup basecamp monday.com wunderlist omnifocus any.do',
  chat: 'whatsapp signal telegram messenger threema imessage viber wechat',
  work: 'slack teams discord mattermost zulip webex skype zoom',
  mail: 'gmail outlook protonmail proton fastmail thunderbird yahoo hotmail icloud hey tutanota',
  passwords: 'lastpass bitwarden 1password keepass dashlane keepassxc nordpass',
  music: 'spotify deezer tidal qobuz pandora',
  phone: 'iphone pixel galaxy oneplus xiaomi huawei motorola nokia fairphone',
  watch: 'fitbit garmin polar suunto withings amazfit whoop',
  laptop: 'macbook thinkpad chromebook xps zenbook latitude surface ideapad',
  reader: 'kindle kobo tolino pocketbook',
  console: 'ps4 ps5 playstation xbox switch wii',
  bank: 'barclays monzo revolut hsbc lloyds natwest santander n26 chase wise starling nationwide citibank comdirect ing sparkasse postbank commerzbank',
  carrier: 'vodafone o2 ee verizon t-mobile at&t telekom orange sprint giffgaff congstar',
  language:
    'python java javascript typescript rust golang ruby php kotlin swift scala elixir perl haskell',
  frontend: 'angular react vue svelte ember jquery solid preact nextjs next.js nuxt remix',
  backend: 'django flask rails express nestjs laravel spring fastapi phoenix',
  database:
    'mysql postgres postgresql mongodb mariadb sqlite oracle dynamodb cassandra cockroachdb',
  pipeline: 'jenkins circleci travis gitlab teamcity buildkite',
  packages: 'npm yarn pnpm bun',
  cloud: 'aws azure gcp heroku hetzner digitalocean vercel netlify render fly.io',
  system: 'windows ubuntu fedora debian macos linux arch mint',
  photos: 'photoshop lightroom gimp affinity figma sketch',
  make: 'golf audi bmw ford honda hyundai kia mazda mercedes nissan peugeot renault rivian skoda subaru tesla toyota volvo volkswagen vw polo fiat seat citroen dacia opel corolla civic prius panda niro',
  shop: 'tesco sainsbury aldi lidl waitrose asda morrisons rewe edeka kaufland walmart costco kroger',
  petFood: "hill's whiskas felix pedigree purina sheba iams",
};

const kindOf = new Map<string, string>();
for (const [kind, names] of Object.entries(kinds))
  for (const name of names.split(' ')) kindOf.set(name, kind);

/** Names that are ordinary words as well: they count with a capital letter alone, and not at the beginning of a text. */
const ordinary = new Set(
  'golf switch mint orange spring things teams bear craft signal arch seat express chase edge opera sprint polo wise brave hey surface solid render linear notion sketch polar felix rails flask cursor atom zoom slack swift rust ruby python safari galaxy pixel oracle proton yarn bun roam starling nationwide'.split(
    ' ',
  ),
);

const isNamed = (one: string, index: number): boolean =>
  !ordinary.has(one.toLowerCase()) || (index > 0 && /^\p{Lu}/u.test(one));

const word = /[\p{L}\d][\p{L}\d.&+'-]*/gu;

/** Names of each kind in a text, in lower case. */
const namesByKind = byText(
  (text): Map<string, string[]> =>
    Map.groupBy(
      (text.match(word) ?? [])
        .map((one) => one.replace(/(?<=.)(?:'s|[.])$/, ''))
        .filter(isNamed)
        .map((one) => one.toLowerCase())
        .filter((one) => kindOf.has(one)),
      (one) => kindOf.get(one) ?? '',
    ),
);

/** Terms for the kinds of the names in a text. */
export const kindTerms = (text: string): string[] =>
  [...namesByKind(text).keys()].map((kind) => `%${kind}`);

/** Whether both texts have a name of one kind, and the first names another one than the second. */
export const haveNamesOfOneKind = (text: string, other: string): boolean => {
  const theirs = namesByKind(other);
  if (theirs.size === 0) return false;
  return [...namesByKind(text)].some(([kind, names]) => {
    const known = theirs.get(kind);
    return known !== undefined && names.some((name) => !known.includes(name));
  });
};
