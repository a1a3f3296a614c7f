import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunView } from '../../domain/pipeline/run';
import { CliStage } from '../cli/cli-stage';
import { schemathesis } from './schemathesis';

/** A run that has made a file, and one that stays open while it is paused, resumed and looked at. */
const pipelines = {
  'made.yaml': 'name: made\ntasks:\n  - { id: make, uses: duckdb.query, with: { sql: "select 42 as answer", save: answer.csv } }\n',
  'open.yaml': 'name: open\ntasks:\n  - { id: nap, uses: core.sleep, with: { milliseconds: 600000 }, timeout: 20m }\n',
};

/** The ids of things that are there: random ones would be told 404 before anything else could go wrong. */
const settings = (ids: { open: string; ended: string; again: string; artifact: string; approval: string; withdrawn: string }): string => `
[checks.positive_data_acceptance]
# What a definition, a cursor or a time may be is more than a schema can say.
expected-statuses = ["2xx", 401, 403, 404, 409, 412, 416, 422]

[parameters]
"path.id" = "${ids.open}"
"path.name" = "open"
"path.task" = "nap"
"path.version" = 1

[[operations]]
include-path = "/v1/artifacts/{id}"
parameters = { "path.id" = "${ids.artifact}" }

[[operations]]
include-path = "/v1/runs/{id}/rerun"
parameters = { "path.id" = "${ids.ended}", "path.task" = "make" }

[[operations]]
include-path = "/v1/runs/{id}/diff"
parameters = { "path.id" = "${ids.again}", "query.with" = "${ids.ended}" }

[[operations]]
include-path = "/v1/runs/{id}/explain"
parameters = { "query.task" = "nap" }

[[operations]]
include-path-regex = "^/v1/approvals/.*/(decisions|comments|changes|evidence|revoke|delegate|remind|escalate|credential|record)$"
parameters = { "path.id" = "${ids.approval}" }

[[operations]]
include-path = "/v1/approvals/{id}"
parameters = { "path.id" = "${ids.approval}" }

[[operations]]
include-path-regex = "^/v1/approvals/.*/(withdraw|record/personal)$"
parameters = { "path.id" = "${ids.withdrawn}" }

[[operations]]
# What has been deleted is not there a second time.
include-path = "/v1/delegations/{id}"
checks.ensure_resource_availability.enabled = false

[[operations]]
include-path-regex = "^/v1/secrets/"
parameters = { "path.name" = "TOKEN" }

[[operations]]
include-path-regex = "^/v1/connections/"
parameters = { "path.name" = "warehouse" }

[[operations]]
include-path = "/v1/processors/{name}"
parameters = { "path.name" = "core.log" }

[[operations]]
# A pipeline may be called "validate": the other methods of its path are right.
include-path = "/v1/pipelines/validate"
checks.allow_header_conformance.enabled = false
`;

test('schemathesis finds no answer that the description does not have, and none above 500', async () => {
  const key32 = () => randomBytes(32).toString('base64');
  const stage = await CliStage.open({ DATAMCP_SECRETS_KEY: key32(), DATAMCP_PAYLOAD_KEYS: key32() });
  try {
    for (const [name, document] of Object.entries(pipelines)) stage.write(name, document);
    const { document: ended } = await stage.json<RunView>('run', 'made.yaml', '--wait');
    expect(ended).toMatchObject({ status: 'succeeded', error: null });
    const { document: again } = await stage.json<RunView>('run', 'made.yaml', '--wait');
    const { document: { items: [artifact] } } = await stage.json<{ items: { id: string }[] }>('runs', 'artifacts', '@last');
    const { document: open } = await stage.json<RunView>('run', 'open.yaml');
    await stage.api.call('PUT', '/v1/secrets/TOKEN', { body: { value: 'a value of a secret' } });
    await stage.api.call('PUT', '/v1/connections/warehouse', { body: { kind: 'postgres', host: '127.0.0.1', port: 1, database: 'none', user: 'nobody', tls: 'off' } });
    const key = await stage.api.keyWith('admin');
    // Decided by no vote of one person, so that it stays open for all that is tried.
    const asked = { title: 'Publish', policy: { approvers: { users: ['admin', 'with-admin'] }, quorum: 2, rejection: 'majority', requesterMayDecide: true }, evidence: [{ title: 'report', text: 'one' }] };
    const [approval, withdrawn] = await Promise.all([asked, asked].map(async (body) => String((await stage.api.call('POST', '/v1/approvals', { key, body })).body['id'])));
    writeFileSync(join(stage.folder, 'schemathesis.toml'), settings({ open: open.id, ended: ended.id, again: again.id, artifact: artifact?.id ?? '', approval: approval ?? '', withdrawn: withdrawn ?? '' }));
    const { report, status } = await schemathesis(stage.folder, [
      '--config-file', 'schemathesis.toml', 'run', `${stage.api.url}/openapi.json`, '--header', `Authorization: Bearer ${key}`,
      '--seed', '1', '--max-examples', '10', '--generation-database', 'none', '--request-timeout', '30', '--no-color',
      // It would revoke the key that it uses. Reading what is archived is not using what is deleted.
      '--exclude-path', '/v1/keys/{id}', '--exclude-checks', 'use_after_free',
    ]);
    expect(status === 0 ? '' : report).toBe('');
    expect(Number(/(\d+) generated/.exec(report)?.[1])).toBeGreaterThan(1_000);
  } finally {
    await stage.close();
  }
}, 600_000);
