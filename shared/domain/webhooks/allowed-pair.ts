import { type IpAddress, isSameAddress, parseAddress } from './ip-address.ts';

/** An address and port that may be reached although it is not public. */
export interface AllowlistEntry {
  address: IpAddress;
  port: number;
}

const spelling = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+)):(?<port>[1-9]\d{0,4})$/;

/** `127.0.0.1:9001` or `[::1]:9001`; undefined for anything else. */
export const parseAllowedPair = (text: string): AllowlistEntry | undefined => {
  const { v6, v4, port } = spelling.exec(text)?.groups ?? {};
  const address = parseAddress(v6 ?? v4 ?? '');
  if (!address || Number(port) > 65_535) return undefined;
  return { address, port: Number(port) };
};

export const isAllowed = (
  address: IpAddress,
  port: number,
  pairs: readonly AllowlistEntry[],
): boolean => pairs.some((pair) => pair.port === port && isSameAddress(pair.address, address));
