import { lookup as resolveHost, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AppError } from '../domain/errors';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Which addresses outgoing calls may reach: public ones always, others only in the allowed networks. */
export class OutboundGuard {
  private readonly allowed: Network[];

  /** @param networks CIDRs, IPv4 or IPv6, such as `10.1.0.0/16` */
  constructor(networks: readonly string[]) {
    this.allowed = networks.map(parseNetwork);
  }

  /** Everything but global unicast is inside somewhere: loopback, private, link-local (cloud metadata), carrier NAT, … */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // `process` unwraps IPv4 in IPv6 (::ffff:127.0.0.1), which would else slip through.
    const parsed = ipaddr.process(address);
    return parsed.range() === 'unicast' || this.allowed.some((network) => contains(network, parsed));
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
   * Resolves a name for `net.connect` and gives only the addresses that may be reached. Checking at connect time, not
   * before, leaves no moment in which the name could point elsewhere.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolveHost(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
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
