import { nodeServer, postgres, pythonServer, type Running, rabbitmq, redis } from './running.ts'

/** Repositories with a Compose file or Dockerfiles, and no manifests. */
export const composed: readonly Running[] = [
  {
    about: 'Compose: a server for Node with PostgreSQL and Redis',
    files: {
      'compose.yaml': `services:
  web:
    build: ./web
    command: npm run dev
    ports: ["3000:3000"]
    env_file: .env
    environment: { DB_HOST: db, CACHE_HOST: cache }
    volumes: ["./web:/app", "/app/node_modules"]
    depends_on:
      db: { condition: service_healthy }
      cache: { condition: service_started }
  db:
    image: postgres:17-alpine
    restart: always
    environment: { POSTGRES_USER: shop, POSTGRES_PASSWORD: secret, POSTGRES_DB: shop }
    volumes: ["data:/var/lib/postgresql/data", "./db/init.sql:/docker-entrypoint-initdb.d/init.sql:ro"]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"]
      interval: 2s
      retries: 30
  cache:
    image: redis:7-alpine
    command: redis-server --save "" --appendonly no
volumes: { data: {} }
`,
      '.env': 'GREETING=hello\n',
      'db/init.sql': 'CREATE TABLE item (id int);\n',
      'web/Dockerfile': 'FROM node:22-alpine\nWORKDIR /app\nCOPY package.json ./\nCOPY . .\nCMD ["npm", "start"]\n',
      'web/package.json': JSON.stringify({
        name: 'web',
        scripts: { start: 'node server.js', dev: 'node --watch server.js' },
      }),
      'web/server.js': nodeServer(3000, 'one', { DB_HOST: postgres, CACHE_HOST: redis }),
    },
    answers: { 'http://localhost:3000': /^one DB_HOST=N CACHE_HOST=\+PONG$/ },
    save: { file: 'web/server.js', from: "'one'", to: "'two'", url: 'http://localhost:3000', answer: /^two DB_HOST=N/ },
  },
  {
    about: 'Compose: Python at the root, with a worker of the same image, RabbitMQ and a Job that others wait for',
    files: {
      'docker-compose.yml': `version: "3.8"
x-app: &app
  build: .
  environment:
    - BROKER_HOST=broker
    - API_TOKEN=\${API_TOKEN:-none}
services:
  api:
    <<: *app
    command: ["python", "-u", "app.py"]
    ports: ["8085:8000"]
    depends_on:
      migrate: { condition: service_completed_successfully }
      broker: { condition: service_healthy }
    develop:
      watch:
        - { action: sync+restart, path: ./app.py, target: /srv/app.py }
  worker:
    <<: *app
    command: python -u worker.py
    depends_on: [broker]
  migrate:
    <<: *app
    command: python -c "print('migrated')"
  broker:
    image: rabbitmq:3-management
    ports: ["15672:15672"]
    healthcheck: { test: rabbitmq-diagnostics -q ping, interval: 5s, timeout: 20s, retries: 20 }
`,
      Dockerfile:
        'FROM python:3.12-slim\nWORKDIR /srv\nCOPY app.py worker.py ./\nEXPOSE 8000\nCMD ["python", "app.py"]\n',
      'app.py': pythonServer(8000, 'one'),
      'worker.py': `import os, socket, time
while True:
    with socket.create_connection((os.environ['BROKER_HOST'], ${rabbitmq.port}), 30) as broker:
        broker.sendall(bytes.fromhex('${rabbitmq.hex}'))
        print(broker.recv(1), flush=True)
    time.sleep(5)
`,
    },
    answers: { 'http://localhost:8085': /^one$/, 'http://localhost:15672': /RabbitMQ/ },
    save: { file: 'app.py', from: "'one'", to: "'two'", url: 'http://localhost:8085', answer: /^two$/ },
  },
  {
    about: 'Dockerfiles alone: a server for Node at the root and one for Python in a folder',
    files: {
      Dockerfile: `FROM node:22-slim AS build
WORKDIR /src
COPY package.json .
COPY server.js .
FROM node:22-slim
ENV PORT=3000
WORKDIR /src
COPY --from=build /src .
EXPOSE $PORT
USER node
CMD ["node", "server.js"]
`,
      'package.json': '{ "name": "front" }',
      'server.js': nodeServer(3000, 'front'),
      'service/Dockerfile': 'FROM python:3.12-slim\nCOPY . /srv\nEXPOSE 9000/tcp\nCMD python /srv/app.py\n',
      'service/app.py': pythonServer(9000, 'one'),
    },
    answers: { 'http://localhost:3000': /^front$/, 'http://localhost:9000': /^one$/ },
    save: { file: 'service/app.py', from: "'one'", to: "'two'", url: 'http://localhost:9000', answer: /^two$/ },
  },
]
