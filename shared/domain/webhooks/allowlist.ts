import { type IpAddress, isSameAddress, parseAddress } from './ip-address.ts';

/** Address and port that webhooks may be sent to although the address is not public. */
export interface AllowlistEntry {
  address: IpAddress;
  port: number;
}

const spelling = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+)):(?<port>[1-9]\d{0,4})$/;

/** Parses `127.0.0.1:3000` or `[::1]:3000`; undefined for anything else. */
export const parseAllowlistEntry = (text: string): AllowlistEntry | undefined => {
  const { v6, v4, port } = spelling.exec(text)?.groups ?? {};
  const address = parseAddress(v6 ?? v4 ?? '');
  if (!address || Number(port) > 65_535) return undefined;
  return { address, port: Number(port) };
};

export const isAllowlisted = (
  address: IpAddress,
  port: number,
  allowlist: readonly AllowlistEntry[],
): boolean =>
  allowlist.some((entry) => entry.port === port && isSameAddress(entry.address, address));
