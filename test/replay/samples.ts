/** Definitions whose runs are recorded: between them, everything that a run can go through. */

export const small = `
name: small
inputs: { names: { type: array, default: [ann, bob, cid] } }
tasks:
  - { id: begin, uses: core.sleep, with: { milliseconds: 1 } }
  - { id: say, needs: [begin], uses: core.log, with: { message: "\${{ tasks.begin.status }} for \${{ inputs.names }}" } }
  - { id: pick, needs: [begin], uses: core.set, with: { first: "\${{ inputs.names[0] }}", count: "\${{ size(inputs.names) }}" } }
  - { id: yes, needs: [pick], if: tasks.pick.output.count == 3, uses: core.noop }
  - { id: no, needs: [pick], if: tasks.pick.output.count == 4, uses: core.noop }
  - { id: each, needs: [pick], forEach: { in: "\${{ inputs.names }}", as: name, maxParallel: 2 }, uses: core.sleep, with: { milliseconds: "\${{ index }}" } }
  - { id: greet, needs: [each], forEach: { in: "\${{ inputs.names }}", as: name }, uses: core.set, with: { text: "hello \${{ name }}" } }
  - { id: none, needs: [pick], forEach: { in: [], as: name }, uses: core.noop }
  - { id: end, needs: [say, yes, no, greet, none], if: "!failure() && !cancelled()", uses: core.assert, with: { that: "\${{ size(tasks.greet.output) == 3 }}", message: three } }
outputs:
  first: "\${{ tasks.pick.output.first }}"
  greetings: "\${{ tasks.greet.output }}"
  missing: "\${{ tasks.no.output.value }}"
`;

export const failures = `
name: failures
defaults: { retry: { maxAttempts: 2, initialInterval: 10ms } }
tasks:
  - { id: second_try, uses: core.fail, with: { failAttempts: 1 } }
  - { id: harmless, uses: core.fail, continueOnError: true }
  - { id: after_harmless, needs: [harmless], uses: core.noop }
  - { id: broken, needs: [second_try], uses: core.fail, with: { message: on purpose, retryable: true } }
  - { id: quick_and_wrong, uses: core.assert, with: { that: false, message: never }, continueOnError: true }
  - { id: slow_for_its_time, uses: core.sleep, with: { milliseconds: 5000 }, timeout: 100ms, retry: { maxAttempts: 1 }, continueOnError: true }
  - { id: not_reached, needs: [broken], uses: core.noop }
  - { id: rescue, needs: [broken], if: failure(), uses: core.set, with: { code: "\${{ tasks.broken.error.code }}" } }
  - { id: always_last, needs: [not_reached, rescue], if: always(), uses: core.noop }
  - { id: each, forEach: { in: [true, false, true], as: good, continueOnError: true }, uses: core.assert, with: { that: "\${{ good }}", message: bad item }, continueOnError: true }
  - { id: bad_template, uses: core.set, with: { value: "\${{ 1 / int(size(run.id) - 36) }}" }, continueOnError: true }
outputs: { code: "\${{ tasks.rescue.output.code }}" }
`;

export const failFast = `
name: fail-fast
failFast: true
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 } }
  - { id: broken, uses: core.fail }
  - { id: cleanup, needs: [slow], if: always(), uses: core.noop }
`;

/** @param more a further field of the pipeline */
export const cleanUp = (name: string, more = ''): string => `
name: ${name}
inputs: { patience: { type: string, default: 4s } }
${more}
tasks:
  - { id: slow, uses: core.sleep, with: { milliseconds: 60000 } }
  - { id: waits, uses: core.wait, with: { duration: "\${{ inputs.patience }}" } }
  - { id: next, needs: [slow], uses: core.noop }
  - { id: cleanup, needs: [next, waits], if: always(), uses: core.sleep, with: { milliseconds: 1 } }
  - { id: on_cancel, needs: [slow], if: cancelled(), uses: core.noop }
`;

export const retried = `
name: retried
tasks:
  - { id: flaky, uses: core.fail, with: { failAttempts: 1 }, retry: { maxAttempts: 1 } }
  - { id: after, needs: [flaky], uses: core.noop }
  - { id: hold, uses: core.wait, with: { duration: 2s } }
`;

export const child = `
name: child
inputs: { number: { type: integer } }
tasks:
  - { id: double, uses: core.set, with: { value: "\${{ inputs.number * 2 }}" } }
outputs: { value: "\${{ tasks.double.output.value }}" }
`;

export const parent = `
name: parent
tasks:
  - { id: hold, uses: core.wait, with: { duration: 200ms } }
  - { id: call, needs: [hold], uses: pipeline.run, with: { pipeline: child, inputs: { number: 4 } } }
outputs: { value: "\${{ tasks.call.output.value }}" }
`;

export const door = `
name: door
inputs: { who: { type: string, required: true } }
concurrency: { key: only, limit: 1, whenFull: queue }
tasks:
  - { id: work, uses: core.sleep, with: { milliseconds: 500 } }
  - { id: say, needs: [work], uses: core.set, with: { said: "hello \${{ inputs.who }}" } }
outputs: { said: "\${{ tasks.say.output.said }}" }
`;

interface SampleTask { id: string; uses: string; needs?: string[]; if?: string; with?: object; forEach?: object }
const document = (name: string, tasks: SampleTask[], outputs: object = {}): string => JSON.stringify({ name, tasks, outputs });
const several = (count: number, make: (index: number) => SampleTask): SampleTask[] => Array.from({ length: count }, (_, index) => make(index));

/** Few tasks with long texts are a large plan as well, and leave a short history. */
const longText = 'x'.repeat(1_500);

export const large = document('large', [
  ...several(50, (index) => ({ id: `line_${index}`, uses: 'core.log', with: { message: longText } })),
  ...several(30, (index) => ({ id: `behind_${index}`, uses: 'core.sleep', needs: [`line_${index}`, `line_${index + 20}`], with: { milliseconds: index } })),
  { id: 'number', uses: 'core.set', with: { value: 20 } },
  { id: 'read', uses: 'core.set', needs: ['number'], with: { value: '${{ tasks.number.output.value + 1 }}' } },
  { id: 'yes', uses: 'core.noop', needs: ['read'], if: 'tasks.read.output.value == 21' },
  { id: 'no', uses: 'core.noop', needs: ['read'], if: 'tasks.read.output.value == 20' },
  { id: 'wait', uses: 'core.wait', needs: ['yes'], with: { duration: '100ms' } },
  { id: 'broken', uses: 'core.fail', with: { message: 'on purpose' } },
  { id: 'not_reached', uses: 'core.noop', needs: ['broken'] },
  { id: 'each', uses: 'core.set', needs: ['read'], with: { item: '${{ item }}' }, forEach: { in: ['a', 'b'], as: 'item' } },
], { value: '${{ tasks.read.output.value }}' });

export const largeSlow = document('large-slow', [
  ...several(60, (index) => ({ id: `slow_${index}`, uses: 'core.sleep', with: { milliseconds: 60_000 } })),
  ...several(50, (index) => ({ id: `line_${index}`, uses: 'core.log', needs: ['slow_0'], with: { message: longText } })),
]);

export const slowChild = `
name: slow-child
tasks: [ { id: hold, uses: core.wait, with: { duration: 60s } } ]
outputs: { done: true }
`;

const approvers = { approvers: { users: ['ann'] } };

export const asking = document('asking', [
  { id: 'go', uses: 'approval', with: { title: 'Go?', policy: approvers, deadline: '1h', reminders: { first: '1s' } } },
  { id: 'stop', needs: ['go'], uses: 'approval', with: { title: 'Stop?', policy: approvers } },
]);

/** Long enough that its run continues as new: layers fill its history, and behind them it hands every task to a batch. */
export const chain = document('chain', [
  { id: 'hold', uses: 'core.wait', with: { duration: '60s' } },
  { id: 'call', uses: 'pipeline.run', with: { pipeline: 'slow-child' } },
  { id: 'ask', uses: 'approval', with: { title: 'Go on?', policy: approvers, deadline: '60s', onReject: 'continue' } },
  ...several(45 * 20, (index) => ({
    id: `step_${index}`, uses: 'core.sleep', with: { milliseconds: 0 },
    ...(index >= 20 && { needs: [0, 1, 7].map((other) => `step_${20 * Math.floor(index / 20 - 1) + ((index + other) % 20)}`) }),
  })),
  ...several(110, (index) => ({ id: `link_${index}`, uses: 'core.noop', needs: [index > 0 ? `link_${index - 1}` : 'step_899'] })),
]);
