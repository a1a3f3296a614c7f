import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

interface Attribute { key: string; value: { stringValue?: string; intValue?: number | string } }
interface ExportedSpan { traceId: string; spanId: string; parentSpanId?: string; name: string; attributes: Attribute[]; status: { code?: number }; startTimeUnixNano: string; endTimeUnixNano: string }
interface Exported { resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: ExportedSpan[] }[] }[] }

export interface Span {
  service: string;
  traceId: string;
  spanId: string;
  parent: string | undefined;
  name: string;
  attributes: Record<string, string>;
  failed: boolean;
}

const attributesOf = (attributes: Attribute[]): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(value.stringValue ?? value.intValue ?? '')]));

/** A receiver of OTLP over HTTP, as Jaeger or an OpenTelemetry collector is one; and a target that keeps what headers come. */
export class SpanReceiver {
  readonly spans: Span[] = [];
  readonly traceparents: (string | undefined)[] = [];

  private constructor(private readonly server: Server, readonly url: string) {}

  static async open(): Promise<SpanReceiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new SpanReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      if (request.url !== '/v1/traces') {
        receiver.traceparents.push(request.headers['traceparent']?.toString());
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      void json(request).then((body) => {
        receiver.take(body as Exported);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    return receiver;
  }

  /** The spans of a trace. */
  trace(traceId: string): Span[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private take({ resourceSpans }: Exported): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = attributesOf(resource.attributes)['service.name'] ?? '';
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans).map((span) => ({
        service, traceId: span.traceId, spanId: span.spanId, parent: span.parentSpanId, name: span.name,
        attributes: attributesOf(span.attributes), failed: span.status.code === 2,
      })));
    }
  }
}
