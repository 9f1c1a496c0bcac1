/** IP address as a number; an IPv4-mapped address is its IPv4 address. */
export interface IpAddress {
  family: 4 | 6;
  value: bigint;
}

interface Cidr extends IpAddress {
  /** Length of the prefix. */
  bits: number;
}

const decimalOctet = /^(0|[1-9]\d{0,2})$/;
const hexGroup = /^[0-9a-f]{1,4}$/i;

const parseV4 = (text: string): bigint | undefined => {
  const octets = text.split('.');
  const valid = octets.every((octet) => decimalOctet.test(octet) && Number(octet) <= 255);
  if (octets.length !== 4 || !valid) return undefined;
  return octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n);
};

/** Groups between colons; a dotted IPv4 tail becomes two groups. */
const groupsOf = (text: string): string[] | undefined => {
  const groups = text === '' ? [] : text.split(':');
  const tail = groups.at(-1);
  if (!tail?.includes('.')) return groups;
  const value = parseV4(tail);
  if (value === undefined) return undefined;
  return [...groups.slice(0, -1), (value >> 16n).toString(16), (value & 0xffffn).toString(16)];
};

const parseV6 = (text: string): bigint | undefined => {
  const [left = '', right, ...more] = text.split('::');
  const head = right !== undefined && left.includes('.') ? undefined : groupsOf(left);
  const tail = groupsOf(right ?? '');
  if (!head || !tail || more.length > 0) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => hexGroup.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
};

const mappedPrefix = 0xffffn;

/** Parses an address in plain spelling; undefined for names, zone ids, octal and hexadecimal parts. */
export const parseAddress = (text: string): IpAddress | undefined => {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { family: 4, value: v4 };
  const v6 = parseV6(text);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === mappedPrefix
    ? { family: 4, value: v6 & 0xffff_ffffn }
    : { family: 6, value: v6 };
};

/** Formats an address as sockets expect it. */
export const formatAddress = ({ family, value }: IpAddress): string => {
  const [parts, bits, radix] = family === 4 ? ([4, 8, 10] as const) : ([8, 16, 16] as const);
  const partAt = (index: number): bigint => value >> BigInt(bits * (parts - 1 - index));
  return Array.from({ length: parts }, (_, index) =>
    BigInt.asUintN(bits, partAt(index)).toString(radix),
  ).join(family === 4 ? '.' : ':');
};

export const isSameAddress = (a: IpAddress | undefined, b: IpAddress | undefined): boolean =>
  a !== undefined && a.family === b?.family && a.value === b.value;

const parseCidr = (text: string): Cidr => {
  const [start = '', bits] = text.split('/');
  const address = parseAddress(start);
  if (!address) throw new TypeError(`${text} is not a block of addresses`);
  return { ...address, bits: Number(bits) };
};

const contains = ({ family, value, bits }: Cidr, address: IpAddress): boolean => {
  const rest = BigInt((family === 4 ? 32 : 128) - bits);
  return family === address.family && value >> rest === address.value >> rest;
};

/** Blocks, which the first address that is examined makes. */
const blocksOf = (texts: readonly string[]): (() => readonly Cidr[]) => {
  let made: readonly Cidr[] | undefined;
  return () => {
    made ??= texts.map(parseCidr);
    return made;
  };
};

/** Reserved, private, local and shared ranges; 168.63.129.16 is an internal service of a cloud under a public address. */
const nonPublicRanges = blocksOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['168.63.129.16/32'],
  ...['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'],
]);

const globalV6 = blocksOf(['2000::/3']);

/** Whether the address belongs to the public internet. */
export const isPublic = (address: IpAddress): boolean =>
  (address.family === 4 || globalV6().some((range) => contains(range, address))) &&
  !nonPublicRanges().some((range) => contains(range, address));

const localRanges = blocksOf(['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/127', 'fe80::/10']);

/** Whether the address is one of this machine or of its link, such as that of the metadata service of a cloud. */
export const isLocal = (address: IpAddress): boolean =>
  localRanges().some((range) => contains(range, address));
