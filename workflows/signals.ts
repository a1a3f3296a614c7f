import { defaultPayloadConverter, rawValueTypeInfo, type Payload, type RawValue } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/encoding';
import { defineSignal, setHandler } from '@temporalio/workflow';
import { errorMessage } from '../domain/errors';
import { encryptedEncoding, isKeyId, keyIdField } from '../domain/encrypted-payload';

/** So many arguments of a signal may be anything; nobody sends more by mistake. */
const mostArguments = 100;
const typeInfo = { inputTypes: Array.from({ length: mostArguments }, () => rawValueTypeInfo) };
const longestReason = 200;

/** In place of an argument that nobody can read: its encoding is unknown, or it is not what that says. */
export class Unreadable {
  constructor(readonly reason: string) {}
}

/**
 * Receives a signal that may bring anything. The SDK decodes arguments before handlers see them, and fails the workflow
 * task over what it cannot: one such signal, sent with Temporal's command line, would stop a workflow for ever.
 * @param handler is given the first argument as it came, or `Unreadable`
 */
export function onSignal(name: string, handler: (argument: unknown) => void | Promise<void>): void {
  setHandler(defineSignal<[RawValue?]>(name, { typeInfo }), (raw) => handler(raw && argumentOf(raw.payload)));
}

/** @throws what makes the workflow task be tried again: the worker lacks the key, as it may while keys are changed */
function argumentOf(payload: Payload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch (error) {
    if (textOf(payload, 'encoding') === encryptedEncoding && isKeyId(textOf(payload, keyIdField))) throw error;
    return new Unreadable(errorMessage(error).slice(0, longestReason));
  }
}

const textOf = ({ metadata }: Payload, field: string): string => (metadata?.[field] ? decode(metadata[field]) : '');
