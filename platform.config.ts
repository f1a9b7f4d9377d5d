import { defineConfig } from 'devk'

/** Runs what production runs: the last stage, the command of each image, both replicas. A save rebuilds the image. */
const production = {
  backend: { command: ['uvicorn', 'app.main:app', '--host', '0.0.0.0', '--port', '8000'], sync: [] },
  frontend: { build: { target: 'runner' }, command: ['npm', 'start'], sync: [], replicas: 2 },
}

/** The Todo example, from its production manifests. */
export default defineConfig({
  name: 'todo',
  cluster: { provider: 'kind', workers: 1, ports: [30080] },
  deploy: { manifests: 'examples/todo/k8s' },
  services: {
    backend: {
      image: 'todo-backend',
      build: { context: 'examples/todo/backend', caCertificates: true },
      // Each save is in the container at once, and uvicorn restarts the application.
      command: ['uvicorn', 'app.main:app', '--host', '0.0.0.0', '--port', '8000', '--reload', '--reload-dir', 'app'],
      sync: [
        { from: 'examples/todo/backend/app', to: '/app/app', exclude: ['__pycache__'] },
        {
          // A saved requirement is installed in the container. What was imported before needs a restart of the application.
          from: 'examples/todo/backend/requirements.txt',
          to: '/app/requirements.txt',
          run: [{ command: 'pip install --no-cache-dir -r requirements.txt && touch app/main.py', timeout: '5m' }],
        },
      ],
      env: { GROQ_BASE_URL: 'http://groq:8080' },
      ports: ['8000'],
      // It retries until they answer, as it must in production, so it can start at the same time.
      dependsOn: [
        { name: 'postgres', wait: false },
        { name: 'groq', wait: false },
      ],
    },
    frontend: {
      image: 'todo-frontend',
      build: {
        context: 'examples/todo/frontend',
        // The stage with the sources. next dev serves them, so neither up nor a save needs a production build.
        target: 'source',
        args: { NEXT_PUBLIC_API_URL: 'http://backend-service:8000' },
        caCertificates: true,
      },
      command: ['npm', 'run', 'dev'],
      sync: [{ from: 'examples/todo/frontend/app', to: '/app/app' }],
      // A development server compiles on demand, so all requests of a browser must reach the same one.
      replicas: 1,
      url: 'http://localhost:30080',
      dependsOn: [{ name: 'backend', wait: false }],
    },
  },
  // External in production too: the application reads DATABASE_URL and an address.
  externals: {
    postgres: {
      image: 'postgres:17',
      port: 5432,
      env: { POSTGRES_USER: 'todo', POSTGRES_DB: 'todo', PGDATA: '/var/lib/postgresql/data/pgdata' },
      secret: {
        fromEnvFile: 'examples/todo/.env',
        orElse: 'examples/todo/.env.example',
        keys: ['POSTGRES_PASSWORD'],
      },
      volume: '/var/lib/postgresql/data',
    },
    groq: {
      build: { context: 'examples/todo/ai' },
      port: 8080,
      secret: { fromEnvFile: 'examples/todo/.env', orElse: 'examples/todo/.env.example', keys: ['GROQ_API_KEY'] },
    },
  },
  secrets: {
    'todo-secrets': {
      fromEnvFile: 'examples/todo/.env',
      orElse: 'examples/todo/.env.example',
      keys: ['DATABASE_URL', 'GROQ_API_KEY'],
    },
  },
  profiles: {
    production: { services: production },
    // Production with what the record plans for later: ingress, autoscaling, metrics, dashboards, traces and logs.
    platform: {
      profile: 'full',
      deploy: { manifests: ['examples/todo/k8s', 'examples/todo/platform'] },
      services: {
        backend: { ...production.backend, presetEnv: ['jaeger'] },
        frontend: { ...production.frontend, presetEnv: ['jaeger'] },
      },
    },
  },
})
