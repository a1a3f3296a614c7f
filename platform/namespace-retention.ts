/** How long Temporal keeps the histories of workflows that have ended. */
export const namespaceRetentionDays = 30;
