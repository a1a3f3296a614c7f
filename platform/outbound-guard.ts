import { lookup as systemResolver, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AppError } from '../domain/errors';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Gives all addresses of a name, as `dns.lookup` does. */
export type Resolver = (
  hostname: string, options: LookupAllOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** All of IPv6 that is routed (IANA, IPv6 global unicast): what lies outside holds IPv4 in disguise (`::127.0.0.1`), or nothing. */
const globalIpv6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Which addresses outgoing calls may reach: public ones always, others only in the allowed networks. */
export class OutboundGuard {
  private readonly allowed: Network[];

  /**
   * @param networks CIDRs, IPv4 or IPv6, such as `10.1.0.0/16`
   * @param resolve what knows the addresses of names
   */
  constructor(networks: readonly string[], private readonly resolve: Resolver = systemResolver) {
    this.allowed = networks.map(parseNetwork);
  }

  /**
   * Everything but global unicast is inside somewhere: loopback, private, link-local (cloud metadata), multicast, carrier
   * NAT, and what leads back to IPv4 (NAT64, 6to4, Teredo), where the inner address could be any of these.
   */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // `process` unwraps IPv4 in IPv6 (::ffff:127.0.0.1), which would else slip through.
    const parsed = ipaddr.process(address);
    const isGlobal = parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(globalIpv6));
    return isGlobal || this.allowed.some((network) => contains(network, parsed));
  }

  /**
   * Checks the host of a URL as far as that goes without resolving it: a literal address never passes `lookup`.
   * @throws AppError `access_denied`
   */
  checkHost(hostname: string): void {
    const literal = hostname.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(literal) && !this.allows(literal)) throw denied(hostname);
  }

  /**
   * Resolves a name for `net.connect` and gives only the addresses that may be reached. A name is resolved once for each
   * connection, and the connection goes to what was checked: there is no moment in which the name could point elsewhere.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const reachable = addresses.filter(({ address }) => this.allows(address));
      const first = reachable[0];
      if (first === undefined) return callback(denied(hostname), []);
      return options.all ? callback(null, reachable) : callback(null, first.address, first.family);
    });
  };
}

function parseNetwork(network: string): Network {
  try {
    return ipaddr.parseCIDR(network);
  } catch (cause) {
    throw new AppError('request.invalid', `DATAMCP_OUTBOUND_ALLOW: "${network}" is not a network such as 10.1.0.0/16`, { cause });
  }
}

function contains([network, bits]: Network, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (network instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(network, bits);
  return address instanceof ipaddr.IPv6 && address.match(network, bits);
}

const denied = (hostname: string): AppError =>
  new AppError('access_denied', `${hostname} is not a public address; an operator can allow its network by DATAMCP_OUTBOUND_ALLOW`);
