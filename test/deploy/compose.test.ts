import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema, loadConfig } from '../../platform/config';
import { packageRoot } from '../../platform/package-root';
import { readCompose, requiredVariables } from './compose-file';
import { settingsOf } from './settings';
import { dockerStages, imageCopies, imageEnvironment } from './image';

const root = packageRoot();
const fileText = (name: string): string => readFileSync(join(root, name), 'utf8');
const settings = settingsOf('0123456789abcdef');
const compose = readCompose(settings);
const services = Object.entries(compose.services);
const hasCompose = spawnSync('docker-compose', ['version', '--short']).status === 0;
const withCompose = hasCompose ? test : test.skip;
const unless = hasCompose ? '' : ' (skipped: there is no docker-compose here)';

const mergedSchema = z.object({ services: z.object({ worker: z.object({ environment: z.record(z.string(), z.unknown()), volumes: z.array(z.string()) }) }) });
const readMerged = (text: string) => mergedSchema.parse(parse(text));

describe('docker-compose.yml', () => {
  const check = (variables: Record<string, string>) =>
    spawnSync('docker-compose', ['--env-file', '.env.example', 'config', '--quiet'], { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'], ...variables } });

  withCompose(`is accepted by docker-compose config, with what .env.example asks for${unless}`, () => {
    expect(check(settings)).toMatchObject({ status: 0, stderr: '' });
  });

  withCompose(`is refused by docker-compose while .env is as .env.example is${unless}`, () => {
    const { status, stderr } = check({});
    expect(status).not.toBe(0);
    expect(stderr).toContain('.env.example');
  });

  test('has no secret of its own: each is asked for by name, and .env.example says how to make it', () => {
    expect(requiredVariables()).toEqual(['DATAMCP_BOOTSTRAP_ADMIN_KEY', 'DATAMCP_SECRETS_KEY', 'GRAFANA_ADMIN_PASSWORD', 'POSTGRES_PASSWORD']);
    for (const name of requiredVariables()) {
      expect(() => readCompose({ ...settings, [name]: '' })).toThrow(name);
      expect(fileText('.env.example')).toMatch(new RegExp(`^${name}=$`, 'm'));
    }
    expect(fileText('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env', 'deploy/secrets/']));
  });

  test.each(services)('%s: everything that it depends on and mounts exists, and ports are published on this machine only', (_, service) => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on)));
    const mounted = service.volumes.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('.'));
    expect(mounted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(service.ports.filter((each) => !each.startsWith('127.0.0.1:'))).toEqual([]);
    expect(service.image).toMatch(/:(local|[\w.-]*\d[\w.-]*)$/);
  });

  test('every variable that it gives to our processes is one that they know, in a configuration that production accepts', () => {
    const known = fileText('docs/configuration.md');
    for (const name of ['setup', 'api', 'worker']) {
      const environment = { ...imageEnvironment(), ...compose.services[name]?.environment };
      expect(Object.keys(environment).filter((variable) => !known.includes(`\`${variable}\``) && variable !== 'NODE_ENV')).toEqual([]);
      expect(loadConfig(environment).DATAMCP_ENV).toBe('production');
    }
  });

  test('.env reaches every variable but those that the image sets, that need files of their own, or that are fixed here', () => {
    const elsewhere = [
      'TEMPORAL_API_KEY', 'TEMPORAL_TASK_QUEUE', 'DATAMCP_SECRETS_DIR', 'DATAMCP_DATA_DIRS', 'DATAMCP_TRUST_SIGNALS',
      'DATAMCP_SHELL_PROGRAMS', 'PATH', 'DATAMCP_PLUGINS',
    ];
    const given = new Set([...Object.keys(imageEnvironment()), ...Object.keys(compose.services['api']?.environment ?? {})]);
    expect(Object.keys(configSchema.shape).filter((name) => !given.has(name))).toEqual(elsewhere);
    expect(readCompose({ ...settings, DATAMCP_RETENTION_RUNS_DAYS: '7' }).services['worker']?.environment['DATAMCP_RETENTION_RUNS_DAYS']).toBe('7');
  });

  withCompose(`is accepted by docker-compose config with the additions that the documentation shows${unless}`, () => {
    const [, additions = ''] = /```yml\n([^]*?)```/.exec(fileText('docs/deployment.md').replaceAll(/^ {3}/gm, '')) ?? [];
    const file = join(mkdtempSync(join(tmpdir(), 'datamcp-compose-')), 'docker-compose.override.yml');
    writeFileSync(file, additions);
    const { status, stdout, stderr } = spawnSync('docker-compose', ['--env-file', '.env.example', '-f', 'docker-compose.yml', '-f', file, 'config'], {
      cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'], ...settings },
    });
    rmSync(dirname(file), { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { environment, volumes } = readMerged(stdout).services.worker;
    expect(environment).toMatchObject({ DATAMCP_PLUGINS: '/srv/processors', TEMPORAL_ADDRESS: 'temporal:7233' });
    expect(volumes).toEqual(expect.arrayContaining([expect.stringContaining(':/srv/processors:ro'), expect.stringContaining('/var/lib/datamcp/artifacts')]));
  });

  test('two workers share the artifacts with the API', () => {
    expect(compose.services['worker']?.scale).toBe(2);
    for (const name of ['api', 'worker']) expect(compose.services[name]?.volumes).toEqual(['artifacts:/var/lib/datamcp/artifacts']);
  });

  test('Prometheus asks every process of ours and Temporal where they listen', () => {
    const { scrape_configs: jobs } = parse(fileText('deploy/compose/prometheus.yml'));
    expect(JSON.stringify(jobs)).toContain(`api:${imageEnvironment()['DATAMCP_API_PORT']}`);
    expect(JSON.stringify(jobs)).toContain(`"port":${imageEnvironment()['DATAMCP_WORKER_HEALTH_PORT']}`);
    expect(compose.services['temporal']?.environment['PROMETHEUS_ENDPOINT']).toContain(':9090');
  });
});

describe('the Dockerfile', () => {
  const image = dockerStages().at(-1) ?? [];
  const all = dockerStages().flat();

  test('ends in an image that runs as an ordinary user, checks its health and holds packages of production only', () => {
    expect(image.filter(({ word }) => word === 'USER').map(({ rest }) => rest)).toEqual(['node']);
    expect(image.some(({ word }) => word === 'HEALTHCHECK')).toBe(true);
    expect(image.filter(({ rest }) => rest.includes('npm'))).toEqual([]);
    expect(all.some(({ rest }) => rest.includes('npm ci --omit=dev'))).toBe(true);
  });

  test('copies what exists, and nothing that could hold a secret', () => {
    expect(imageCopies().filter(({ from }) => !existsSync(join(root, from)))).toEqual([]);
    expect(all.filter(({ word }) => word === 'ARG')).toEqual([]);
    expect(Object.keys(imageEnvironment()).filter((name) => /KEY|SECRET|PASSWORD|TOKEN/.test(name))).toEqual([]);
    const context = fileText('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(context[0]).toBe('*');
    expect(context.filter((line) => /env|datamcp|secrets|git$/.test(line))).toEqual([]);
  });
});
