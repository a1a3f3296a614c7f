import { approvalActRoutes } from './approvals/act-routes';
import { approvalRecordRoutes } from './approvals/record-routes';
import { approvalRoutes } from './approvals/routes';
import { artifactRoutes } from './artifacts/routes';
import { auditRoutes } from './audit/routes';
import { codecRoutes } from './codec/routes';
import { connectionRoutes } from './connections/routes';
import { delegationRoutes } from './delegations/routes';
import { keyRoutes } from './keys/routes';
import { operationRoutes } from './operations/routes';
import { pipelineRoutes } from './pipelines/routes';
import { processorRoutes } from './processors/routes';
import type { Route } from './route';
import { actionRoutes } from './runs/action-routes';
import { explainRoutes } from './runs/explain-routes';
import { logRoutes } from './runs/log-routes';
import { rerunRoutes } from './runs/rerun-routes';
import { runRoutes } from './runs/routes';
import { runTaskRoutes } from './runs/task-routes';
import { schemaRoutes } from './schemas/routes';
import { secretRoutes } from './secrets/routes';

/** Every call of the API. */
export const routes: readonly Route[] = [
  ...keyRoutes, ...auditRoutes, ...pipelineRoutes, ...runRoutes, ...explainRoutes, ...rerunRoutes, ...actionRoutes, ...runTaskRoutes, ...logRoutes, ...artifactRoutes,
  ...approvalRoutes, ...approvalActRoutes, ...approvalRecordRoutes, ...delegationRoutes,
  ...processorRoutes, ...schemaRoutes, ...secretRoutes, ...connectionRoutes, ...codecRoutes, ...operationRoutes,
];
