import { createHash } from 'node:crypto';
import {
  ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, context, isSpanContextValid, trace,
  type Attributes, type Context, type Span, type SpanContext,
} from '@opentelemetry/api';
import './async-context';
import type { Config } from './config';
import type { Logger } from './logger';
import { exportSpans, type SpanIds } from './trace-exporter';

export { SpanKind };

/** Whether this process makes spans. A trace that a caller has begun is passed on in any case. */
let isOn = false;
let chosen: SpanIds | undefined;

export interface Tracing {
  /** Sends what is left, for at most a few seconds. */
  close(): Promise<void>;
}

/** Sends spans to `OTEL_EXPORTER_OTLP_ENDPOINT`; without it nothing of OpenTelemetry's SDK is even loaded. */
export async function startTracing(config: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT'>, service: string, logger: Logger): Promise<Tracing> {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return { close: () => Promise.resolve() };
  const exporting = await exportSpans(config.OTEL_EXPORTER_OTLP_ENDPOINT, service, logger, () => chosen);
  isOn = true;
  return {
    async close() {
      isOn = false;
      await exporting.close();
    },
  };
}

/** W3C Trace Context: version, trace id, parent id, flags. */
const traceparentPattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The context of a caller elsewhere, by its `traceparent`; the empty one when that says nothing. */
export function contextOf(traceparent: string | undefined): Context {
  const [, traceId = '', spanId = '', flags = '00'] = traceparentPattern.exec(traceparent ?? '') ?? [];
  const remote: SpanContext = { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function activeSpan(): SpanContext | undefined {
  const span = trace.getSpanContext(context.active());
  return span && isSpanContextValid(span) ? span : undefined;
}

/** What tells the far end which span is calling; undefined outside of any trace. */
export function traceparent(): string | undefined {
  const span = activeSpan();
  return span && `00-${span.traceId}-${span.spanId}-0${span.traceFlags & TraceFlags.SAMPLED}`;
}

export const traceId = (): string | undefined => activeSpan()?.traceId;

export const inContext = <T>(active: Context, work: () => T): T => context.with(active, work);

export interface SpanOptions {
  kind?: SpanKind;
  /** What the span is part of; that of the caller when absent. */
  parent?: Context;
  attributes?: Attributes;
}

/** Opens a span, which the caller ends, and the context of what happens inside of it. */
export function openSpan(name: string, { kind = SpanKind.INTERNAL, parent = context.active(), attributes = {} }: SpanOptions): { span: Span; inside: Context } {
  if (!isOn) return { span: trace.wrapSpanContext(noSpan), inside: parent };
  const span = trace.getTracer('datamcp').startSpan(name, { kind, attributes }, parent);
  return { span, inside: trace.setSpan(parent, span) };
}

const noSpan: SpanContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: TraceFlags.NONE };

export const markFailed = (span: Span, code: string): void => { span.setStatus({ code: SpanStatusCode.ERROR, message: code }); };

/** Does work inside a span. An error marks the span by its name: its text may hold what does not belong there. */
export async function traced<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const { span, inside } = openSpan(name, options);
  try {
    return await context.with(inside, () => work(span));
  } catch (error) {
    markFailed(span, error instanceof Error ? error.name : 'Error');
    throw error;
  } finally {
    span.end();
  }
}

/**
 * The span of a whole run, as its tasks know it. Its id follows from that of the run, because no process sees both the
 * beginning and the end of a run. A run that no traced request has started is a trace of its own, named like the run.
 */
export function runContext(runId: string): Context {
  const active = context.active();
  if (!isOn) return active;
  const starter = activeSpan();
  const { traceId, spanId } = runSpanIds(runId);
  return trace.setSpanContext(active, {
    traceId: starter?.traceId ?? traceId, spanId, traceFlags: starter?.traceFlags ?? TraceFlags.SAMPLED, isRemote: true,
  });
}

export interface EndedRun {
  runId: string;
  status: string;
  startedAt: Date;
  finishedAt: Date;
}

/** Tells the span of a run when it has ended, under the request that had started it. */
export function traceRun({ runId, status, startedAt, finishedAt }: EndedRun): void {
  if (!isOn) return;
  chosen = runSpanIds(runId);
  const span = trace.getTracer('datamcp').startSpan('run', {
    startTime: startedAt, attributes: { 'datamcp.run.id': runId, 'datamcp.run.status': status },
  });
  chosen = undefined;
  if (status === 'failed' || status === 'timed_out') markFailed(span, status);
  span.end(finishedAt);
}

const runSpanIds = (runId: string): SpanIds => ({
  traceId: runId.replaceAll('-', ''), spanId: createHash('sha256').update(runId).digest('hex').slice(0, 16),
});
