import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { DUMMY_ACCOUNT } from '@20minutes/s3rver/lib/models/account';
import { artifactFiles, type ArtifactFiles } from '../../platform/artifact-files';
import { loadConfig } from '../../platform/config';
import { testEnvironment } from '../harness/environment';

export const credentials = { DATAMCP_ARTIFACTS_KEY_ID: 'artifacts-test', DATAMCP_ARTIFACTS_SECRET_KEY: 'no-secret-of-anybody' };
const bucket = 'artifacts';

/** A real S3 server on this machine, with one bucket. */
export class S3Server {
  private constructor(private readonly server: S3rver, readonly url: string, readonly directory: string) {}

  static async start(): Promise<S3Server> {
    DUMMY_ACCOUNT.createKeyPair(credentials.DATAMCP_ARTIFACTS_KEY_ID, credentials.DATAMCP_ARTIFACTS_SECRET_KEY);
    const directory = await testFolder('s3');
    const server = new S3rver({ address: '127.0.0.1', port: 0, directory, silent: true, vhostBuckets: false, configureBuckets: [{ name: bucket }] });
    const { port } = await server.run();
    return new S3Server(server, `http://127.0.0.1:${port}`, directory);
  }

  /** Settings for a part of the bucket that nobody else uses. */
  async settings(): Promise<Record<string, string>> {
    return { ...(await bucketSettings(this.url)), ...credentials };
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

export const testFolder = (name: string): Promise<string> => mkdtemp(join(testEnvironment().TEST_DIR, `${name}-`));

/** Settings of a bucket behind some address, with a cache of its own. */
export const bucketSettings = async (endpoint: string, name = bucket): Promise<Record<string, string>> => ({
  DATAMCP_ARTIFACTS: `s3://${name}/${randomUUID()}?endpoint=${endpoint}&pathStyle=true`,
  DATAMCP_ARTIFACTS_CACHE_DIR: await testFolder('cache'),
});

/** The store that these settings name, as a worker opens it. */
export const storeOf = (settings: Record<string, string>): ArtifactFiles =>
  artifactFiles(loadConfig({ DATABASE_URL: 'postgresql://unused', TEMPORAL_ADDRESS: 'unused:0', ...settings }));

/** Puts a text into a store, as saving an artifact does. */
export async function putText(files: ArtifactFiles, text: string): Promise<{ sha256: string; bytes: number }> {
  const { file, sha256, bytes } = await files.receive(text);
  await files.contents.put(file, { sha256, bytes });
  return { sha256, bytes };
}

export async function emptyFolder(): Promise<string> {
  const folder = join(await testFolder('empty'), 'folder');
  await mkdir(folder);
  return folder;
}
