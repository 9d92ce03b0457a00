# docker build -f infra/docker/setup.Dockerfile -t freshet/setup .   (from the top of the repository)
# Prepares what the services stand on, then ends: database, roles and schemas, migrations, topics, demo data. Idempotent.
FROM node:24.21.0-slim AS install
WORKDIR /app
COPY package.json pnpm-workspace.yaml pnpm-lock.yaml ./
COPY patches patches
COPY packages packages
COPY infra infra
COPY services services
# Its topics, like the services', are declared in its service.json.
COPY gateway/service.json gateway/service.json
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --prod --filter-prod @freshet/cli... --filter-prod "{services/*}..."

FROM node:24.21.0-slim
ENV NODE_ENV=production SEED_SCALE=s
WORKDIR /app
COPY --from=install /app /app
# The command keeps its locks and logs there.
RUN mkdir --mode=1777 .freshet
USER node
CMD ["sh", "-c", "node packages/cli/src/main.ts up && node packages/cli/src/main.ts seed --scale \"$SEED_SCALE\""]
