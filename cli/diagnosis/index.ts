import type { Cli } from '../cli';
import { ApiClient } from '../client';
import { sleep } from '../retry';
import { key, reach, version } from './connection';
import type { Finding } from './finding';
import { health, queues } from './installation';
import { configuration, localStack } from './local-stack';

/** Looks at everything between here and the workers, nearest first. Does not throw: what fails is a finding. */
export async function examine(cli: Cli): Promise<Finding[]> {
  const { target, host } = cli;
  const client = new ApiClient(target, host.version, { attempts: 1, firstDelayMs: 0, maxDelayMs: 0 }, sleep);
  const [config, stack, api] = await Promise.all([configuration(target), localStack(target), reach(client, host.nowMs)]);
  const here = [...config, ...stack, ...api];
  // What cannot be asked has nothing to tell.
  if (api.some(({ status }) => status === 'fail')) return here;
  const components = await health(client);
  if (components.some(({ name, status }) => name === 'postgres' && status === 'fail')) return [...here, ...components];
  const [ofVersion, ofKey, ofQueues] = await Promise.all([version(client, host.version), key(client, host.nowMs), queues(client)]);
  return [...here, ...ofVersion, ...ofKey, ...components, ...ofQueues];
}
