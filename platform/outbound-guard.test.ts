import type { LookupAddress } from 'node:dns';
import { OutboundGuard } from './outbound-guard';

const guard = new OutboundGuard([]);

describe('the outbound guard', () => {
  it.each([
    '93.184.215.14', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:93.184.215.14',
  ])('lets calls reach %s, which is public', (address) => {
    expect(guard.allows(address)).toBe(true);
  });

  it.each([
    ['this host', ['0.0.0.0', '0.1.2.3', '::']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['private networks', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd00:ec2::254']],
    ['link-local addresses and metadata', ['169.254.169.254', '169.254.170.2', 'fe80::1', 'fec0::1', '100.100.100.200']],
    ['carrier NAT', ['100.64.0.1', '100.127.255.255']],
    ['multicast and broadcast', ['224.0.0.1', '239.255.255.250', 'ff02::1', '255.255.255.255']],
    ['documentation, benchmarks and what is reserved', ['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1', '3fff::1', '192.0.0.192']],
    ['IPv4 inside IPv6', ['::ffff:127.0.0.1', '::ffff:a00:1', '::127.0.0.1', '::ffff:0:10.0.0.1']],
    ['NAT64, 6to4 and Teredo', ['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2001:0:7f00:1::']],
    ['what is not routed', ['100::1', '4000::1', '5f00::1']],
    ['what is no address', ['', 'localhost', '127.1', '1.2.3.4.5', '::1%lo0']],
  ])('refuses %s', (_what, addresses) => {
    expect(addresses.filter((address) => guard.allows(address))).toEqual([]);
  });

  it('allows the networks that an operator has named, and not their neighbours', () => {
    const intranet = new OutboundGuard(['10.1.0.0/16', 'fd00:1::/32']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5'].filter((address) => !intranet.allows(address))).toEqual([]);
    expect(['10.2.0.1', 'fd00:2::1', '64:ff9b::a01:203'].filter((address) => intranet.allows(address))).toEqual([]);
  });

  it('refuses a network that is none when it is made', () => {
    expect(() => new OutboundGuard(['10.0.0.0'])).toThrow('DATAMCP_OUTBOUND_ALLOW: "10.0.0.0" is not a network');
  });
});

describe('the lookup of the guard', () => {
  const found = (addresses: string[], all: boolean): Promise<unknown> => new Promise((resolve, reject) => {
    const told = addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
    new OutboundGuard([], (_hostname, _options, callback) => callback(null, told))
      .lookup('name.example', { all }, (error, given) => (error ? reject(error) : resolve(given)));
  });

  it('gives the public addresses of a name that has both kinds', async () => {
    expect(await found(['10.0.0.1', '1.1.1.1', '::1'], true)).toEqual([{ address: '1.1.1.1', family: 4 }]);
    expect(await found(['10.0.0.1', '1.1.1.1'], false)).toBe('1.1.1.1');
  });

  it('refuses a name that has inside addresses only, or none', async () => {
    await expect(found(['10.0.0.1', 'fd00::1'], true)).rejects.toMatchObject({ code: 'access_denied', retryable: false });
    await expect(found([], true)).rejects.toMatchObject({ code: 'access_denied' });
  });
});
