import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger';
import { productVersion } from './package-root';

const closeTimeoutMs = 3_000;

export interface SpanIds {
  traceId: string;
  spanId: string;
}

/**
 * Sends all spans of this process, in batches, to a receiver of OTLP over HTTP. The packages for that are loaded here
 * and not before: they cost 20 MB and a tenth of a second, which only those pay who trace.
 * @param chosenIds the ids that the next span is to have; undefined for random ones
 */
export async function exportSpans(endpoint: string, service: string, logger: Logger, chosenIds: () => SpanIds | undefined): Promise<{ close(): Promise<void> }> {
  const [{ OTLPTraceExporter }, { Resource }, { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'), import('@opentelemetry/resources'), import('@opentelemetry/sdk-trace-base'),
  ]);
  tellFaults(logger);
  const provider = new BasicTracerProvider({
    resource: new Resource({ 'service.name': service, 'service.version': productVersion() }),
    idGenerator: idsFrom(chosenIds, new RandomIdGenerator()),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }))],
  });
  // Its own way to carry contexts is left out: ours is in place.
  provider.register({ contextManager: null });
  return { close: () => within(closeTimeoutMs, provider.shutdown().catch((error: unknown) => { logger.warn('the last spans were lost', { error }); })) };
}

const idsFrom = (chosenIds: () => SpanIds | undefined, random: IdGenerator): IdGenerator => ({
  generateSpanId: () => chosenIds()?.spanId ?? random.generateSpanId(),
  generateTraceId: () => chosenIds()?.traceId ?? random.generateTraceId(),
});

/** A receiver that is away costs spans, and a line in the log; never work. */
function tellFaults(logger: Logger): void {
  const tell = (message: string): void => { logger.warn('spans could not be sent', { reason: message }); };
  const quiet = (): void => undefined;
  diag.setLogger({ error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, timeoutMs); });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
