import { isFromSlack, isGenuine, signatureHeaders } from './http-signature';

describe('the signature of a delivery', () => {
  it('is the one that the specification of Standard Webhooks gives as its example', () => {
    const delivery = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: new Date(1614265330_000), body: '{"test": 2432232314}' };
    expect(signatureHeaders(delivery, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual({
      'webhook-id': delivery.id, 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('differs by id, time, body and secret', () => {
    const delivery = { id: 'a', at: new Date(1_000_000), body: '{}' };
    const signatures = [
      signatureHeaders(delivery, 'one'), signatureHeaders(delivery, 'two'), signatureHeaders({ ...delivery, id: 'b' }, 'one'),
      signatureHeaders({ ...delivery, at: new Date(2_000_000) }, 'one'), signatureHeaders({ ...delivery, body: '[]' }, 'one'),
    ].map((headers) => headers['webhook-signature']);
    expect(new Set(signatures).size).toBe(5);
  });
});

describe('what is received', () => {
  const at = new Date(1614265330_000);
  const headers = signatureHeaders({ id: 'msg_1', at, body: '{}' }, 'a secret');
  const received = { id: 'msg_1', timestamp: headers['webhook-timestamp'] ?? '', signature: headers['webhook-signature'] ?? '', body: '{}' };
  const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1_000);

  it('is genuine for five minutes, under one signature of several', () => {
    expect(isGenuine(received, 'a secret', at)).toBe(true);
    expect(isGenuine({ ...received, signature: `v1,old ${received.signature}` }, 'a secret', later(300))).toBe(true);
    expect(isGenuine(received, 'a secret', later(301))).toBe(false);
    expect(isGenuine(received, 'a secret', later(-301))).toBe(false);
  });

  it.each([
    ['another id', { id: 'msg_2' }], ['another body', { body: '{ }' }], ['another time', { timestamp: '1614265331' }], ['no time', { timestamp: '' }], ['no signature', { signature: '' }],
    ['an old version', { signature: received.signature.replace('v1,', 'v0,') }],
  ])('is not genuine with %s', (_what, change) => {
    expect(isGenuine({ ...received, ...change }, 'a secret', at)).toBe(false);
  });

  it('is from Slack as the example of its documentation is', () => {
    const body = 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const example = { timestamp: '1531420618', signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503', body };
    expect(isFromSlack(example, '8f742231b10e8888abcd99yyyzzz85a5', new Date(1531420618_000))).toBe(true);
    expect(isFromSlack(example, '8f742231b10e8888abcd99yyyzzz85a5', new Date(1531420618_000 + 301_000))).toBe(false);
    expect(isFromSlack({ ...example, body: `${body}&x=1` }, '8f742231b10e8888abcd99yyyzzz85a5', new Date(1531420618_000))).toBe(false);
  });
});
