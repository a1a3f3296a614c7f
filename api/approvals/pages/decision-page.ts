import { html, type Html } from '../../../platform/html';
import { markdownHtml } from '../../../platform/markdown';
import { isFinal, type ApprovalState } from '../../../domain/approval/state';
import { personTime } from '../../../platform/person-time';
import { possibleAnswers, type PossibleAnswer } from './answers';
import { decisionSection, delegationNote } from './decision-html';
import { documentHtml, pageBytes } from './document';
import { evidenceSection, excerpt, type Measure } from './evidence-html';
import type { Sent } from './form-fields';
import { peopleSection } from './people-html';
import { receiptSection, type DoneWord } from './receipt-html';
import type { Scene } from './scene';

/** What the page says beside the request itself. */
export interface Occasion {
  /** Why an act did not count. */
  problem?: string;
  done: DoneWord | null;
  /** What was typed, so that nobody types it twice. */
  sent: Sent;
}

/** From all that people want to see down to what fits. */
const measures: readonly Measure[] = [
  { characters: 4_000, lines: 60, rows: 20, people: 20 },
  { characters: 1_500, lines: 20, rows: 8, people: 12 },
  { characters: 400, lines: 6, rows: 3, people: 6 },
  // A list of links, at last without names.
  { characters: 0, lines: 0, rows: 0, people: 3 },
  { characters: 0, lines: 0, rows: 0, people: 0 },
];

/** The page on which somebody decides, with as much of everything as fits under 20 KB. */
export function decisionPage(scene: Scene, occasion: Occasion, base: string): string {
  const { row, reviewer, now } = scene;
  const possible = possibleAnswers(row.state, reviewer.person, now);
  let page = '';
  for (const measure of measures) {
    page = documentHtml(`${statusWords(row.state)}: ${row.title}`, content(scene, occasion, possible, measure), base);
    if (Buffer.byteLength(page) < pageBytes) break;
  }
  return page;
}

const content = (scene: Scene, { problem, done, sent }: Occasion, possible: PossibleAnswer[], measure: Measure): Html => html`
${problem !== undefined && html`<section class="alert" role="alert"><h2>This did not count</h2><p>${problem}</p></section>`}
${questionSection(scene, possible, measure)}
${requesterSection(scene)}
${evidenceSection(scene, measure)}
${riskSection(scene)}
${peopleSection(scene, measure.people)}
${decisionSection(scene, possible, sent, measure.characters === 0)}
${receiptSection(scene, done)}`;

function questionSection({ row }: Scene, possible: PossibleAnswer[], { characters }: Measure): Html {
  const { description = '' } = row.request;
  return html`<header><p>Approval · <span class="tag ${toneOf(row.state)}">${statusWords(row.state)}</span></p><h1>${row.title}</h1></header>
${(description !== '' || possible.length > 0) && html`<section aria-labelledby="question"><h2 id="question">The question</h2>
${markdownHtml(excerpt(description, characters))}${description.length > characters && html`<p><a href="description">Read all of it</a></p>`}
${possible.length > 0 && html`<dl>${possible.map(({ label, follows }) => html`<dt>${label}</dt><dd>${follows}</dd>`)}</dl>`}</section>`}`;
}

function requesterSection(scene: Scene): Html {
  const { row, reviewer } = scene;
  const note = delegationNote(scene);
  return html`<section aria-labelledby="requester"><h2 id="requester">Requested by</h2>
<p><b>${row.requester}</b> on ${personTime(row.createdAt.getTime(), row.state.timetable.timeZone)}${row.task !== null && html`, for the step <code>${row.task}</code> of run <code>${row.runId}</code>`}.</p>
<p class="soft">You are ${reviewer.person}.${note !== null && ` ${note}`}</p></section>`;
}

const risks = { low: ['ok', 'Low'], medium: ['wait', 'Medium'], high: ['no', 'High'] } as const;

function riskSection({ row: { risk } }: Scene): Html {
  const [tone, words] = risk === null || risk === undefined ? ['soft', 'Not stated'] : risks[risk];
  return html`<section aria-labelledby="risk"><h2 id="risk">Risk</h2><p><span class="tag ${tone}">${words}</span></p></section>`;
}

function statusWords({ status }: ApprovalState): string {
  switch (status) {
    case 'open': return 'Waiting for a decision';
    case 'changes_requested': return 'Waiting for changes';
    case 'approved': return 'Approved';
    case 'rejected': return 'Rejected';
    case 'expired': return 'Expired';
    case 'withdrawn': return 'Withdrawn';
  }
}

const toneOf = (state: ApprovalState): string => (!isFinal(state) ? 'wait' : state.status === 'approved' ? 'ok' : 'no');
