import { signatureHeaders } from './http-signature';

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
